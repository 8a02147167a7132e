"""The roles of ``docs/how-to/operate-postgresql.md``: one owns the tables, one reads and writes."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from cliquet_like.cache import postgresql as postgresql_cache
from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.migrations import pending, split_statements
from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.permission import postgresql as postgresql_permission
from cliquet_like.storage import postgresql
from cliquet_like.testing import CacheContract, PermissionContract, StorageContract
from tests.servers import private_server

pytestmark = pytest.mark.once

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "operate-postgresql.md"
FILE = re.compile(r"^```\{code-block\} sql\n:caption: (\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BACKENDS = (postgresql.Storage, postgresql_cache.Cache, postgresql_permission.Permission)


@pytest.fixture(scope="class")
def service() -> Iterator[PostgreSQL]:
    """Client of the service's role, on tables that the owner made."""
    files = dict(FILE.findall(PAGE.read_text("utf-8")))
    with private_server("postgresql") as server:
        run(server.url, files["roles.sql"])
        run(url_of(server.url, "postgres"), files["privileges.sql"])
        with closing(PostgreSQL(url_of(server.url, "notes_owner"))) as owner:
            for backend in BACKENDS:
                backend(owner).initialize_schema()
        with closing(PostgreSQL(url_of(server.url, "notes"))) as client:
            yield client


def url_of(server: str, role: str) -> str:
    """URL of the database ``notes`` for a role."""
    parts = urlsplit(server)
    return parts._replace(netloc=f"{role}@{parts.hostname}:{parts.port}", path="/notes").geturl()


def run(url: str, text: str) -> None:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for statement in split_statements(text):
            cursor.execute(statement)


class TestStorage(StorageContract):
    @pytest.fixture(autouse=True)
    def _client(self, service: PostgreSQL) -> None:
        self.client = service

    def make_backend(self, *, max_fetch_size: int = 10_000) -> postgresql.Storage:
        return postgresql.Storage(self.client, max_fetch_size=max_fetch_size)


class TestCache(CacheContract):
    @pytest.fixture(autouse=True)
    def _client(self, service: PostgreSQL) -> None:
        self.client = service

    def make_backend(self, *, cache_prefix: str = "") -> postgresql_cache.Cache:
        return postgresql_cache.Cache(self.client, cache_prefix)


class TestPermission(PermissionContract):
    @pytest.fixture(autouse=True)
    def _client(self, service: PostgreSQL) -> None:
        self.client = service

    def make_backend(self) -> postgresql_permission.Permission:
        return postgresql_permission.Permission(self.client)


class TestLimits:
    def test_it_sees_that_nothing_is_pending(self, service: PostgreSQL) -> None:
        assert [pending(service, backend.migrations) for backend in BACKENDS] == [[], [], []]

    @pytest.mark.parametrize(
        "statement",
        [
            "DROP TABLE records",
            "TRUNCATE records",
            "ALTER TABLE collections ADD COLUMN more integer",
            "CREATE INDEX ON records (id)",
            "CREATE TABLE more (id integer)",
        ],
    )
    def test_it_cannot_change_the_tables(self, service: PostgreSQL, statement: str) -> None:
        with pytest.raises(BackendError, match="InsufficientPrivilege"):
            service.write(statement)

    def test_its_statements_have_a_time_limit(self, service: PostgreSQL) -> None:
        assert service.read("SHOW statement_timeout") == [("10s",)]
        assert service.read("SHOW idle_in_transaction_session_timeout") == [("30s",)]
