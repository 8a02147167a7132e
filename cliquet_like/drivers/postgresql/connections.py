"""Connections to one PostgreSQL server: opened when they are needed, checked before they are used again."""

import os
import select
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_INERROR
from psycopg2.extensions import connection as _Connection  # noqa: N812 - a class in lower case
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from cliquet_like.drivers.errors import TransientBackendError
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.postgresql.failures import FAILURES, backend_error
from cliquet_like.drivers.postgresql.pool import (
    QueuePoolWithMaxBacklog,
    idle_only,
    make_pool,
    refuse_in_haste,
)
from cliquet_like.drivers.postgresql.prepared import LOST, OF_ANOTHER_SERVER, PreparedStatements
from cliquet_like.drivers.postgresql.settings import PoolSettings
from cliquet_like.drivers.postgresql.standby import StandBy, standing_by
from cliquet_like.drivers.postgresql.url import Parameters
from cliquet_like.drivers.transactions import Rows
from cliquet_like.logs import logger

_PID: Final = "SELECT pg_backend_pid()"
_LOST_IN_TRANSACTION: Final = "A prepared statement was lost: the whole transaction has to be done again."


class Connection(_Connection):
    """A connection in autocommit mode, so that psycopg2 sends no BEGIN of its own."""

    generation: int = 0
    """Number of servers that were lost before it was opened; see ``holding`` for one of no generation."""
    times_taken: int = 0
    is_direct: bool = False
    """Whether it is known that it leads to one server process, always the same."""
    home: StandBy
    """Where it is given back: a process that was forked meanwhile has another pool."""

    def __init__(self, dsn: str, *arguments: Any) -> None:
        super().__init__(dsn, *arguments)
        self.opened_s = time.monotonic()
        self.prepared = PreparedStatements()
        self.watch = select.poll()
        """Answers when the server said something."""
        self.watch.register(self.fileno(), select.POLLIN)


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
        # It is for connections that are used again.
        self._may_prepare = settings.prepares and isinstance(self._pool.pool, QueuePool)

    def take(self) -> Taken:
        """Connection outside of a transaction, which was alive a moment ago. Raises ``BackendError``."""
        try:
            return self._new_loan()
        except FAILURES as error:
            raise backend_error(error) from error

    def send(
        self, taken: Taken, statement: str, values: Any = (), preface: Sequence[str] = ()
    ) -> tuple[Rows, str]:
        """Rows of the last statement in a text, and its command tag. Raises ``BackendError``.

        What stands in the ``preface`` is sent before it, in the same message.
        """
        if self.on_statement is not None:
            self.on_statement(_message(preface, statement))
        connection: Any = taken.dbapi_connection
        try:
            if isinstance(statement, FixedStatement) and self._prepares(connection, statement):
                return self._run_prepared(connection, statement, values, preface)
            return _run(connection, _message(preface, statement), values)
        except FAILURES as error:
            if connection.closed:
                self._forget(connection)
            raise backend_error(error) from error

    def give_back(self, taken: Taken) -> None:
        """Keep a connection that is outside of a transaction, and close any other."""
        connection: Any = taken.dbapi_connection
        if self.is_idle(taken) and connection.generation == self._generation:
            connection.home.give_back(taken)
        else:
            taken.invalidate()

    def take_idle(self) -> Taken | None:
        """Connection as of :meth:`take`, or None where that would mean to wait for one, or to open it."""
        pool = self._pool_of_process()
        # Those of others may wait.
        if not isinstance(pool.pool, QueuePoolWithMaxBacklog):
            return None
        if (standing := pool.take_idle(self._is_usable)) is not None:
            return standing
        try:
            with idle_only():
                return self._new_loan()
        except FAILURES:
            return None

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
        pool.close()

    def _prepares(self, connection: Connection, statement: FixedStatement) -> bool:
        if not self._may_prepare or not connection.prepared.takes(statement):
            return False
        if not connection.is_direct:
            # A pooler such as PgBouncer, in transaction mode, may lead to another process each time.
            rows, _ = _run(connection, _PID)
            connection.is_direct = self._may_prepare = rows == [(connection.get_backend_pid(),)]
        return connection.is_direct

    def _run_prepared(
        self, connection: Connection, statement: FixedStatement, values: Any, preface: Sequence[str]
    ) -> tuple[Rows, str]:
        try:
            answer = _run(connection, _message(preface, connection.prepared.message(statement)), values)
        except LOST as error:
            # All of a message is undone, so nothing of it has taken place.
            connection.prepared.forget()
            if isinstance(error, OF_ANOTHER_SERVER):
                self._may_prepare = False
                logger.warning("statements are not prepared any more", backend=self._kind, error=str(error))
            if connection.get_transaction_status() != TRANSACTION_STATUS_IDLE:
                raise TransientBackendError(error, message=_LOST_IN_TRANSACTION) from error
            return _run(connection, _message(preface, statement), values)
        connection.prepared.succeeded(statement)
        return answer

    def _new_loan(self) -> Taken:
        pool = self._pool_of_process()
        taken = pool.take(self._is_usable)
        connection: Any = taken.dbapi_connection
        connection.home = pool
        return taken

    def _pool_of_process(self) -> StandBy:
        process_id = self._process_id()
        if process_id != self._owner:
            # psycopg2 closes no socket that another process has opened.
            # The owner comes last: a thread that sees it must not see the old pool any more.
            self._pool = self._new_pool()
            self._owner = process_id
        return self._pool

    def _new_pool(self) -> StandBy:
        # A class of the application's own is to see each loan.
        spared = standing_by(self._settings.size) if self._settings.poolclass is None else 0
        pool = make_pool(self._connect, self._settings, kind=self._kind, spared=spared)
        event.listen(pool, "checkout", self._check)
        return StandBy(pool, spared)

    def _connect(self) -> Connection:
        refuse_in_haste()
        connection: Connection = psycopg2.connect(**self._parameters, connection_factory=Connection)
        connection.autocommit = True
        connection.generation = self._generation
        return connection

    def _check(self, connection: Connection, _record: object, _taken: Taken) -> None:
        """Let the pool replace a connection that cannot be used again."""
        if not self._is_usable(connection):
            raise DisconnectionError

    def _is_usable(self, connection: Connection) -> bool:
        """Whether a connection can be used (again): it is counted then."""
        if connection.times_taken:
            if _is_dead(connection):
                self._forget(connection)
            if (
                connection.generation != self._generation
                # Its last user did not give it back: the garbage collector did.
                or connection.get_transaction_status() != TRANSACTION_STATUS_IDLE
                or 0 <= self._settings.recycle_s < time.monotonic() - connection.opened_s
            ):
                return False
        connection.times_taken += 1
        return True

    def _forget(self, connection: Connection) -> None:
        """Let no connection of the same generation be used again."""
        if connection.generation == self._generation:
            self._generation += 1


def _is_dead(connection: Connection) -> bool:
    """Whether the server closed it, or said something unasked; what it says last is that it stops."""
    if connection.closed:
        return True
    return bool(connection.watch.poll(0))


def _message(preface: Sequence[str], statement: str) -> str:
    return "; ".join([*preface, statement]) if preface else statement


def _run(connection: Any, text: str, values: Any = ()) -> tuple[Rows, str]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        rows = cursor.fetchall() if cursor.description else []
        return rows, cursor.statusmessage
