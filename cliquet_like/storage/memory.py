"""Storage in the memory of this process: for tests, trials, and the meaning of the contract."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from cliquet_like.kernel.clock import msec_time
from cliquet_like.storage.base import DEFAULT_MAX_FETCH_SIZE, StorageBase, max_fetch_size_of
from cliquet_like.storage.collection import Collection, Entry
from cliquet_like.storage.copying import copied_in, copy_kept
from cliquet_like.storage.exceptions import RecordNotFoundError, UnicityError
from cliquet_like.storage.listing import Listing, records_and_total, records_of
from cliquet_like.storage.query import (
    DEFAULT_DELETED_FIELD,
    DEFAULT_ID_FIELD,
    DEFAULT_MODIFIED_FIELD,
    Expected,
    Filter,
    Page,
    Record,
    Rules,
    Sort,
)
from cliquet_like.storage.timestamps import deletion_time, next_stamp, refuse_if_moved
from cliquet_like.storage.unicity import Claim, claims_of, refuse_taken


class Storage(StorageBase):
    """Every call holds one lock from its first reading to its last writing.

    ``max_fetch_size`` bounds lists that come without a limit; ``clock`` answers milliseconds.
    """

    def __init__(
        self, *, max_fetch_size: int = DEFAULT_MAX_FETCH_SIZE, clock: Callable[[], int] = msec_time
    ) -> None:
        self.max_fetch_size = max_fetch_size
        self._clock = clock
        self._lock = threading.RLock()
        self._collections: dict[tuple[str, str], Collection] = {}

    def initialize_schema(self) -> None:
        """Nothing to do."""

    def flush(self, auth: str | None = None) -> None:
        """Empty everything; see the base."""
        with self._lock:
            self._collections.clear()

    def collection_timestamp(self, collection_id: str, parent_id: str, auth: str | None = None) -> int:
        """Milliseconds of the last write; see the base."""
        with self._lock:
            collection = self._kept(collection_id, parent_id)
            if collection.timestamp is None:
                collection.timestamp = self._clock()
            return collection.timestamp

    def create(
        self,
        collection_id: str,
        parent_id: str,
        record: Record,
        id_generator: Callable[[], str] | None = None,
        unique_fields: Sequence[str] | None = None,
        id_field: str = DEFAULT_ID_FIELD,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        auth: str | None = None,
        *,
        expected: int | None = None,
    ) -> Record:
        """Store a new record; see the base."""
        new = copied_in(record)
        if new.get(id_field) is None:
            new[id_field] = (id_generator or self.id_generator)()
        with self._lock:
            collection = self._kept(collection_id, parent_id)
            refuse_if_moved(expected, current=collection.timestamp)
            existing = collection.live(new[id_field])
            if existing is not None:
                raise UnicityError(id_field, copy_kept(existing.record))
            _refuse_taken(collection, new, unique_fields, id_field)
            return self._write(collection, new, id_field, modified_field)

    def get(
        self,
        collection_id: str,
        parent_id: str,
        object_id: str,
        id_field: str = DEFAULT_ID_FIELD,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        auth: str | None = None,
    ) -> Record:
        """Return a live record; see the base."""
        with self._lock:
            entry = _found(self._seen(collection_id, parent_id), object_id)
        return _copied_out(entry.record)

    def update(
        self,
        collection_id: str,
        parent_id: str,
        object_id: str,
        record: Record,
        unique_fields: Sequence[str] | None = None,
        id_field: str = DEFAULT_ID_FIELD,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        auth: str | None = None,
        *,
        expected: Expected = None,
    ) -> Record:
        """Replace or create a record; see the base."""
        new = copied_in(record)
        new[id_field] = object_id
        with self._lock:
            collection = self._kept(collection_id, parent_id)
            existing = collection.live(object_id)
            refuse_if_moved(expected, current=existing.timestamp if existing else None)
            _refuse_taken(collection, new, unique_fields, id_field)
            return self._write(collection, new, id_field, modified_field)

    def delete(
        self,
        collection_id: str,
        parent_id: str,
        object_id: str,
        id_field: str = DEFAULT_ID_FIELD,
        with_deleted: bool = True,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        deleted_field: str = DEFAULT_DELETED_FIELD,
        auth: str | None = None,
        last_modified: int | None = None,
        *,
        expected: Expected = None,
    ) -> Record:
        """Delete a live record; see the base."""
        with self._lock:
            collection = self._seen(collection_id, parent_id)
            entry = _found(collection, object_id)
            refuse_if_moved(expected, current=entry.timestamp)
            tombstone = {
                id_field: object_id,
                modified_field: deletion_time(last_modified, current=entry.timestamp),
                deleted_field: True,
            }
            return self._bury(collection, tombstone, id_field, modified_field, keep=with_deleted)

    def delete_all(
        self,
        collection_id: str,
        parent_id: str,
        filters: Sequence[Filter] | None = None,
        id_field: str = DEFAULT_ID_FIELD,
        with_deleted: bool = True,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        deleted_field: str = DEFAULT_DELETED_FIELD,
        auth: str | None = None,
        *,
        sorting: Sequence[Sort] | None = None,
        pagination_rules: Rules | None = None,
        limit: int | None = None,
        expected: int | None = None,
    ) -> list[Record]:
        """Delete the live records that a list would hold; see the base."""
        listing = Listing(
            filters, sorting, pagination_rules, limit, id_field=id_field, modified_field=modified_field
        )
        with self._lock:
            collection = self._seen(collection_id, parent_id)
            refuse_if_moved(expected, current=collection.timestamp)
            tombstones = [
                {id_field: record[id_field], modified_field: None, deleted_field: True}
                for record in records_of(collection, listing)
            ]
            return [
                self._bury(collection, tombstone, id_field, modified_field, keep=with_deleted)
                for tombstone in tombstones
            ]

    def purge_deleted(
        self,
        collection_id: str,
        parent_id: str,
        before: int | None = None,
        id_field: str = DEFAULT_ID_FIELD,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        auth: str | None = None,
    ) -> int:
        """Forget old tombstones; see the base."""
        with self._lock:
            return self._seen(collection_id, parent_id).drop_tombstones(before)

    def get_all(
        self,
        collection_id: str,
        parent_id: str,
        filters: Sequence[Filter] | None = None,
        sorting: Sequence[Sort] | None = None,
        pagination_rules: Rules | None = None,
        limit: int | None = None,
        include_deleted: bool = False,
        id_field: str = DEFAULT_ID_FIELD,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        deleted_field: str = DEFAULT_DELETED_FIELD,
        auth: str | None = None,
    ) -> tuple[list[Record], int]:
        """List and count records; see the base."""
        listing = Listing(
            filters,
            sorting,
            pagination_rules,
            self.max_fetch_size if limit is None else limit,
            id_field=id_field,
            modified_field=modified_field,
            include_deleted=include_deleted,
        )
        with self._lock:
            collection = self._seen(collection_id, parent_id)
            records, total = records_and_total(collection, listing)
        return [_copied_out(record) for record in records], total

    def get_page(self, collection_id: str, parent_id: str, *args: Any, **kwargs: Any) -> Page:
        """List, count and timestamp of one moment; takes what :meth:`get_all` takes."""
        with self._lock:
            return super().get_page(collection_id, parent_id, *args, **kwargs)

    def _seen(self, collection_id: str, parent_id: str) -> Collection:
        """Collection to look into; a passing one where there is none, so that reading keeps nothing."""
        return self._collections.get((parent_id, collection_id)) or Collection()

    def _kept(self, collection_id: str, parent_id: str) -> Collection:
        """Collection to change, made where there is none."""
        key = parent_id, collection_id
        if key not in self._collections:
            self._collections[key] = Collection()
        return self._collections[key]

    def _write(self, collection: Collection, new: Record, id_field: str, modified_field: str) -> Record:
        self._stamp(collection, new, modified_field)
        collection.put(Entry(new[id_field], new[modified_field], new, deleted=False))
        return _copied_out(new)

    def _bury(
        self, collection: Collection, tombstone: Record, id_field: str, modified_field: str, *, keep: bool
    ) -> Record:
        self._stamp(collection, tombstone, modified_field)
        if keep:
            collection.put(Entry(tombstone[id_field], tombstone[modified_field], tombstone, deleted=True))
        else:
            collection.drop(tombstone[id_field])
        return _copied_out(tombstone)

    def _stamp(self, collection: Collection, record: Record, modified_field: str) -> None:
        stamp = next_stamp(collection.timestamp, given=record.get(modified_field), now=self._clock())
        record[modified_field] = stamp.record
        collection.timestamp = stamp.collection


def _found(collection: Collection, object_id: str) -> Entry:
    entry = collection.live(object_id)
    if entry is None:
        raise RecordNotFoundError(object_id)
    return entry


def _copied_out(record: Record) -> Record:
    copied: Record = copy_kept(record)
    return copied


def _refuse_taken(
    collection: Collection, new: Record, unique_fields: Sequence[str] | None, id_field: str
) -> None:
    def owner_of(claim: Claim) -> Record | None:
        owner = collection.owner_of(claim, but=new[id_field])
        return None if owner is None else _copied_out(owner)

    refuse_taken(claims_of(new, unique_fields, id_field=id_field), owner_of)


def load_from_config(config: Any) -> Storage:
    """Make the storage that the settings of a Pyramid configurator ask for."""
    return Storage(max_fetch_size=max_fetch_size_of(config))
