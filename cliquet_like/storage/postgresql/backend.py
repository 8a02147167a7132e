"""Storage in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.guard import Proof, Provable
from cliquet_like.drivers.migrations import Migrations
from cliquet_like.drivers.postgresql.client import client_from_config
from cliquet_like.drivers.transactions import Rows
from cliquet_like.storage.base import max_fetch_size_of
from cliquet_like.storage.exceptions import ModifiedMeanwhileError
from cliquet_like.storage.heartbeat import COLLECTION_ID, PARENT_ID
from cliquet_like.storage.indexes import INDEX_PREFIX, DeclaredIndex
from cliquet_like.storage.postgresql import statements as sql
from cliquet_like.storage.postgresql.creating import defer_creation, know_clock
from cliquet_like.storage.postgresql.numbers import without_exponents
from cliquet_like.storage.postgresql.sending import Values, send_locking
from cliquet_like.storage.postgresql.texts import ListingTexts
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
    BulkRemoval,
    Found,
    Removal,
    Row,
    Write,
    refuse_removal,
    refuse_write,
)
from cliquet_like.storage.timestamps import refuse_if_moved

# Constants need not be sent each time.
_PROOF: Final = FixedStatement(
    sql.WRITE_ANY % {"parent": f"'{PARENT_ID}'", "collection": f"'{COLLECTION_ID}'"}
)


class Storage(Provable, ListingTexts, SQLStorage):
    """Records as ``jsonb``; each write is one message to the server, one more when fields are unique."""

    migrations = Migrations("storage", "cliquet_like.storage.postgresql")
    dialect = sql.DIALECT
    get_statement = sql.GET

    def heartbeat_proof(self) -> Proof:
        """Write a record that an earlier heartbeat has created; see the base."""
        return _PROOF, {}

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
        return self._indexes(valid=True)

    def unfinished_indexes(self) -> set[str]:
        """Names of those that are not valid; writes keep them up all the same."""
        return self._indexes(valid=False)

    def _indexes(self, *, valid: bool) -> set[str]:
        rows = self.database.read(sql.INDEXES, {"prefix": INDEX_PREFIX, "valid": valid})
        return {name for (name,) in rows}

    def create_index(self, index: DeclaredIndex) -> None:
        """Make an index; see the base."""
        self.drop_index(index.name)
        self.database.write_unhurried(self.index_statement(index))
        self.database.write_unhurried(sql.ANALYZE)

    def drop_index(self, name: str) -> None:
        """Drop an index; see the base."""
        self.database.write_unhurried(self.drop_statement(name))

    def drop_statement(self, name: str) -> str:
        """Statement that drops an index, while others read and write."""
        return sql.DROP_INDEX.format(name=name)

    def index_statement(self, index: DeclaredIndex) -> str:
        """Statement that makes an index; its texts are written out, for people to read."""
        columns, values = index_columns(index, self.dialect)
        values["collection"] = index.collection_id
        texts = {name: "'" + text.replace("'", "''") + "'" for name, text in values.items()}
        statement = sql.CREATE_INDEX.format(name=index.name, columns=columns)
        return statement % texts

    def _write(self, write: Write) -> int:
        text, now = without_exponents(write.text), self._clock()
        stamp = defer_creation(self.database, write, text, now=now)
        if stamp is None:
            stamp = self._write_now(write, text, now)
            know_clock(self.database, write, stamp)
        return stamp

    def _write_now(self, write: Write, text: str, now: int) -> int:
        values = _values_of(write, text, now)
        if write.claims:
            return self._write_claiming(write, values)
        statement = _statement_of(write)
        locks_itself = statement == sql.CREATE_AT_RANDOM
        rows = send_locking(self.database, write.place, statement, values, locks_itself=locks_itself)
        row = _answer_of(write, rows)
        if row[0] is None:
            refuse_write(write, _found(write, row))
        return int(row[0])

    def _replace(self, write: Write) -> tuple[int, Row | None]:
        values = _values_of(write, without_exponents(write.text), self._clock())
        stamp, before, text = send_locking(self.database, write.place, sql.REPLACE, values)[0]
        know_clock(self.database, write, int(stamp))
        return int(stamp), None if before is None else Row(write.id, before, text)

    def _write_claiming(self, write: Write, values: Values) -> int:
        """Look for owners of the claimed values under the lock, then write."""
        careful = _statement_of(write._replace(id_is_random=False))
        with self.database.writing() as session:
            rows = send_locking(self.database, write.place, *_owners_statement(write), session=session)
            owners = {number: Row(*row) for number, *row in rows}
            row = _answer_of(write, session.run(sql.REFUSED if owners else careful, values))
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
        stamp, current = send_locking(self.database, removal.place, statement, values)[0]
        if stamp is None:
            refuse_removal(removal, current)
        return int(stamp)

    def _remove_all(self, bulk: BulkRemoval) -> Sequence[tuple[str, int]]:
        place = bulk.place
        ids, values = ids_statement(bulk.selection, place, self.dialect)
        template = sql.DROP_ALL if bulk.tombstone is None else sql.BURY_ALL
        statement = self.dialect.statement(template).replace("{ids}", ids)
        values["now"], values["expected"] = self._clock(), bulk.expected
        values["tombstone"] = bulk.tombstone
        rows = send_locking(self.database, place, statement, values)
        removed = [(object_id, stamp) for _, object_id, stamp in rows if object_id is not None]
        if not removed:
            refuse_if_moved(bulk.expected, current=rows[0][0])
        return removed


def _values_of(write: Write, text: str, now: int) -> Values:
    """Values of the statement that stores a record; ``text`` is its JSON as ``jsonb`` keeps it."""
    return {
        **write.place.key,
        "id": write.id,
        "data": text,
        "given": write.given,
        "now": now,
        "expected": write.expected,
    }


def _statement_of(write: Write) -> str:
    if write.expected is ABSENT:
        return sql.CREATE
    if write.expected is not None:
        return sql.CREATE_AS_EXPECTED if write.creates else sql.UPDATE_AS_EXPECTED
    if not write.creates:
        return sql.UPDATE
    return sql.CREATE_AT_RANDOM if write.id_is_random else sql.CREATE


def _answer_of(write: Write, rows: Rows) -> tuple[Any, ...]:
    """The only row of a write; there is none where the record is not as expected."""
    if not rows:
        raise ModifiedMeanwhileError(f"expected {write.expected}, found another one")
    return rows[0]


def _found(write: Write, row: tuple[Any, ...]) -> Found:
    _, collection_stamp, last_modified, text = row
    live = None if last_modified is None else Row(write.id, last_modified, text)
    return Found(collection_stamp, live)


def _owners_statement(write: Write) -> Statement:
    """Statement whose rows are the owners of the claimed values."""
    place = write.place
    bind = sql.DIALECT.values(**place.key)
    object_id = bind(write.id)
    term_of = sql.DIALECT.terms_of(place)
    owners = [
        sql.OWNER.format(
            number=number,
            condition=condition_of([Filter(*claim, COMPARISON.EQ)], term_of, bind),
            id=object_id,
        )
        for number, claim in enumerate(write.claims)
    ]
    return " UNION ALL ".join(owners), bind.named


def load_from_config(config: Any) -> Storage:
    """Make the storage that the settings of a Pyramid configurator ask for; it does not connect.

    Raises ``ConfigurationError`` for a setting that is wrong, or when psycopg2 is not installed.
    """
    return Storage(client_from_config(config, "storage"), max_fetch_size=max_fetch_size_of(config))
