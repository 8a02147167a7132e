"""Heartbeat of a cache: a small write, or a read where writing is forbidden."""

import random
from collections.abc import Callable
from typing import Any, Final

from pyramid.settings import asbool

from cliquet_like.cache.base import CacheBase
from cliquet_like.drivers.guard import BackendPing, Ping

KEY: Final = "__heartbeat__"
ALIVE: Final = "alive"
TTL_S: Final = 3600
_ADDS_ONLY: Final = 0.9
"""Chance of a heartbeat that only sets: the key expires by itself."""


def heartbeat(backend: CacheBase, *, chance: Callable[[], float] = random.random) -> Ping:
    """Make ``ping(request) -> bool``, which never raises: False, and a logged exception, on failure.

    It sets the key ``__heartbeat__`` and then, as ``chance`` (0 to 1) falls, deletes it; it only
    reads when the setting ``readonly`` is true. The request may be None, which is not read-only.
    """

    def probe(request: Any) -> None:
        if request is not None and asbool(request.registry.settings.get("readonly")):
            backend.get(KEY)
            return
        # A deletion alone proves nothing: a full server may still do it.
        backend.set(KEY, ALIVE, ttl=TTL_S)
        if chance() >= _ADDS_ONLY:
            backend.delete(KEY)

    return BackendPing(probe, name="cache", backend=backend)
