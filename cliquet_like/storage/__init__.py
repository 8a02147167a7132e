"""Storage of records: the contract, its vocabulary, and the backends by name.

``cliquet_like.storage.memory`` and its siblings each have ``Storage`` and ``load_from_config``.
"""

from cliquet_like.storage import exceptions, generators
from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.heartbeat import heartbeat
from cliquet_like.storage.query import (
    ABSENT,
    COMPARISON,
    DEFAULT_DELETED_FIELD,
    DEFAULT_ID_FIELD,
    DEFAULT_MODIFIED_FIELD,
    MISSING,
    Filter,
    Page,
    Sort,
)

__all__ = [
    "ABSENT",
    "COMPARISON",
    "DEFAULT_DELETED_FIELD",
    "DEFAULT_ID_FIELD",
    "DEFAULT_MODIFIED_FIELD",
    "MISSING",
    "Filter",
    "Page",
    "Sort",
    "StorageBase",
    "exceptions",
    "generators",
    "heartbeat",
]
