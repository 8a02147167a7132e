"""A storage that keeps no promise, to see that the run notices."""

import time
from itertools import count
from typing import Any

from cliquet_like.storage import memory
from cliquet_like.storage.exceptions import BackendError
from cliquet_like.storage.query import Page, Record


class Storage(memory.Storage):
    """Compares nothing, knows no unique field, forgets, skips, fails, and reads its clock too late."""

    def __init__(self) -> None:
        super().__init__()
        self._calls = count(1)

    def create(
        self, collection_id: str, parent_id: str, record: Record, *args: Any, **options: Any
    ) -> Record:
        """Write over what has the id; forget every tenth change."""
        options["unique_fields"] = ()
        if record.get("id") is not None:
            return self.update(collection_id, parent_id, record["id"], record, **_without_generator(options))
        created = super().create(collection_id, parent_id, record, **options)
        if collection_id == "change" and next(self._calls) % 10 == 0:
            super().delete(collection_id, parent_id, created["id"], with_deleted=False)
        return created

    def update(self, *args: Any, **options: Any) -> Record:
        """Write whatever was expected."""
        time.sleep(0.01)
        return super().update(*args, **{**options, "expected": None, "unique_fields": ()})

    def delete(self, *args: Any, **options: Any) -> Record:
        """Fail every tenth time."""
        if next(self._calls) % 10 == 0:
            raise BackendError(message="as planned")
        return super().delete(*args, **options)

    def get_page(self, collection_id: str, parent_id: str, *args: Any, **options: Any) -> Page:
        """Begin each page but the first one record too late, and read the timestamp after the records."""
        options.pop("newest_of")
        records, total = self.get_all(collection_id, parent_id, *args, **options)
        time.sleep(0.01)
        timestamp = self.collection_timestamp(collection_id, parent_id)
        return Page(records[1:] if options.get("pagination_rules") else records, total, timestamp)


def _without_generator(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "id_generator"}


def load_from_config(config: Any) -> Storage:
    """Make the storage."""
    return Storage()
