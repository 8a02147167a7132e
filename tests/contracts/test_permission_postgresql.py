"""PostgreSQL against the published contract of a permission backend."""

from contextlib import closing

import pytest

from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.permission import postgresql
from cliquet_like.testing import PermissionContract, PermissionFailuresContract


@pytest.fixture(scope="class")
def client(postgresql_url):
    """One for all tests: a new connection takes longer than most of them."""
    with closing(PostgreSQL(postgresql_url)) as client:
        yield client


class TestPostgreSQL(PermissionContract, PermissionFailuresContract):
    @pytest.fixture(autouse=True)
    def _client(self, client):
        self.client = client

    def make_backend(self):
        return postgresql.Permission(self.client)

    def make_failing_backend(self):
        return postgresql.Permission(PostgreSQL("postgresql://127.0.0.1:1/nothing"))
