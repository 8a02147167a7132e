"""Contract of a cache whose server cannot be reached; apart, for not every backend has a server."""

from collections.abc import Callable
from typing import Any

from cliquet_like.cache.base import CacheBase
from cliquet_like.cache.heartbeat import heartbeat
from cliquet_like.testing.contracts.failures import FailuresContract

CALLS: dict[str, Callable[[CacheBase], Any]] = {
    "flush": lambda cache: cache.flush(),
    "ttl": lambda cache: cache.ttl("key"),
    "expire": lambda cache: cache.expire("key", 1),
    "expire at once": lambda cache: cache.expire("key", 0),
    "set": lambda cache: cache.set("key", 1),
    "set with ttl": lambda cache: cache.set("key", 1, ttl=1),
    "get": lambda cache: cache.get("key"),
    "pop": lambda cache: cache.pop("key"),
    "delete": lambda cache: cache.delete("key"),
}


class CacheFailuresContract(FailuresContract[CacheBase]):
    """A failing server leaves every method as ``BackendError``."""

    calls = CALLS
    make_ping = staticmethod(heartbeat)
