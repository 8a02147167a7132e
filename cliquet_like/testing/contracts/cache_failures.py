"""Contract of a cache whose server cannot be reached; apart, for not every backend has a server."""
# ruff: noqa: D102 - the name of a test is its sentence

from collections.abc import Callable
from typing import Any

import pytest

from cliquet_like.cache.base import CacheBase
from cliquet_like.cache.heartbeat import heartbeat
from cliquet_like.drivers.errors import BackendError

CALLS: dict[str, Callable[[CacheBase], Any]] = {
    "flush": lambda cache: cache.flush(),
    "ttl": lambda cache: cache.ttl("key"),
    "expire": lambda cache: cache.expire("key", 1),
    "expire at once": lambda cache: cache.expire("key", 0),
    "set": lambda cache: cache.set("key", 1),
    "set with ttl": lambda cache: cache.set("key", 1, ttl=1),
    "get": lambda cache: cache.get("key"),
    "delete": lambda cache: cache.delete("key"),
}


class CacheFailuresContract:
    """A failing server leaves every method as ``BackendError``."""

    def make_failing_backend(self) -> CacheBase:
        """Hook: a backend whose server cannot be reached. Making it must succeed."""
        raise NotImplementedError

    @pytest.mark.parametrize("name", CALLS)
    def test_every_method_raises_backend_error(self, name: str) -> None:
        backend = self.make_failing_backend()

        with pytest.raises(BackendError):
            CALLS[name](backend)

    @pytest.mark.parametrize("chance", [0.0, 0.9])
    def test_the_heartbeat_answers_false(self, chance: float) -> None:
        ping = heartbeat(self.make_failing_backend(), chance=lambda: chance)

        assert ping(None) is False
