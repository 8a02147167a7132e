"""Storages with declared indexes give the same answers as without."""

from collections.abc import Iterator
from pathlib import Path

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


class IndexedSuite(FiltersContract, SortingContract, PagingContract, UnicityContract):
    def with_indexes(self, storage: IndexedStorage) -> IndexedStorage:
        storage.initialize_schema()
        to_create, _ = plan(parse_indexed_fields("books", DECLARED), storage.existing_indexes())
        for index in to_create:
            storage.create_index(index)
        return storage


class TestPostgreSQL(IndexedSuite):
    @pytest.fixture(autouse=True)
    def _database(self, postgresql_url: str) -> Iterator[None]:
        # A table of ten rows would be read from one end to the other.
        options = "options=-c%20enable_seqscan%3Doff%20-c%20enable_sort%3Doff"
        self.database = PostgreSQL(f"{postgresql_url}{'&' if '?' in postgresql_url else '?'}{options}")
        yield
        self.database.close()

    def make_backend(self, *, max_fetch_size: int = 10_000) -> postgresql.Storage:
        return self.with_indexes(postgresql.Storage(self.database, max_fetch_size=max_fetch_size))


class TestSQLite(IndexedSuite):
    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        self.url = f"sqlite:///{tmp_path}/records.db?synchronous=normal"

    def make_backend(self, *, max_fetch_size: int = 10_000) -> sqlite.Storage:
        database = SQLite(parse_url(self.url, kind="storage"))
        return self.with_indexes(sqlite.Storage(database, max_fetch_size=max_fetch_size))
