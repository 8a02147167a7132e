"""Connections to one PostgreSQL server: opened when they are needed, checked before they are used again."""

import os
import select
from collections.abc import Callable
from typing import Any

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_INERROR
from psycopg2.extensions import connection as _Connection  # noqa: N812 - a class in lower case
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import Pool, PoolProxiedConnection

from cliquet_like.drivers.postgresql.failures import FAILURES, backend_error
from cliquet_like.drivers.postgresql.pool import make_pool
from cliquet_like.drivers.postgresql.settings import PoolSettings
from cliquet_like.drivers.postgresql.url import Parameters
from cliquet_like.drivers.transactions import Rows


class Connection(_Connection):
    """A connection in autocommit mode, so that psycopg2 sends no BEGIN of its own."""

    generation: int = 0
    """Number of servers that were lost before it was opened."""
    times_taken: int = 0


Taken = PoolProxiedConnection
"""A connection on loan from the pool; its ``dbapi_connection`` is our :class:`Connection`."""


class Connections:
    """Who takes a connection has it alone, until it is given back.

    When one is found to be dead, all that were opened before are replaced before they are used
    again. A forked process has its own pool, and leaves the sockets of its parent alone.
    """

    def __init__(
        self,
        parameters: Parameters,
        settings: PoolSettings,
        *,
        kind: str,
        process_id: Callable[[], int] = os.getpid,
    ) -> None:
        """Prepare the pool. Raises ``ConfigurationError`` for its class."""
        self.on_statement: Callable[[str], None] | None = None
        self._parameters = parameters
        self._settings = settings
        self._kind = kind
        self._process_id = process_id
        self._generation = 0
        self._owner, self._pool = process_id(), self._new_pool()

    def take(self) -> Taken:
        """Connection outside of a transaction, which was alive a moment ago. Raises ``BackendError``."""
        try:
            return self._pool_of_process().connect()
        except FAILURES as error:
            raise backend_error(error) from error

    def send(self, taken: Taken, statement: str, values: Any = ()) -> tuple[Rows, str]:
        """Rows of the last statement in a text, and its command tag. Raises ``BackendError``."""
        if self.on_statement is not None:
            self.on_statement(statement)
        connection: Any = taken.dbapi_connection
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                rows = cursor.fetchall() if cursor.description else []
                return rows, cursor.statusmessage
        except FAILURES as error:
            if connection.closed:
                self._forget(connection)
            raise backend_error(error) from error

    def give_back(self, taken: Taken) -> None:
        """Keep a connection that is outside of a transaction, and close any other."""
        connection: Any = taken.dbapi_connection
        if self.is_idle(taken) and connection.generation == self._generation:
            taken.close()
        else:
            taken.invalidate()

    def is_idle(self, taken: Taken) -> bool:
        """Whether no transaction is open, as far as is known without asking the server."""
        connection: Any = taken.dbapi_connection
        return bool(connection.get_transaction_status() == TRANSACTION_STATUS_IDLE)

    def has_failed(self, taken: Taken) -> bool:
        """Whether a statement has failed in the open transaction."""
        connection: Any = taken.dbapi_connection
        return bool(connection.get_transaction_status() == TRANSACTION_STATUS_INERROR)

    def was_lost(self, taken: Taken) -> bool:
        """Whether a connection that had been used before is closed."""
        connection: Any = taken.dbapi_connection
        return bool(connection.closed) and connection.times_taken > 1

    def close(self) -> None:
        """Close the idle connections now, and those in use when they are given back."""
        pool, self._pool = self._pool_of_process(), self._new_pool()
        self._generation += 1
        pool.dispose()

    def _pool_of_process(self) -> Pool:
        process_id = self._process_id()
        if process_id != self._owner:
            # psycopg2 closes no socket that another process has opened.
            # The owner comes last: a thread that sees it must not see the old pool any more.
            self._pool = self._new_pool()
            self._owner = process_id
        return self._pool

    def _new_pool(self) -> Pool:
        pool = make_pool(self._connect, self._settings, kind=self._kind)
        event.listen(pool, "checkout", self._check)
        return pool

    def _connect(self) -> Connection:
        connection: Connection = psycopg2.connect(**self._parameters, connection_factory=Connection)
        connection.autocommit = True
        connection.generation = self._generation
        return connection

    def _check(self, connection: Connection, _record: object, _taken: Taken) -> None:
        """Let the pool replace a connection that cannot be used again."""
        if connection.times_taken:
            if _is_dead(connection):
                self._forget(connection)
            if (
                connection.generation != self._generation
                # Its last user did not give it back: the garbage collector did.
                or connection.get_transaction_status() != TRANSACTION_STATUS_IDLE
            ):
                raise DisconnectionError
        connection.times_taken += 1

    def _forget(self, connection: Connection) -> None:
        """Let no connection of the same generation be used again."""
        if connection.generation == self._generation:
            self._generation += 1


def _is_dead(connection: Connection) -> bool:
    """Whether the server closed it, or said something unasked; what it says last is that it stops."""
    if connection.closed:
        return True
    readable = select.poll()
    readable.register(connection.fileno(), select.POLLIN)
    return bool(readable.poll(0))
