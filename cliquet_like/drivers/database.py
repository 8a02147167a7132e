"""A SQL database as backends see it: read, write, or write several statements as one."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, TypeVar

from cliquet_like.drivers.errors import TransientBackendError
from cliquet_like.drivers.transactions import Rows, Session, is_open, join, session_of

WRITE_ATTEMPTS: Final = 3

Client = TypeVar("Client")


class Hold(ABC):
    """Sends a write for which nobody waits longer than he wants to: another thread can interrupt it."""

    @abstractmethod
    def write(self, statement: str, values: Any) -> Rows:
        """Rows of a writing statement, lasting at once and outside of any transaction.

        Raises ``BackendError``, also where it would have to wait for the lock of another.
        """

    @abstractmethod
    def interrupt(self) -> None:
        """Let what is being written fail, and all that follows; brief, and raises nothing."""


class Database(ABC):
    """Client of one database, with a pool of connections; construction does not connect.

    In the transaction of a request, the first write that joins it makes everything after it part
    of it, reads included, until its end or a rollback to a savepoint from before that write. Only
    :meth:`write_unhurried` never is. Elsewhere each call is lasting when it returns. Every
    failure is a ``BackendError``.
    """

    def read(self, statement: str, values: Any = ()) -> Rows:
        """Rows of one statement that writes nothing."""
        session = session_of(self)
        return self._read(statement, values) if session is None else session.run(statement, values)

    def write(self, statement: str, values: Any = (), *, joins: bool = True) -> Rows:
        """Rows of a writing statement, which happens as a whole or not at all.

        With ``joins`` false it is part of a transaction only when that is open on this database
        already: for what should last even when the request fails.

        Elsewhere it is attempted :data:`WRITE_ATTEMPTS` times when it was in the way of another.
        In a transaction it is not: ``retry.attempts`` says how often the whole request is run.
        """
        session = self._joined() if joins else session_of(self)
        if session is not None:
            return session.run(statement, values)
        for _ in range(WRITE_ATTEMPTS - 1):
            try:
                return self._write(statement, values)
            except TransientBackendError:
                continue
        return self._write(statement, values)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Session for several statements, which happen all or not at all.

        In the transaction of a request, an exception of yours undoes nothing by itself: look
        first, then write. Elsewhere nothing is tried again: whoever was in the way of another
        gets a ``TransientBackendError``.
        """
        session = self._joined()
        if session is not None:
            yield session
            return
        session = self._begin()
        try:
            yield session
            session.commit()
        finally:
            session.rollback()

    def write_unhurried(self, statement: str) -> None:
        """Run one writing statement outside of any transaction, however long it takes.

        By default it is a write like any other, for databases that know no time limit.
        """
        self._write(statement, ())

    def has_table(self, name: str) -> bool:
        """Whether statements that name the table find it; migrations need to know."""
        raise NotImplementedError

    def lock_schema(self, session: Session) -> None:  # noqa: B027 - most have nothing to add
        """Let no other session pass here before this one ends; it is called before anything is run in it.

        Nothing to do by default, for databases with one writer at a time.
        """

    def building_indexes(self) -> AbstractContextManager[None]:
        """Context in which one process at a time looks for, makes and drops indexes; others wait at its door.

        By default everybody passes at once, for databases of one process.
        """
        return nullcontext()

    def hold(self) -> AbstractContextManager[Hold | None]:
        """Context of a write that waits for nothing which cannot be interrupted.

        None, by default and where it cannot be had at once.
        """
        return nullcontext()

    def index_progress(self) -> str | None:
        """How far the index is that is being built in another thread, for people; None when nobody knows."""
        return None

    def _joined(self) -> Session | None:
        session = session_of(self)
        if session is None and is_open():
            session = self._begin()
            join(self, session)
        return session

    @abstractmethod
    def close(self) -> None:
        """Close the connections that are idle; new ones are opened when needed."""

    @abstractmethod
    def _read(self, statement: str, values: Any) -> Rows:
        """Hook: rows of a reading statement, outside of any session."""

    @abstractmethod
    def _write(self, statement: str, values: Any) -> Rows:
        """Hook: rows of a writing statement, lasting when it returns."""

    @abstractmethod
    def _begin(self) -> Session:
        """Hook: new session; it may wait for its first statement before it connects."""


def shared_client(config: Any, key: Any, make: Callable[[], Client]) -> Client:
    """Client of this key in the registry of an application, made where there is none.

    Backends of one application that name the same database share connections, and transactions.
    """
    clients: dict[Any, Any] = vars(config.registry).setdefault("database_clients", {})
    if key not in clients:
        clients[key] = make()
    client: Client = clients[key]
    return client
