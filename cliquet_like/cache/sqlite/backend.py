"""Cache in a SQLite file, of which storage may be a part too."""

from collections.abc import Callable
from typing import Any

from cliquet_like.cache.sql import CacheDialect, SQLCache
from cliquet_like.drivers.migrations import Migrations
from cliquet_like.drivers.sqlite.client import SQLite, client_from_config
from cliquet_like.kernel.clock import msec_time


class Cache(SQLCache):
    """Keys expire by the clock of this host; ``clock`` answers milliseconds."""

    migrations = Migrations("cache", "cliquet_like.cache.sqlite")
    dialect = CacheDialect(placeholder=":{}", now=":now")

    def __init__(
        self, database: SQLite, cache_prefix: str = "", *, clock: Callable[[], int] = msec_time
    ) -> None:
        super().__init__(database, cache_prefix)
        self._clock = clock

    def _present(self) -> dict[str, Any]:
        return {"now": self._clock()}


def load_from_config(config: Any) -> Cache:
    """Make the cache that ``cache_url``, ``cache_pool_size`` and ``cache_prefix`` ask for."""
    database = client_from_config(config, "cache")
    return Cache(database, cache_prefix=config.get_settings().get("cache_prefix", ""))
