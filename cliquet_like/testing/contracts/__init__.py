"""Contracts to subclass: what each kind of backend promises, and how it fails."""

from cliquet_like.testing.contracts.cache import CacheContract
from cliquet_like.testing.contracts.cache_failures import CacheFailuresContract
from cliquet_like.testing.contracts.permission import PermissionContract
from cliquet_like.testing.contracts.permission_failures import PermissionFailuresContract
from cliquet_like.testing.contracts.storage import StorageContract
from cliquet_like.testing.contracts.storage_failures import StorageFailuresContract

__all__ = [
    "CacheContract",
    "CacheFailuresContract",
    "PermissionContract",
    "PermissionFailuresContract",
    "StorageContract",
    "StorageFailuresContract",
]
