"""Cache in a PostgreSQL database, which storage may have tables in too."""

from typing import Any

from cliquet_like.cache.sql import CacheDialect, SQLCache
from cliquet_like.drivers.migrations import Migrations
from cliquet_like.drivers.postgresql.client import client_from_config


class Cache(SQLCache):
    """Keys expire by the clock of the server, whatever those of its clients say."""

    migrations = Migrations("cache", "cliquet_like.cache.postgresql")
    dialect = CacheDialect(
        placeholder="%({})s",
        now="(extract(epoch FROM statement_timestamp()) * 1000)::bigint",
        skip_locked=" FOR UPDATE SKIP LOCKED",
    )


def load_from_config(config: Any) -> Cache:
    """Make the cache that ``cache_url``, the settings of its pool and ``cache_prefix`` ask for."""
    database = client_from_config(config, "cache")
    return Cache(database, cache_prefix=config.get_settings().get("cache_prefix", ""))
