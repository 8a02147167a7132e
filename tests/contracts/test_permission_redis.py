"""Redis against the published contract of a permission backend."""

import pytest

from cliquet_like.drivers.redis import RedisClient
from cliquet_like.permission import redis
from cliquet_like.testing import PermissionContract, PermissionFailuresContract


class TestRedis(PermissionContract, PermissionFailuresContract):
    @pytest.fixture(autouse=True)
    def _server(self, redis_url: str) -> None:
        self.url = redis_url

    def make_backend(self) -> redis.Permission:
        return redis.Permission(RedisClient(self.url))

    def make_failing_backend(self) -> redis.Permission:
        return redis.Permission(RedisClient("unix:///nowhere.sock", kind="permission"))
