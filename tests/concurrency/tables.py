"""The tables of records and permissions, read past the library."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from threading import Lock
from typing import Any, Final, Protocol

import psycopg2

from tests.concurrency.history import Permissions, permissions_of
from tests.concurrency.notebook import COLLECTION

# One statement is one moment.
_UNPAIRED: Final = f"""
SELECT 'permissions without a record', e.object_id || ' ' || e.permission || ' ' || e.principal
FROM access_control_entries AS e
WHERE NOT EXISTS (
    SELECT 1 FROM records AS r WHERE r.collection_id = 'parcel' AND NOT r.deleted
      AND '{COLLECTION}/' || r.id = e.object_id
)
UNION ALL
SELECT 'records without permissions', r.id FROM records AS r
WHERE r.collection_id = 'parcel' AND NOT r.deleted AND NOT EXISTS (
    SELECT 1 FROM access_control_entries AS e
    WHERE e.object_id = '{COLLECTION}/' || r.id AND e.permission = 'write'
)
"""
_LIVE: Final = "SELECT id FROM records WHERE collection_id = 'parcel' AND NOT deleted"
_ENTRIES: Final = "SELECT object_id, permission, principal FROM access_control_entries"


class _Connection(Protocol):
    def cursor(self) -> Any:
        """Cursor of the driver."""


class Tables:
    """A connection of its own, that may be used by one thread after another."""

    pause_s = 0.02

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._lock = Lock()
        self.looks = 0
        self.unpaired: list[tuple[str, str]] = []
        """Permissions and records that were seen without each other, while others wrote."""

    def turn(self) -> None:
        """Look once for what must never be seen, not even for a moment."""
        self.unpaired.extend((kind, what) for kind, what in self.rows(_UNPAIRED))
        self.looks += 1

    def unpaired_now(self) -> list[tuple[str, str]]:
        """Permissions and records without each other."""
        return [(kind, what) for kind, what in self.rows(_UNPAIRED)]

    def permissions(self) -> dict[str, Permissions]:
        """Permissions of each live record."""
        found: dict[str, dict[str, set[str]]] = {record_id: {} for (record_id,) in self.rows(_LIVE)}
        for object_id, permission, principal in self.rows(_ENTRIES):
            entries = found.get(object_id.removeprefix(f"{COLLECTION}/"), {})
            entries.setdefault(permission, set()).add(principal)
        return {record_id: permissions_of(entries) for record_id, entries in found.items()}

    def rows(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """Rows of a statement."""
        with self._lock, closing(self._connection.cursor()) as cursor:
            cursor.execute(statement)
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return rows


@contextmanager
def tables_of(url: str) -> Iterator[Tables]:
    """Tables of a PostgreSQL or SQLite database."""
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as connection:
            yield Tables(connection)
    else:
        with closing(psycopg2.connect(url)) as connection:
            connection.autocommit = True
            yield Tables(connection)
