"""Storage in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cliquet_like.drivers.migrations import Migrations
from cliquet_like.drivers.postgresql.client import client_from_config
from cliquet_like.storage.base import DEFAULT_MAX_FETCH_SIZE
from cliquet_like.storage.indexes import INDEX_PREFIX, DeclaredIndex
from cliquet_like.storage.postgresql import statements as sql
from cliquet_like.storage.postgresql.numbers import without_exponents
from cliquet_like.storage.query import (
    ABSENT,
    COMPARISON,
    DEFAULT_ID_FIELD,
    DEFAULT_MODIFIED_FIELD,
    Filter,
)
from cliquet_like.storage.sql.backend import SQLStorage
from cliquet_like.storage.sql.conditions import condition_of
from cliquet_like.storage.sql.indexes import index_columns
from cliquet_like.storage.sql.listing import Statement, ids_statement
from cliquet_like.storage.sql.refusals import (
    Clearance,
    Found,
    Removal,
    Row,
    Write,
    refuse_removal,
    refuse_write,
)
from cliquet_like.storage.sql.terms import Term
from cliquet_like.storage.timestamps import refuse_if_moved

Values = dict[str, Any]


class Storage(SQLStorage):
    """Records as ``jsonb``; each write is one message to the server, one more when fields are unique."""

    migrations = Migrations("storage", "cliquet_like.storage.postgresql")
    dialect = sql.DIALECT
    get_statement = sql.GET

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
        return int(self.database.write(sql.PURGE, values)[0][0])

    def existing_indexes(self) -> set[str]:
        """Names of the declared indexes that are there and valid; see the base."""
        return {name for (name,) in self.database.read(sql.INDEXES, {"prefix": INDEX_PREFIX})}

    def create_index(self, index: DeclaredIndex) -> None:
        """Make an index; see the base."""
        self.drop_index(index.name)
        self.database.write_unhurried(self.index_statement(index))
        self.database.write_unhurried(sql.ANALYZE)

    def drop_index(self, name: str) -> None:
        """Drop an index; see the base."""
        self.database.write_unhurried(sql.DROP_INDEX.format(name=name))

    def index_statement(self, index: DeclaredIndex) -> str:
        """Statement that makes an index; its texts are written out, for people to read."""
        columns, values = index_columns(index, self.dialect)
        values["collection"] = index.collection_id
        texts = {name: "'" + text.replace("'", "''") + "'" for name, text in values.items()}
        statement = sql.CREATE_INDEX.format(name=index.name, columns=columns)
        return statement % texts

    def _write(self, write: Write) -> int:
        values = {
            **write.place.key,
            "id": write.id,
            "data": without_exponents(write.text),
            "given": write.given,
            "now": self._clock(),
            "expected": write.expected,
        }
        if write.claims:
            return self._write_claiming(write, values)
        statement = _statement_of(write)
        row = self.database.write(statement, values)[0]
        if row[0] is None:
            refuse_write(write, _found(write, row))
        return int(row[0])

    def _write_claiming(self, write: Write, values: Values) -> int:
        """Look for owners of the claimed values under the lock, then write."""
        careful = _statement_of(replace(write, id_is_random=False))
        with self.database.writing() as session:
            owners = {number: Row(*row) for number, *row in session.run(*_owners_statement(write))}
            row = session.run(sql.REFUSED if owners else careful, values)[0]
            if row[0] is None:
                refuse_write(write, replace(_found(write, row), owners=owners))
        return int(row[0])

    def _remove(self, removal: Removal) -> int:
        values = {
            **removal.place.key,
            "id": removal.id,
            "tombstone": removal.tombstone,
            "given": removal.given,
            "now": self._clock(),
            "conditional": removal.expected is not None,
            "expected": None if removal.expected is ABSENT else removal.expected,
        }
        statement = sql.DROP if removal.tombstone is None else sql.BURY
        stamp, current = self.database.write(statement, values)[0]
        if stamp is None:
            refuse_removal(removal, current)
        return int(stamp)

    def _remove_all(self, clearance: Clearance) -> Sequence[tuple[str, int]]:
        place = clearance.place
        ids, values = ids_statement(clearance.listing, place, self.dialect)
        template = sql.DROP_ALL if clearance.tombstone is None else sql.BURY_ALL
        statement = self.dialect.statement(template).replace("{ids}", ids)
        rows = self.database.write(
            statement,
            {
                **values,
                "now": self._clock(),
                "expected": clearance.expected,
                "tombstone": clearance.tombstone,
            },
        )
        removed = [(object_id, stamp) for _, object_id, stamp in rows if object_id is not None]
        if not removed:
            refuse_if_moved(clearance.expected, current=rows[0][0])
        return removed


def _statement_of(write: Write) -> str:
    if write.expected is ABSENT:
        return sql.CREATE
    if write.expected is not None:
        return sql.CREATE_AS_EXPECTED if write.creates else sql.UPDATE_AS_EXPECTED
    if not write.creates:
        return sql.UPDATE
    return sql.CREATE_AT_RANDOM if write.id_is_random else sql.CREATE


def _found(write: Write, row: tuple[Any, ...]) -> Found:
    _, collection_stamp, last_modified, text = row
    live = None if last_modified is None else Row(write.id, last_modified, text)
    return Found(collection_stamp, live)


def _owners_statement(write: Write) -> Statement:
    """Statement that locks the collection, and whose rows are the owners of the claimed values."""
    place = write.place
    bind = sql.DIALECT.values(**place.key)
    object_id = bind(write.id)

    def term_of(field: str) -> Term:
        return sql.DIALECT.term(field, place.id_field, place.modified_field)

    owners = [
        sql.OWNER.format(
            number=number,
            condition=condition_of([Filter(*claim, COMPARISON.EQ)], term_of, bind),
            id=object_id,
        )
        for number, claim in enumerate(write.claims)
    ]
    return sql.LOCK_AND + " UNION ALL ".join(owners), bind.named


def load_from_config(config: Any) -> Storage:
    """Make the storage that the settings of a Pyramid configurator ask for; it does not connect.

    Raises ``ConfigurationError`` for a setting that is wrong, or when psycopg2 is not installed.
    """
    return Storage(
        client_from_config(config, "storage"),
        max_fetch_size=int(config.get_settings().get("storage_max_fetch_size", DEFAULT_MAX_FETCH_SIZE)),
    )
