"""SQLite against the published contract of a permission backend."""

from contextlib import closing

import pytest

from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.url import Location
from cliquet_like.permission import sqlite
from cliquet_like.testing import PermissionContract, PermissionFailuresContract


@pytest.fixture(scope="class")
def client(tmp_path_factory):
    """One for all tests: to make tables takes longer than most of them."""
    with closing(SQLite(Location(f"{tmp_path_factory.mktemp('permission')}/permission.db"))) as client:
        yield client


class TestSQLite(PermissionContract, PermissionFailuresContract):
    @pytest.fixture(autouse=True)
    def _client(self, client):
        self.client = client

    def make_backend(self):
        return sqlite.Permission(self.client)

    def make_failing_backend(self):
        return sqlite.Permission(SQLite(Location("/nowhere/missing/permission.db")))
