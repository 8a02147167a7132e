"""Storages with declared indexes give the same answers as without."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.url import parse_url
from cliquet_like.storage import postgresql, sqlite
from cliquet_like.storage.indexes import IndexedStorage, parse_indexed_fields, plan
from cliquet_like.testing.contracts.storage_filters import FiltersContract
from cliquet_like.testing.contracts.storage_paging import PagingContract
from cliquet_like.testing.contracts.storage_sorting import SortingContract
from cliquet_like.testing.contracts.storage_unicity import UnicityContract

pytestmark = pytest.mark.once

DECLARED = ("value", "-value", "value.a.b", ("group", "value"), ("group", "-id"), "isbn")


def with_indexes(storage: IndexedStorage) -> None:
    storage.initialize_schema()
    to_create, _ = plan(parse_indexed_fields("books", DECLARED), storage.existing_indexes())
    for index in to_create:
        storage.create_index(index)


@pytest.fixture(scope="class")
def postgresql_client(postgresql_url: str) -> Iterator[PostgreSQL]:
    """One for all tests: the indexes take longer than most of them."""
    # A table of ten rows would be read from one end to the other.
    options = "options=-c%20enable_seqscan%3Doff%20-c%20enable_sort%3Doff"
    url = f"{postgresql_url}{'&' if '?' in postgresql_url else '?'}{options}"
    with closing(PostgreSQL(url)) as client:
        with_indexes(postgresql.Storage(client))
        yield client


@pytest.fixture(scope="class")
def sqlite_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLite]:
    """One for all tests."""
    url = f"sqlite:///{tmp_path_factory.mktemp('indexed')}/records.db?synchronous=normal"
    with closing(SQLite(parse_url(url, kind="storage"))) as client:
        with_indexes(sqlite.Storage(client))
        yield client


class IndexedSuite(FiltersContract, SortingContract, PagingContract, UnicityContract):
    """What a list and a unique field promise."""


class TestPostgreSQL(IndexedSuite):
    @pytest.fixture(autouse=True)
    def _client(self, postgresql_client: PostgreSQL) -> None:
        self.client = postgresql_client

    def make_backend(self, *, max_fetch_size: int = 10_000) -> postgresql.Storage:
        return postgresql.Storage(self.client, max_fetch_size=max_fetch_size)


class TestSQLite(IndexedSuite):
    @pytest.fixture(autouse=True)
    def _client(self, sqlite_client: SQLite) -> None:
        self.client = sqlite_client

    def make_backend(self, *, max_fetch_size: int = 10_000) -> sqlite.Storage:
        return sqlite.Storage(self.client, max_fetch_size=max_fetch_size)
