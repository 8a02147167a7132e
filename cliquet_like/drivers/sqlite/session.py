"""One transaction of SQLite."""

from collections.abc import Callable
from typing import Any

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.sqlite.connections import Connection, Connections
from cliquet_like.drivers.sqlite.failures import patiently, translated
from cliquet_like.drivers.transactions import Rows, Session


class SQLiteSession(Session):
    """It waits for its turn to write at its first statement; from then on it holds a connection.

    Some failures (disk full) make SQLite undo the whole transaction: all that is left then is
    to roll it back.
    """

    def __init__(self, connections: Connections, patience_ms: int, announce: Callable[[str], None]) -> None:
        """``announce`` is called with each statement before it runs."""
        super().__init__()
        self._connections = connections
        self._patience_ms = patience_ms
        self._announce = announce
        self._connection: Connection | None = None
        self._savepoints = 0

    def run(self, statement: str, values: Any = ()) -> Rows:
        """Rows of a statement; when it fails, what was run before it is still there."""
        connection = self._begun()
        self._announce(statement)
        with translated():
            return connection.execute(statement, values).fetchall()

    def savepoint(self) -> int:
        """Number of a new savepoint."""
        connection = self._begun()
        self._savepoints += 1
        with translated():
            connection.execute(f"SAVEPOINT s{self._savepoints}")
        return self._savepoints

    def rollback_to(self, savepoint: int) -> None:
        """Undo what was run after the savepoint."""
        connection = self._begun()
        with translated():
            connection.execute(f"ROLLBACK TO s{savepoint}")

    def commit(self) -> None:
        """Make all of it lasting, and end; nothing happens when nothing was run."""
        self._refuse_ended()
        try:
            if self._connection is not None:
                connection = self._begun()
                with translated():
                    connection.execute("COMMIT")
        finally:
            self.rollback()

    def rollback(self) -> None:
        """Undo all of it, and end."""
        self.ended = True
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            with translated():
                connection.rollback()
        except BackendError:
            connection.close()
        else:
            self._connections.give_back(connection)

    def _begun(self) -> Connection:
        self._refuse_ended()
        connection = self._connection
        if connection is None:
            connection = self._connection = self._begin()
        if not connection.in_transaction:
            raise BackendError(message="A statement had failed, so SQLite undid the transaction.")
        return connection

    def _begin(self) -> Connection:
        with translated():
            connection = self._connections.take()
            try:
                patiently(lambda: connection.execute("BEGIN IMMEDIATE"), self._patience_ms)
            except BaseException:
                connection.close()
                raise
        return connection

    def _refuse_ended(self) -> None:
        if self.ended:
            raise BackendError(message="The transaction has ended.")
