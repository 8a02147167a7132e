"""Cache in a PostgreSQL database, which storage may have tables in too."""

from typing import Any, Final

from cliquet_like.cache.heartbeat import ALIVE, KEY, TTL_S
from cliquet_like.cache.sql import CacheDialect, SQLCache, named
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.guard import Proof, Provable
from cliquet_like.drivers.migrations import Migrations
from cliquet_like.drivers.postgresql.client import client_from_config
from cliquet_like.kernel.codec import dumps_text

_DIALECT: Final = CacheDialect(
    placeholder="%({})s",
    now="(extract(epoch FROM statement_timestamp()) * 1000)::bigint",
    skip_locked=" FOR UPDATE SKIP LOCKED",
)
# No index is written where the key is there, be it expired.
_PROOF: Final = FixedStatement(
    _DIALECT(f"""
INSERT INTO cache (digest, key, value, expires_at)
VALUES ({{digest}}, {{key}}, '{dumps_text(ALIVE)}', {{now}} + {TTL_S * 1000})
ON CONFLICT (digest) DO UPDATE SET value = excluded.value RETURNING 1""")
)


class Cache(Provable, SQLCache):
    """Keys expire by the clock of the server, whatever those of its clients say."""

    migrations = Migrations("cache", "cliquet_like.cache.postgresql")
    dialect = _DIALECT

    def heartbeat_proof(self) -> Proof:
        """Set what a heartbeat sets; see the base."""
        key = self._whole(KEY)
        return _PROOF, {**named(key), "key": key}


def load_from_config(config: Any) -> Cache:
    """Make the cache that ``cache_url``, the settings of its pool and ``cache_prefix`` ask for."""
    database = client_from_config(config, "cache")
    return Cache(database, cache_prefix=config.get_settings().get("cache_prefix", ""))
