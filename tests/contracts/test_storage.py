"""Every storage backend against the published contract."""

from cliquet_like.storage import memory
from cliquet_like.testing import StorageContract


class TestMemory(StorageContract):
    def make_backend(self, *, max_fetch_size: int = 10_000) -> memory.Storage:
        return memory.Storage(max_fetch_size=max_fetch_size)
