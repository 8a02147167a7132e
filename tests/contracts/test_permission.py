"""Memory against the published contract of a permission backend."""

from cliquet_like.permission import memory
from cliquet_like.testing import PermissionContract


class TestMemory(PermissionContract):
    def make_backend(self) -> memory.Permission:
        return memory.Permission()
