"""Redis against the published contract of a cache."""

import pytest

from cliquet_like.cache import redis
from cliquet_like.drivers.redis import RedisClient
from cliquet_like.testing import CacheContract, CacheFailuresContract


class TestRedis(CacheContract, CacheFailuresContract):
    @pytest.fixture(autouse=True)
    def _server(self, redis_url: str) -> None:
        self.url = redis_url

    def make_backend(self, *, cache_prefix: str = "") -> redis.Cache:
        return redis.Cache(RedisClient(self.url), cache_prefix)

    def make_failing_backend(self) -> redis.Cache:
        return redis.Cache(RedisClient("unix:///nowhere.sock", kind="cache"))
