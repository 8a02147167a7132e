"""PostgreSQL against the published contract of a storage."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.storage import postgresql
from cliquet_like.storage.exceptions import ModifiedMeanwhileError
from cliquet_like.testing import StorageContract, StorageFailuresContract


@pytest.fixture(scope="class")
def client(postgresql_url: str) -> Iterator[PostgreSQL]:
    """One for all tests: a new connection takes longer than most of them."""
    with closing(PostgreSQL(postgresql_url)) as client:
        yield client


class TestPostgreSQL(StorageContract, StorageFailuresContract):
    @pytest.fixture(autouse=True)
    def _client(self, client: PostgreSQL) -> None:
        self.client = client

    def make_backend(self, *, max_fetch_size: int = 10_000) -> postgresql.Storage:
        return postgresql.Storage(self.client, max_fetch_size=max_fetch_size)

    def make_failing_backend(self) -> postgresql.Storage:
        return postgresql.Storage(PostgreSQL("postgresql:///nothing?host=/nowhere"))

    @pytest.mark.once
    def test_an_expected_timestamp_of_too_many_bits_is_that_of_no_record(
        self, storage: postgresql.Storage
    ) -> None:
        created = storage.create("books", "ada", {"title": "a"})

        for _ in range(2):
            with pytest.raises(ModifiedMeanwhileError):
                storage.update("books", "ada", created["id"], {"title": "b"}, expected=2**80)
            with pytest.raises(ModifiedMeanwhileError):
                storage.create("books", "ada", {"title": "b"}, expected=2**80)

        assert storage.get("books", "ada", created["id"]) == created
