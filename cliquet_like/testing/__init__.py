"""What others need to test against the library: contracts for their backends, a clock. Needs pytest."""

import pytest

# Before the contracts are imported, so that their failures show values as a test module's do.
pytest.register_assert_rewrite("cliquet_like.testing.contracts")

from cliquet_like.testing.clock import FrozenClock  # noqa: E402
from cliquet_like.testing.contracts import (  # noqa: E402
    CacheContract,
    CacheFailuresContract,
    PermissionContract,
    PermissionFailuresContract,
    StorageContract,
    StorageFailuresContract,
)

__all__ = [
    "CacheContract",
    "CacheFailuresContract",
    "FrozenClock",
    "PermissionContract",
    "PermissionFailuresContract",
    "StorageContract",
    "StorageFailuresContract",
]
