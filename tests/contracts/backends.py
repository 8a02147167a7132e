"""The storage backends by name, for tests that hold each of them to the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from cliquet_like.drivers.postgresql.client import client_from_config as postgresql_client
from cliquet_like.drivers.redis import client_from_config as redis_client
from cliquet_like.drivers.sqlite.client import client_from_config as sqlite_client
from cliquet_like.kernel.clock import msec_time
from cliquet_like.storage import memory, postgresql, redis, sqlite
from cliquet_like.storage.base import StorageBase
from tests import servers

_MAKERS: Final[dict[str, Callable[..., Any]]] = {
    "memory": lambda config, **options: memory.Storage(**options),
    "sqlite": lambda config, **options: sqlite.Storage(sqlite_client(config, "storage"), **options),
    "postgresql": lambda config, **options: postgresql.Storage(
        postgresql_client(config, "storage"), **options
    ),
    "redis": lambda config, **options: redis.Storage(redis_client(config, "storage"), **options),
}
NAMES: Final = tuple(_MAKERS)
TRANSACTIONAL: Final = ("sqlite", "postgresql")
SERVERS_ONCE: Final = tuple(
    pytest.param(name, marks=pytest.mark.once) if name in ("postgresql", "redis") else name for name in NAMES
)
"""Parameters of HTTP tests: with servers they run on the first interpreter, as the contracts do on all."""


@contextmanager
def new_settings(name: str, directory: Path) -> Iterator[dict[str, str]]:
    """Settings of an empty storage; files go into the directory. Skips where there is no server."""
    settings = {"storage_backend": f"cliquet_like.storage.{name}"}
    if name == "postgresql":
        with servers.new_database() as url:
            yield {**settings, "storage_url": url}
    elif name == "redis":
        yield {**settings, "storage_url": servers.empty_redis()}
    elif name == "sqlite":
        yield {**settings, "storage_url": f"sqlite:///{directory}/records.db"}
    else:
        yield settings


@contextmanager
def opened(
    name: str,
    settings: dict[str, str],
    *,
    clock: Callable[[], int] = msec_time,
    max_fetch_size: int = 10_000,
) -> Iterator[StorageBase]:
    """Storage with its tables made, on the clients that an application with these settings has."""
    config = SimpleNamespace(get_settings=lambda: settings, registry=SimpleNamespace())
    storage: StorageBase = _MAKERS[name](config, clock=clock, max_fetch_size=max_fetch_size)
    storage.initialize_schema()
    try:
        yield storage
    finally:
        for client in getattr(config.registry, "database_clients", {}).values():
            client.close()
