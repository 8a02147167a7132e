"""What the contracts of a storage share: the hook that makes the backend, and short calls."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.matching import field_getter, page_rules, with_tie_breaker
from cliquet_like.storage.query import COMPARISON, Filter, Page, Record, Sort


class Shelf:
    """One collection of one parent: the methods of a storage with these two names given."""

    def __init__(self, storage: StorageBase, collection_id: str = "books", parent_id: str = "alice") -> None:
        self.storage = storage
        self.names = collection_id, parent_id

    def create(self, record: Record, **options: Any) -> Record:
        """Create a record."""
        return self.storage.create(*self.names, record, **options)

    def get(self, object_id: str, **options: Any) -> Record:
        """Return a record."""
        return self.storage.get(*self.names, object_id, **options)

    def update(self, object_id: str, record: Record, **options: Any) -> Record:
        """Replace a record."""
        return self.storage.update(*self.names, object_id, record, **options)

    def delete(self, object_id: str, **options: Any) -> Record:
        """Delete a record."""
        return self.storage.delete(*self.names, object_id, **options)

    def delete_all(self, **options: Any) -> list[Record]:
        """Delete a list of records."""
        return self.storage.delete_all(*self.names, **options)

    def purge(self, **options: Any) -> int:
        """Forget tombstones."""
        return self.storage.purge_deleted(*self.names, **options)

    def list(self, **options: Any) -> list[Record]:
        """Records of a list, without the total."""
        return self.storage.get_all(*self.names, **options)[0]

    def ids(self, **options: Any) -> Sequence[str]:
        """Ids of a list."""
        return [record["id"] for record in self.list(**options)]

    def total(self, **options: Any) -> int:
        """Total of a list, without its records."""
        return self.storage.get_all(*self.names, **options)[1]

    def page(self, **options: Any) -> Page:
        """Page of a list."""
        return self.storage.get_page(*self.names, **options)

    def timestamp(self) -> int:
        """Timestamp of the collection."""
        return self.storage.collection_timestamp(*self.names)

    def put_values(self, **values: Any) -> None:
        """Create a record for each id, with this ``value``."""
        for object_id, value in values.items():
            self.create({"id": object_id, "value": value})

    def walk(self, sorting: Sequence[Sort], *, limit: int, **options: Any) -> Sequence[str]:
        """Ids of all pages, each asked for by the values of the last record of the page before."""
        keys = with_tie_breaker(sorting, "id")
        records = self.list(sorting=sorting, limit=limit, **options)
        walked = records
        while len(records) == limit:
            last = {key.field: field_getter(key.field)(records[-1]) for key in keys}
            rules = page_rules(keys, last)
            records = self.list(sorting=sorting, pagination_rules=rules, limit=limit, **options)
            walked = walked + records
        return [record["id"] for record in walked]


def where(field: str, operator: COMPARISON, value: Any) -> list[Filter]:
    """Filters with one condition."""
    return [Filter(field, value, operator)]


class StorageSuite:
    """Base of each contract: subclass a contract and say how your backend is made."""

    def make_backend(self, *, max_fetch_size: int = 10_000) -> StorageBase:
        """Hook: a new backend on the same server, which the tests may flush."""
        raise NotImplementedError

    @pytest.fixture
    def storage(self) -> Iterator[StorageBase]:
        """Fresh, empty backend."""
        backend = self.make_backend()
        backend.initialize_schema()
        backend.flush()
        yield backend
        backend.flush()

    @pytest.fixture
    def books(self, storage: StorageBase) -> Shelf:
        """Empty collection."""
        return Shelf(storage)
