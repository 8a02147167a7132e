"""Redis against the published contract of a storage."""

import pytest

from cliquet_like.drivers.redis import RedisClient
from cliquet_like.storage import redis
from cliquet_like.testing import StorageContract, StorageFailuresContract


class TestRedis(StorageContract, StorageFailuresContract):
    @pytest.fixture(autouse=True)
    def _server(self, redis_url: str) -> None:
        self.url = redis_url

    def make_backend(self, *, max_fetch_size: int = 10_000) -> redis.Storage:
        return redis.Storage(RedisClient(self.url), max_fetch_size=max_fetch_size)

    def make_failing_backend(self) -> redis.Storage:
        return redis.Storage(RedisClient("unix:///nowhere.sock"))
