"""PostgreSQL against the published contract of a permission backend."""

import pytest

from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.permission import postgresql
from cliquet_like.testing import PermissionContract, PermissionFailuresContract


class TestPostgreSQL(PermissionContract, PermissionFailuresContract):
    @pytest.fixture(autouse=True)
    def _server(self, postgresql_url):
        self.database = PostgreSQL(postgresql_url)
        yield
        self.database.close()

    def make_backend(self):
        return postgresql.Permission(self.database)

    def make_failing_backend(self):
        return postgresql.Permission(PostgreSQL("postgresql://127.0.0.1:1/nothing"))
