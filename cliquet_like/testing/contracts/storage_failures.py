"""Contract of a storage whose server cannot be reached; apart, for not every backend has a server."""
# ruff: noqa: D102 - the name of a test is its sentence

from collections.abc import Callable
from typing import Any

import pytest

from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.exceptions import BackendError
from cliquet_like.storage.heartbeat import heartbeat
from cliquet_like.testing.contracts.failures import FailuresContract

CALLS: dict[str, Callable[[StorageBase], Any]] = {
    "initialize_schema": lambda storage: storage.initialize_schema(),
    "flush": lambda storage: storage.flush(),
    "collection_timestamp": lambda storage: storage.collection_timestamp("books", "alice"),
    "create": lambda storage: storage.create("books", "alice", {"id": "a"}, unique_fields=("isbn",)),
    "get": lambda storage: storage.get("books", "alice", "a"),
    "update": lambda storage: storage.update("books", "alice", "a", {}, expected=1),
    "delete": lambda storage: storage.delete("books", "alice", "a"),
    "delete_all": lambda storage: storage.delete_all("books", "alice"),
    "purge_deleted": lambda storage: storage.purge_deleted("books", "alice"),
    "get_all": lambda storage: storage.get_all("books", "alice"),
    "get_page": lambda storage: storage.get_page("books", "alice", limit=1),
}


class StorageFailuresContract(FailuresContract[StorageBase]):
    """A failing server leaves every method as ``BackendError``."""

    calls = CALLS
    make_ping = staticmethod(heartbeat)

    def test_an_empty_list_of_unique_fields_or_filters_asks_the_server_too(self) -> None:
        backend = self.make_failing_backend()

        with pytest.raises(BackendError):
            backend.create("books", "alice", {}, unique_fields=())
        with pytest.raises(BackendError):
            backend.get_all("books", "alice", filters=[], limit=0)
