"""PostgreSQL against the published contract of a storage."""

from collections.abc import Iterator

import pytest

from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.storage import postgresql
from cliquet_like.storage.exceptions import ModifiedMeanwhileError
from cliquet_like.testing import StorageContract, StorageFailuresContract


class TestPostgreSQL(StorageContract, StorageFailuresContract):
    @pytest.fixture(autouse=True)
    def _database(self, postgresql_url: str) -> Iterator[None]:
        self.database = PostgreSQL(postgresql_url)
        yield
        self.database.close()

    def make_backend(self, *, max_fetch_size: int = 10_000) -> postgresql.Storage:
        storage = postgresql.Storage(self.database, max_fetch_size=max_fetch_size)
        storage.initialize_schema()
        storage.flush()
        return storage

    def make_failing_backend(self) -> postgresql.Storage:
        return postgresql.Storage(PostgreSQL("postgresql:///nothing?host=/nowhere"))

    @pytest.mark.once
    def test_an_expected_timestamp_of_too_many_bits_is_that_of_no_record(self) -> None:
        storage = self.make_backend()
        created = storage.create("books", "ada", {"title": "a"})

        for _ in range(2):
            with pytest.raises(ModifiedMeanwhileError):
                storage.update("books", "ada", created["id"], {"title": "b"}, expected=2**80)
            with pytest.raises(ModifiedMeanwhileError):
                storage.create("books", "ada", {"title": "b"}, expected=2**80)

        assert storage.get("books", "ada", created["id"]) == created
