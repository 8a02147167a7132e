"""SQLite against the published contract of a permission backend."""

import pytest

from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.url import Location
from cliquet_like.permission import sqlite
from cliquet_like.testing import PermissionContract, PermissionFailuresContract


class TestSQLite(PermissionContract, PermissionFailuresContract):
    @pytest.fixture(autouse=True)
    def _directory(self, tmp_path):
        self.directory = tmp_path

    def make_backend(self):
        return sqlite.Permission(SQLite(Location(f"{self.directory}/permission.db")))

    def make_failing_backend(self):
        return sqlite.Permission(SQLite(Location(f"{self.directory}/missing/permission.db")))
