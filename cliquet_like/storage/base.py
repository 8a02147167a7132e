"""The contract of a storage, written for the person who writes a backend.

What filters, sort keys and page rules mean is written in ``matching``; which timestamp a write
gets, in ``timestamps``; who is blamed for a value that is taken, in ``unicity``. The classes in
``cliquet_like.testing`` hold a backend to all of it.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from cliquet_like.storage.generators import UUID4
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

DEFAULT_MAX_FETCH_SIZE: Final = 10_000


def max_fetch_size_of(config: Any) -> int:
    """Records that a list without a limit may hold, by the settings of a Pyramid configurator."""
    return int(config.get_settings().get("storage_max_fetch_size", DEFAULT_MAX_FETCH_SIZE))


class StorageBase:
    """A storage of JSON records, in collections that belong to a parent.

    The same collection name under another parent is another collection. Every method copies
    in and copies out: neither its arguments nor its results are shared with what is stored.
    ``auth`` is the user's ``Authorization`` header, for backends that forward it; the others
    ignore it. The names of the three fields that are ours (id, timestamp, deleted) may be chosen
    by the caller, and are the same in all calls for a collection.

    A failure of the server leaves any method as
    :class:`~cliquet_like.storage.exceptions.BackendError`, and in no other shape. Construction
    does not connect.
    """

    id_generator: Callable[[], str] = UUID4()
    """Makes the ids of records that come without one, where the call gives no other generator."""

    def initialize_schema(self) -> None:
        """Create tables or whatever else is needed, or bring them up to date. May run twice."""
        raise NotImplementedError

    def flush(self, auth: str | None = None) -> None:
        """Empty everything: records, tombstones and timestamps of all parents."""
        raise NotImplementedError

    def collection_timestamp(self, collection_id: str, parent_id: str, auth: str | None = None) -> int:
        """Milliseconds of the last write to the collection.

        For a collection that has had none it is the time of the first call, which is kept: the
        second call answers the same. It is never less than the timestamp of a record or
        tombstone in the collection.
        """
        raise NotImplementedError

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
        """Store a new record; the result has its id and timestamp.

        An id in the record is kept, else one is generated; an integer timestamp in it likewise
        (see ``timestamps.next_stamp``). A field ``deleted`` is dropped. A tombstone with the id
        disappears. ``expected`` is a timestamp of the whole collection.

        Raises ``UnicityError`` when a live record has the id or the value of a unique field,
        ``ModifiedMeanwhileError`` when the collection's timestamp is not ``expected``. Then
        nothing is written, and no timestamp moves.
        """
        raise NotImplementedError

    def get(
        self,
        collection_id: str,
        parent_id: str,
        object_id: str,
        id_field: str = DEFAULT_ID_FIELD,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        auth: str | None = None,
    ) -> Record:
        """Return a live record. Raises ``RecordNotFoundError`` when there is none, or only a tombstone."""
        raise NotImplementedError

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
        """Store a record under this id, whatever id is in it, in place of the whole older one if any.

        Timestamp, ``deleted`` and tombstones as in :meth:`create`.

        Raises ``ModifiedMeanwhileError`` when the live record's timestamp is not ``expected``,
        or when a live record exists and ``expected`` is ``ABSENT``; after that ``UnicityError``
        when another live record has the value of a unique field. Decided in the same step as
        the write: of two writers who expect the same, one wins.
        """
        raise NotImplementedError

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
        """Delete a live record; the result is its tombstone, which has the three fields and no other.

        The tombstone is kept unless ``with_deleted`` is false. ``last_modified`` becomes its
        timestamp if later than the record's, else one is generated.

        Raises ``RecordNotFoundError`` when no such record lives, whatever is expected;
        ``ModifiedMeanwhileError`` as :meth:`update` does.
        """
        raise NotImplementedError

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
        """Delete the live records that :meth:`get_all` would list; here no ``limit`` is no limit.

        The result is their tombstones, each with a timestamp of its own, in the order of the
        list. Where there is nothing to delete the collection's timestamp does not move.
        ``expected`` is a timestamp of the whole collection: ``ModifiedMeanwhileError`` if it
        is another, nothing to delete or not.
        """
        raise NotImplementedError

    def purge_deleted(
        self,
        collection_id: str,
        parent_id: str,
        before: int | None = None,
        id_field: str = DEFAULT_ID_FIELD,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        auth: str | None = None,
    ) -> int:
        """Forget tombstones older than ``before`` (ms, exclusive; None: all); how many there were.

        The collection's timestamp does not move.
        """
        raise NotImplementedError

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
        """List records, and count the live ones that satisfy ``filters`` on whatever page.

        Equal sort keys are decided by the id (``matching.with_tie_breaker``); without sort keys
        it is the id alone. Without ``limit`` at most ``storage_max_fetch_size`` records come
        back; a limit is obeyed as it is, and 0 is an empty page. With ``include_deleted``
        tombstones are filtered, sorted and paged among the records, but never counted.
        """
        raise NotImplementedError

    def get_page(
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
        *,
        newest_of: Sequence[Filter] | None = None,
    ) -> Page:
        """:meth:`get_all` together with the collection's timestamp.

        With ``newest_of`` the page says how new the newest live record is that satisfies those
        filters, 0 when none does: the timestamp for who may know of these records only.

        A backend that can read all in one moment should. This default reads the timestamps
        first: a write between the readings may then be seen twice by a client that polls
        for what came after the timestamp. The other way round it would be missed.
        """
        list_all = partial(
            self.get_all,
            collection_id,
            parent_id,
            id_field=id_field,
            modified_field=modified_field,
            deleted_field=deleted_field,
            auth=auth,
        )
        timestamp = self.collection_timestamp(collection_id, parent_id, auth=auth)
        newest = None
        if newest_of is not None:
            found, _ = list_all(filters=newest_of, sorting=[Sort(modified_field, -1)], limit=1)
            newest = found[0][modified_field] if found else 0
        records, total = list_all(
            filters=filters,
            sorting=sorting,
            pagination_rules=pagination_rules,
            limit=limit,
            include_deleted=include_deleted,
        )
        return Page(records, total, timestamp, newest)
