"""Storage in a SQLite file."""

from collections.abc import Sequence
from typing import Any

from cliquet_like.drivers.migrations import Migrations
from cliquet_like.drivers.sqlite.client import SQLite, client_from_config
from cliquet_like.drivers.transactions import Session
from cliquet_like.storage.base import max_fetch_size_of
from cliquet_like.storage.indexes import INDEX_PREFIX, DeclaredIndex
from cliquet_like.storage.query import (
    COMPARISON,
    DEFAULT_ID_FIELD,
    DEFAULT_MODIFIED_FIELD,
    Filter,
)
from cliquet_like.storage.sql.backend import TIMESTAMP, SQLStorage
from cliquet_like.storage.sql.conditions import condition_of
from cliquet_like.storage.sql.dialect import Dialect
from cliquet_like.storage.sql.indexes import index_columns
from cliquet_like.storage.sql.listing import ids_statement
from cliquet_like.storage.sql.refusals import (
    BulkRemoval,
    Found,
    Removal,
    Row,
    Write,
    refuse_removal,
    refuse_write,
)
from cliquet_like.storage.sql.rows import Place
from cliquet_like.storage.sqlite import statements as sql
from cliquet_like.storage.sqlite.terms import JsonTerm, any_of, canonical_json
from cliquet_like.storage.timestamps import Stamp, deletion_time, next_stamp, refuse_if_moved
from cliquet_like.storage.unicity import Claim


class Storage(SQLStorage):
    """Records as JSON texts; who writes has the file for itself, so looking first decides."""

    migrations = Migrations("storage", "cliquet_like.storage.sqlite")
    dialect = Dialect(
        placeholder=":{}",
        any_of=any_of,
        json_term=JsonTerm,
        page=sql.PAGE,
        records_of=sql.records_of,
        in_collection=sql.LISTED,
        in_collection_by_id=sql.FOUND,
    )
    get_statement = sql.LIVE

    def __init__(self, database: SQLite, **options: Any) -> None:
        """``options`` are those of the base."""
        database.add_function("canonical_json", 1, canonical_json)
        super().__init__(database, **options)

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
        values = {"parent": parent_id, "collection": collection_id, "before": before}
        with self.database.writing() as session:
            session.run(sql.PURGE if before is None else sql.PURGE_BEFORE, values)
            return int(session.run(sql.CHANGES)[0][0])

    def existing_indexes(self) -> set[str]:
        """Names of the declared indexes that are there; see the base."""
        return {name for (name,) in self.database.read(sql.INDEXES, (f"{INDEX_PREFIX}*",))}

    def create_index(self, index: DeclaredIndex) -> None:
        """Make an index; nobody writes meanwhile."""
        with self.database.writing() as session:
            session.run(self.index_statement(index))

    def drop_index(self, name: str) -> None:
        """Drop an index; see the base."""
        self.database.write(self.drop_statement(name))

    def index_statement(self, index: DeclaredIndex) -> str:
        """Statement that makes an index. The collection is a column of it, for all share the table."""
        columns, _ = index_columns(index, self.dialect)
        return sql.CREATE_INDEX.format(name=index.name, columns=columns)

    def _write(self, write: Write) -> int:
        return self._replace(write)[0]

    def _replace(self, write: Write) -> tuple[int, Row | None]:
        with self.database.writing() as session:
            current = _collection_stamp(session, write.place)
            live = _live_row(session, write.place, write.id)
            owners = {
                number: owner
                for number, claim in enumerate(write.claims)
                if (owner := self._owner_of(session, write, claim))
            }
            refuse_write(write, Found(current, live, owners))
            stamp = next_stamp(current, given=write.given, now=self._clock())
            _store(session, write.place, write.id, stamp.record, write.text, deleted=False)
            _move_clock(session, write.place, stamp, more=0 if live else 1)
        return stamp.record, live

    def _owner_of(self, session: Session, write: Write, claim: Claim) -> Row | None:
        place = write.place
        bind = self.dialect.values(**place.key, own=write.id)
        claimed = [Filter(*claim, COMPARISON.EQ)]
        condition = condition_of(claimed, self.dialect.terms_of(place), bind)
        statement = sql.OWNER.format(condition=condition)
        rows = session.run(statement, bind.named)
        return Row(*rows[0]) if rows else None

    def _remove(self, removal: Removal) -> int:
        place = removal.place
        with self.database.writing() as session:
            live = _live_row(session, place, removal.id)
            found = refuse_removal(removal, live.last_modified if live else None)
            given = deletion_time(removal.given, current=found)
            stamp = next_stamp(_collection_stamp(session, place), given=given, now=self._clock())
            _bury(session, place, removal.id, stamp.record, removal.tombstone)
            _move_clock(session, place, stamp, more=-1)
        return stamp.record

    def _remove_all(self, bulk: BulkRemoval) -> Sequence[tuple[str, int]]:
        place = bulk.place
        statement, values = ids_statement(bulk.selection, place, self.dialect)
        with self.database.writing() as session:
            current = _collection_stamp(session, place)
            refuse_if_moved(bulk.expected, current=current)
            removed = []
            now = self._clock()
            for object_id, *_ in session.run(statement, values):
                stamp = next_stamp(current, given=None, now=now)
                current = stamp.collection
                _bury(session, place, object_id, stamp.record, bulk.tombstone)
                removed.append((object_id, stamp.record))
            if removed:
                _move_clock(session, place, stamp, more=-len(removed))
        return removed


def _collection_stamp(session: Session, place: Place) -> int | None:
    rows = session.run(TIMESTAMP, place.key)
    return rows[0][0] if rows else None


def _live_row(session: Session, place: Place, object_id: str) -> Row | None:
    rows = session.run(sql.LIVE, {**place.key, "id": object_id})
    return Row(object_id, *rows[0]) if rows else None


def _store(session: Session, place: Place, object_id: str, stamp: int, text: str, *, deleted: bool) -> None:
    values = {**place.key, "id": object_id, "stamp": stamp, "data": text, "deleted": deleted}
    session.run(sql.STORE, values)


def _bury(session: Session, place: Place, object_id: str, stamp: int, tombstone: str | None) -> None:
    if tombstone is None:
        session.run(sql.DROP, {**place.key, "id": object_id})
    else:
        _store(session, place, object_id, stamp, tombstone, deleted=True)


def _move_clock(session: Session, place: Place, stamp: Stamp, *, more: int) -> None:
    session.run(sql.MOVE_CLOCK, {**place.key, "collection_stamp": stamp.collection, "more": more})


def load_from_config(config: Any) -> Storage:
    """Make the storage that the settings of a Pyramid configurator ask for; it opens nothing yet.

    Raises ``ConfigurationError`` for a setting that is wrong.
    """
    return Storage(client_from_config(config, "storage"), max_fetch_size=max_fetch_size_of(config))
