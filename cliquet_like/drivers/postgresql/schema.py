"""Schema changes on PostgreSQL: locks of those who make them, and how far an index is."""

import time
from abc import ABC
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from cliquet_like.drivers.database import Database
from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.postgresql.session import PostgreSQLSession
from cliquet_like.drivers.transactions import Session

if TYPE_CHECKING:
    from cliquet_like.drivers.postgresql.connections import Connections

# Advisory locks (PostgreSQL 13.3.5) are numbers of a database: the first one is ours, "cliq" in ASCII.
_WAIT_FOR_SCHEMA: Final = "SELECT pg_advisory_xact_lock(1668049265, 1)"
_TRY_INDEXES: Final = "SELECT pg_try_advisory_xact_lock(1668049265, 2)"
# Each statement sees what was committed before it, even where the server has another default: who
# waited for a lock sees what the one before did, and CREATE INDEX CONCURRENTLY waits for nobody who
# holds a lock, as it does for every transaction that keeps an old snapshot.
_READ_COMMITTED: Final = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
_WITHOUT_TIME_LIMIT: Final = "SET LOCAL statement_timeout = 0"
_WITHOUT_IDLE_LIMIT: Final = "SET LOCAL idle_in_transaction_session_timeout = 0"
_UNHURRIED: Final = "SET statement_timeout = 0"
_HAS_TABLE: Final = "SELECT to_regclass(%s) IS NOT NULL"
_PROGRESS: Final = """
SELECT phase, CASE WHEN blocks_total > 0 THEN 100 * blocks_done / blocks_total
                   WHEN tuples_total > 0 THEN 100 * tuples_done / tuples_total END
FROM pg_stat_progress_create_index WHERE datname = current_database()
"""

_INTERVAL_S: Final = 0.5


class SchemaChanges(Database, ABC):
    """The part of the client that is about tables and indexes.

    Indexes are made on connections outside of the pool, which may be too small for that.
    """

    _unpooled: "Connections"

    index_patience_s: float = 3600.0
    """How long a process waits for another one to finish its indexes."""

    def has_table(self, name: str) -> bool:
        """Whether the table is in the search path."""
        return self.read(_HAS_TABLE, (name,)) == [(True,)]

    def lock_schema(self, session: Session) -> None:
        """Wait for the sessions that came before; from here on no statement is cut short.

        Nothing was run in the session before.
        """
        session.run(_READ_COMMITTED)
        session.run(_WITHOUT_TIME_LIMIT)
        session.run(_WAIT_FOR_SCHEMA)

    @contextmanager
    def building_indexes(self) -> Iterator[None]:
        """One process at a time; who waits too long at the door gets a ``BackendError``.

        The lock is asked for again and again: CREATE INDEX CONCURRENTLY waits for every statement
        that began before it, and one that waited for our lock would wait for us.
        """
        session = PostgreSQLSession(self._unpooled)
        try:
            session.run(_READ_COMMITTED)
            session.run(_WITHOUT_IDLE_LIMIT)
            deadline = time.monotonic() + self.index_patience_s
            while session.run(_TRY_INDEXES) != [(True,)]:
                if time.monotonic() >= deadline:
                    raise BackendError(message="Another process is still working on the indexes.")
                time.sleep(_INTERVAL_S)
            yield
        finally:
            session.rollback()

    def write_unhurried(self, statement: str) -> None:
        """Run a statement without the time limit of the URL, on a connection of its own.

        The limit is lifted for the whole session. So the URL must lead to the server itself:
        PgBouncer in transaction mode would give that session to others afterwards.
        """
        taken = self._unpooled.take()
        try:
            self._unpooled.send(taken, _UNHURRIED)
            self._unpooled.send(taken, statement)
        finally:
            self._unpooled.give_back(taken)

    def index_progress(self) -> str | None:
        """Phase and percent, from ``pg_stat_progress_create_index``; None when no connection is to be had."""
        try:
            rows = self.read(_PROGRESS)
        except BackendError:
            return None
        return stage_text(*rows[0]) if rows else None


def stage_text(phase: str, percent: int | None) -> str:
    """Phase and percent as text; some phases are only waited for."""
    return phase if percent is None else f"{phase} {percent} %"
