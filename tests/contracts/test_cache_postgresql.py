"""PostgreSQL against the published contract of a cache."""

import pytest

from cliquet_like.cache import postgresql
from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.testing import CacheContract, CacheFailuresContract


class TestPostgreSQL(CacheContract, CacheFailuresContract):
    @pytest.fixture(autouse=True)
    def _server(self, postgresql_url):
        self.database = PostgreSQL(postgresql_url)
        yield
        self.database.close()

    def make_backend(self, *, cache_prefix=""):
        return postgresql.Cache(self.database, cache_prefix)

    def make_failing_backend(self):
        return postgresql.Cache(PostgreSQL("postgresql://127.0.0.1:1/nothing"))
