"""Heartbeat of a storage: a small write, or a read where writing is forbidden."""

import random
from collections.abc import Callable
from typing import Any, Final

from pyramid.settings import asbool

from cliquet_like.drivers.guard import BackendPing, Ping
from cliquet_like.storage.base import StorageBase

COLLECTION_ID: Final = "__heartbeat__"
PARENT_ID: Final = "__heartbeat__"
_ADDS_ONLY: Final = 0.98
"""Chance of a heartbeat that only creates: to delete takes five times as long, and a hundred do no harm."""


def heartbeat(backend: StorageBase, *, chance: Callable[[], float] = random.random) -> Ping:
    """Make ``ping(request) -> bool``, which never raises: False, and a logged exception, on failure.

    It creates a record in the collection ``__heartbeat__`` and then, as ``chance`` (0 to 1) falls,
    deletes them all; it only reads when the setting ``readonly`` is true.
    """

    def probe(request: Any) -> None:
        if asbool(request.registry.settings.get("readonly")):
            backend.get_all(COLLECTION_ID, PARENT_ID, limit=1)
            return
        # A deletion alone proves nothing: a full server may still do it, and so may one that
        # cannot write, when there is nothing to delete.
        backend.create(COLLECTION_ID, PARENT_ID, {"alive": True})
        if chance() >= _ADDS_ONLY:
            backend.delete_all(COLLECTION_ID, PARENT_ID, with_deleted=False)

    return BackendPing(probe, name="storage", backend=backend)
