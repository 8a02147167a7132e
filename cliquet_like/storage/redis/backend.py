"""Storage on a Redis server: every write is one script, and so is every list."""

from collections.abc import Callable, Sequence
from typing import Any

from cliquet_like.drivers.redis import RedisClient, client_from_config
from cliquet_like.kernel import codec
from cliquet_like.kernel.clock import msec_time
from cliquet_like.storage.base import DEFAULT_MAX_FETCH_SIZE, StorageBase, max_fetch_size_of
from cliquet_like.storage.copying import copied_in
from cliquet_like.storage.exceptions import RecordNotFoundError
from cliquet_like.storage.listing import Listing
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
from cliquet_like.storage.redis import scripts
from cliquet_like.storage.redis.keys import NAMESPACE, keys_of, whole_collections
from cliquet_like.storage.redis.reading import (
    WHOLE,
    Snapshot,
    Span,
    bounds,
    list_of,
    newest_in,
    record_of,
    snapshot_of,
    span_of,
    tombstones_of,
    total_of,
)
from cliquet_like.storage.redis.writing import Draft, expectation, until_not_overtaken
from cliquet_like.storage.timestamps import refuse_if_moved
from cliquet_like.storage.unicity import claims_of
from cliquet_like.storage.window import split_filters


class Storage(StorageBase):
    """A collection is read and written in one moment, on the server.

    Lists in the order of timestamps read no more records than they hold, when nothing but the
    timestamp is filtered. Any other list, and a write that claims unique values, reads
    the whole span of the collection. Timestamps are exact up to 2**53.

    ``max_fetch_size`` bounds lists that come without a limit; ``clock`` answers milliseconds.
    """

    def __init__(
        self,
        client: RedisClient,
        *,
        max_fetch_size: int = DEFAULT_MAX_FETCH_SIZE,
        clock: Callable[[], int] = msec_time,
    ) -> None:
        self.max_fetch_size = max_fetch_size
        self._client = client
        self._clock = clock
        self._run_timestamp = client.script(scripts.TIMESTAMP)
        self._run_put = client.script(scripts.PUT)
        self._run_delete = client.script(scripts.DELETE)
        self._run_delete_all = client.script(scripts.DELETE_ALL)
        self._run_read = client.script(scripts.READ)

    def initialize_schema(self) -> None:
        """Nothing to create; only asks whether the server is there."""
        self._client.execute("PING")

    def flush(self, auth: str | None = None) -> None:
        """Empty everything of ours: the database may have other users. See the base."""
        for found in self._client.keys(NAMESPACE):
            for keys in whole_collections(found):
                self._client.execute("UNLINK", *keys)

    def collection_timestamp(self, collection_id: str, parent_id: str, auth: str | None = None) -> int:
        """Milliseconds of the last write; see the base."""
        return int(self._run_timestamp(keys_of(collection_id, parent_id), [self._clock()]))

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
        claims = claims_of(new, unique_fields, id_field=id_field)
        draft = Draft(new, claims, id_field, modified_field, creating=True, of_collection=expected)
        return self._write(keys_of(collection_id, parent_id), draft)

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
        _, records, *_ = keys_of(collection_id, parent_id)
        value = self._client.execute("HGET", records, object_id)
        if value is None:
            raise RecordNotFoundError(object_id)
        return record_of(value, modified_field)

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
        claims = claims_of(new, unique_fields, id_field=id_field)
        draft = Draft(new, claims, id_field, modified_field, of_record=expected)
        return self._write(keys_of(collection_id, parent_id), draft)

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
        given = last_modified if type(last_modified) is int else ""
        arguments = [object_id, given, self._clock(), expectation(expected), int(with_deleted)]
        done, ms = self._run_delete(keys_of(collection_id, parent_id), arguments)
        if ms is None:
            raise RecordNotFoundError(object_id)
        if not done:
            refuse_if_moved(expected, current=int(ms))
        return {id_field: object_id, modified_field: int(ms), deleted_field: True}

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
        keys = keys_of(collection_id, parent_id)

        def attempt() -> list[Record] | None:
            seen = self._read(keys, listing)
            refuse_if_moved(expected, current=seen.timestamp)
            ids = [record[id_field] for record in list_of(seen, listing)]
            if not ids:
                return []
            arguments = [self._clock(), expectation(seen.timestamp), int(with_deleted), *ids]
            done, *stamps = self._run_delete_all(keys, arguments)
            return tombstones_of(ids, stamps, listing, deleted_field) if done else None

        return until_not_overtaken(attempt)

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
        *_, dead = keys_of(collection_id, parent_id)
        end = "+inf" if before is None else f"({before}"
        return int(self._client.execute("ZREMRANGEBYSCORE", dead, "-inf", end))

    def get_all(
        self, collection_id: str, parent_id: str, *args: Any, **kwargs: Any
    ) -> tuple[list[Record], int]:
        """List and count records of one moment; takes what the base takes."""
        page = self._page("", collection_id, parent_id, *args, **kwargs)
        return page.records, page.total

    def get_page(self, collection_id: str, parent_id: str, *args: Any, **kwargs: Any) -> Page:
        """List, count and timestamps of one moment; takes what the base takes."""
        return self._page(self._clock(), collection_id, parent_id, *args, **kwargs)

    def _page(
        self,
        now: int | str,
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
        *,
        newest_of: Sequence[Filter] | None = None,
    ) -> Page:
        """Page, with the timestamp that a collection without one gets if there is a ``now``."""
        listing = Listing(
            filters,
            sorting,
            pagination_rules,
            self.max_fetch_size if limit is None else limit,
            id_field=id_field,
            modified_field=modified_field,
            include_deleted=include_deleted,
        )
        keys = keys_of(collection_id, parent_id)
        span = None if newest_of is None else WHOLE
        seen = self._read(keys, listing, span, deleted_field=deleted_field, now=now)
        newest = None if newest_of is None else newest_in(seen, newest_of, modified_field)
        timestamp: Any = seen.timestamp  # None only without a now
        return Page(list_of(seen, listing), total_of(seen, listing), timestamp, newest)

    def _read(
        self,
        keys: list[str],
        listing: Listing,
        span: Span | None = None,
        *,
        deleted_field: str = DEFAULT_DELETED_FIELD,
        now: int | str = "",
    ) -> Snapshot:
        """Snapshot of the records of a span; without one, of the least that holds the list."""
        counted, _ = split_filters(listing.filters, listing.modified_field)
        walked = span_of(listing) if span is None else span
        arguments = [now, *bounds(counted), *walked.arguments(), int(listing.include_deleted)]
        return snapshot_of(self._run_read(keys, arguments), listing, deleted_field)

    def _write(self, keys: list[str], draft: Draft) -> Record:
        """Store a record; one with claims as soon as nothing came between the look and the write."""
        new = draft.record
        given = new.pop(draft.modified_field, None)
        written = [new[draft.id_field], codec.dumps(new), given if type(given) is int else ""]

        def attempt() -> Record | None:
            seen = self._read(keys, draft.whole) if draft.claims else None
            if seen is not None:
                draft.refuse_by(seen)
            done, ms, *existing = self._run_put(keys, [*written, self._clock(), *draft.expectations(seen)])
            if done:
                new[draft.modified_field] = int(ms)
                return new
            draft.refuse_conflict(ms, *existing)
            return None

        return until_not_overtaken(attempt)


def load_from_config(config: Any) -> Storage:
    """Make the storage that ``storage_url``, ``storage_pool_size`` and ``storage_max_fetch_size`` ask for."""
    return Storage(client_from_config(config, "storage"), max_fetch_size=max_fetch_size_of(config))
