"""Cache on a Redis server; keys expire there, to the millisecond."""

from typing import Any, Final

from cliquet_like.cache.base import CacheBase
from cliquet_like.drivers.redis import RedisClient, client_from_config

NAMESPACE: Final = "cliquet_like:cache:"

# GETDEL does the same, from Redis 6.2 on.
_POP: Final = """
local text = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1])
return text
"""


class Cache(CacheBase):
    """Each key is one of the server's, in a name space of ours: the database may have other users."""

    def __init__(self, client: RedisClient, cache_prefix: str = "") -> None:
        super().__init__(cache_prefix)
        self._client = client
        self._run_pop = client.script(_POP)

    def _flush(self) -> None:
        for found in self._client.keys(NAMESPACE):
            if found:
                self._client.execute("UNLINK", *found)

    def _store(self, key: str, text: str, ttl_ms: int | None) -> None:
        expiry = () if ttl_ms is None else ("PX", ttl_ms)
        self._client.execute("SET", NAMESPACE + key, text, *expiry)

    def _load(self, key: str) -> str | None:
        text: bytes | None = self._client.execute("GET", NAMESPACE + key)
        return None if text is None else text.decode()

    def _pop(self, key: str) -> str | None:
        text: bytes | None = self._run_pop([NAMESPACE + key], [])
        return None if text is None else text.decode()

    def _remove(self, key: str) -> None:
        self._client.execute("DEL", NAMESPACE + key)

    def _expire(self, key: str, ttl_ms: int) -> None:
        self._client.execute("PEXPIRE", NAMESPACE + key, ttl_ms)

    def _ttl_ms(self, key: str) -> int | None:
        left_ms: int = self._client.execute("PTTL", NAMESPACE + key)
        return left_ms if left_ms >= 0 else None


def load_from_config(config: Any) -> Cache:
    """Make the cache that ``cache_url``, ``cache_pool_size`` and ``cache_prefix`` ask for."""
    client = client_from_config(config, "cache")
    return Cache(client, cache_prefix=config.get_settings().get("cache_prefix", ""))
