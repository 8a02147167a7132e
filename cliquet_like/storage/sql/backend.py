"""Storage in a SQL database: what PostgreSQL and SQLite have in common."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from cliquet_like.drivers.database import Database
from cliquet_like.drivers.errors import ReadOnlyBackendError
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.kernel.clock import msec_time
from cliquet_like.kernel.codec import dumps_text
from cliquet_like.storage.base import DEFAULT_MAX_FETCH_SIZE
from cliquet_like.storage.exceptions import RecordNotFoundError
from cliquet_like.storage.generators import UUID4
from cliquet_like.storage.indexes import IndexedStorage
from cliquet_like.storage.query import (
    DEFAULT_DELETED_FIELD,
    DEFAULT_ID_FIELD,
    DEFAULT_MODIFIED_FIELD,
    Expected,
    Filter,
    Record,
    Rules,
    Sort,
)
from cliquet_like.storage.sql.listing import Selection
from cliquet_like.storage.sql.pages import SQLPages
from cliquet_like.storage.sql.refusals import BulkRemoval, Removal, Row, Write
from cliquet_like.storage.sql.rows import Place
from cliquet_like.storage.unicity import claims_of
from cliquet_like.storage.whole import WholeWrites

FLUSH: Final = ("DELETE FROM records", "DELETE FROM collections")
# A collection that was never written to gets the time of the first reading, once.
FIX_TIMESTAMP: Final = """
INSERT INTO collections AS c (parent_id, collection_id, last_modified) VALUES (:parent, :collection, :now)
ON CONFLICT (parent_id, collection_id)
DO UPDATE SET last_modified = coalesce(c.last_modified, excluded.last_modified)
RETURNING last_modified"""
TIMESTAMP: Final = """
SELECT c.last_modified FROM collections AS c WHERE c.parent_id = :parent AND c.collection_id = :collection"""

BEFORE_EVERY_WRITE: Final = 1
"""Timestamp of a collection that was never written to, where none can be kept for it."""


class SQLStorage(IndexedStorage, WholeWrites, SQLPages):
    """Every write takes part in the request's transaction; to get a record is one statement.

    ``max_fetch_size`` bounds lists that come without a limit; ``clock`` answers milliseconds.
    """

    get_statement: ClassVar[str]
    """Row of a live record: its timestamp, its JSON."""

    def __init__(
        self,
        database: Database,
        *,
        max_fetch_size: int = DEFAULT_MAX_FETCH_SIZE,
        clock: Callable[[], int] = msec_time,
    ) -> None:
        self.database = database
        self.max_fetch_size = max_fetch_size
        self._clock = clock
        self._timestamp = FixedStatement(self.dialect.statement(TIMESTAMP))
        self._fix_timestamp = FixedStatement(self.dialect.statement(FIX_TIMESTAMP))

    def flush(self, auth: str | None = None) -> None:
        """Empty everything; see the base."""
        with self.database.writing() as session:
            for statement in FLUSH:
                session.run(statement)

    def collection_timestamp(self, collection_id: str, parent_id: str, auth: str | None = None) -> int:
        """Milliseconds of the last write; see the base."""
        key = {"parent": parent_id, "collection": collection_id}
        for (timestamp,) in self.database.read(self._timestamp, key):
            if timestamp is not None:
                return int(timestamp)
        try:
            fixed = self.database.write(self._fix_timestamp, {**key, "now": self._clock()}, joins=False)
        except ReadOnlyBackendError:
            return BEFORE_EVERY_WRITE
        return int(fixed[0][0])

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
        place = Place(collection_id, parent_id, id_field, modified_field)
        object_id, is_random = record.get(id_field), False
        if object_id is None:
            generator = id_generator or self.id_generator
            object_id, is_random = generator(), type(generator) is UUID4
        write = Write(
            place,
            object_id,
            *place.row_of(record),
            creates=True,
            expected=expected,
            claims=claims_of(record, unique_fields, id_field=id_field),
            id_is_random=is_random,
        )
        return place.read(write.id, self._write(write), write.text)

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
        place = Place(collection_id, parent_id, id_field, modified_field)
        for last_modified, text in self.database.read(self.get_statement, {**place.key, "id": object_id}):
            return place.read(object_id, last_modified, text)
        raise RecordNotFoundError(object_id)

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
        place = Place(collection_id, parent_id, id_field, modified_field)
        row = place.row_of(record)
        claims = claims_of(record, unique_fields, id_field=id_field)
        write = Write(place, object_id, *row, creates=False, expected=expected, claims=claims)
        return place.read(write.id, self._write(write), write.text)

    def replace(
        self,
        collection_id: str,
        parent_id: str,
        object_id: str,
        record: Record,
        id_field: str = DEFAULT_ID_FIELD,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        auth: str | None = None,
    ) -> tuple[Record, Record | None]:
        """Replace or create a record; see the base."""
        place = Place(collection_id, parent_id, id_field, modified_field)
        write = Write(place, object_id, *place.row_of(record), creates=False)
        last_modified, old = self._replace(write)
        return place.read(write.id, last_modified, write.text), old and place.read(*old)

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
        removal = Removal(
            place=Place(collection_id, parent_id, id_field, modified_field),
            id=object_id,
            tombstone=dumps_text({deleted_field: True}) if with_deleted else None,
            given=last_modified if type(last_modified) is int else None,
            expected=expected,
        )
        return {id_field: object_id, modified_field: self._remove(removal), deleted_field: True}

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
        bulk = BulkRemoval(
            place=Place(collection_id, parent_id, id_field, modified_field),
            selection=Selection(filters or (), sorting, pagination_rules, limit),
            tombstone=dumps_text({deleted_field: True}) if with_deleted else None,
            expected=expected,
        )
        return [
            {id_field: object_id, modified_field: stamp, deleted_field: True}
            for object_id, stamp in self._remove_all(bulk)
        ]

    @abstractmethod
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

    @abstractmethod
    def _write(self, write: Write) -> int:
        """Hook: the record's timestamp. Raises as :func:`~.refusals.refuse_write` does."""

    @abstractmethod
    def _replace(self, write: Write) -> tuple[int, Row | None]:
        """Hook: the record's timestamp, and the record that lived there; the write has no condition."""

    @abstractmethod
    def _remove(self, removal: Removal) -> int:
        """Hook: the tombstone's timestamp. Raises as :func:`~.refusals.refuse_removal` does."""

    @abstractmethod
    def _remove_all(self, bulk: BulkRemoval) -> Sequence[tuple[str, int]]:
        """Hook: id and timestamp of each tombstone, in the order of the list."""
