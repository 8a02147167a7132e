"""SQLite against the published contract of a storage."""

from pathlib import Path

import pytest

from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.url import parse_url
from cliquet_like.storage import sqlite
from cliquet_like.testing import StorageContract, StorageFailuresContract


class TestSQLite(StorageContract, StorageFailuresContract):
    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        self.url = f"sqlite:///{tmp_path}/records.db?synchronous=normal"

    def make_backend(self, *, max_fetch_size: int = 10_000) -> sqlite.Storage:
        storage = sqlite.Storage(SQLite(parse_url(self.url, kind="storage")), max_fetch_size=max_fetch_size)
        storage.initialize_schema()
        return storage

    def make_failing_backend(self) -> sqlite.Storage:
        return sqlite.Storage(SQLite(parse_url("sqlite:////no/where/records.db", kind="storage")))
