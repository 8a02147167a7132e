"""SQLite against the published contract of a cache."""

import pytest

from cliquet_like.cache import sqlite
from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.url import Location
from cliquet_like.testing import CacheContract, CacheFailuresContract


class TestSQLite(CacheContract, CacheFailuresContract):
    @pytest.fixture(autouse=True)
    def _directory(self, tmp_path):
        self.directory = tmp_path

    def make_backend(self, *, cache_prefix=""):
        return sqlite.Cache(SQLite(Location(f"{self.directory}/cache.db")), cache_prefix)

    def make_failing_backend(self):
        return sqlite.Cache(SQLite(Location(f"{self.directory}/missing/cache.db")))
