"""Every cache backend against the published contract."""

import pytest

from cliquet_like.cache import memory
from cliquet_like.testing import CacheContract, FrozenClock


class TestMemory(CacheContract):
    @pytest.fixture(autouse=True)
    def _shared(self) -> None:
        self.clock = FrozenClock()
        self.entries = memory.Cache().entries

    def make_backend(self, *, cache_prefix: str = "") -> memory.Cache:
        cache = memory.Cache(cache_prefix, clock=self.clock)
        cache.entries = self.entries
        return cache

    def wait(self, ms: int) -> None:
        self.clock.advance(ms)
