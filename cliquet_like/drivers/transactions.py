"""Database sessions in the transaction of a request: each joins at its first write, and no read needs one."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

Rows = list[tuple[Any, ...]]
"""Rows of a result, empty when a statement has none."""

_open_transaction: Final[ContextVar[Any]] = ContextVar("open_transaction", default=None)


class Session(ABC):
    """One transaction of one database, from its first statement to its end.

    Every method may raise ``BackendError``, except :meth:`rollback`.
    """

    ended: bool = False
    """Whether it was committed or rolled back; nothing can be run any more."""

    @abstractmethod
    def run(self, statement: str, values: Any = ()) -> Rows:
        """Rows of a statement."""

    @abstractmethod
    def savepoint(self) -> int:
        """Number of a new savepoint, to which :meth:`rollback_to` goes back."""

    @abstractmethod
    def rollback_to(self, savepoint: int) -> None:
        """Undo what was run after the savepoint; it stays, those after it are gone."""

    @abstractmethod
    def commit(self) -> None:
        """Make all of it lasting, and end. When that fails all of it is undone, and it has ended too."""

    @abstractmethod
    def rollback(self) -> None:
        """Undo all of it, and end; silent when it has ended already."""


@contextmanager
def joining(transaction: Any) -> Iterator[None]:
    """Let databases join a transaction (of the package ``transaction``) at their first write in this context.

    Other threads, and code outside of the context, write without it: each write is lasting at once.
    """
    token = _open_transaction.set(transaction)
    try:
        yield
    finally:
        _open_transaction.reset(token)


def session_of(database: object) -> Session | None:
    """Session that a database has in the open transaction, or None: there is none, or nothing was written."""
    transaction = _open_transaction.get()
    if transaction is None:
        return None
    try:
        session: Session = transaction.data(database)
    except KeyError:
        return None
    return None if session.ended else session


def join(database: object, session: Session) -> bool:
    """Let a session share the fate of the open transaction; False when no transaction is open."""
    transaction = _open_transaction.get()
    if transaction is None:
        return False
    transaction.join(_Member(session))
    transaction.set_data(database, session)
    return True


def is_open() -> bool:
    """Whether a session can join."""
    return _open_transaction.get() is not None


class _Member:
    """Data manager of a session (``transaction.interfaces.IDataManagerSavepoint``).

    A database commits in one phase. That is done in the vote, where a failure still undoes what
    the other members of the transaction did.
    """

    transaction_manager = None

    def __init__(self, session: Session) -> None:
        self._session = session

    def abort(self, _transaction: Any) -> None:
        self._session.rollback()

    def tpc_begin(self, _transaction: Any) -> None:
        pass

    def commit(self, _transaction: Any) -> None:
        pass

    def tpc_vote(self, _transaction: Any) -> None:
        self._session.commit()

    def tpc_finish(self, _transaction: Any) -> None:
        pass

    def tpc_abort(self, _transaction: Any) -> None:
        self._session.rollback()

    def sortKey(self) -> str:  # noqa: N802 - named by the package transaction
        # Members vote in this order: last comes who cannot take its vote back.
        return "~cliquet_like"

    def savepoint(self) -> "_Savepoint":
        return _Savepoint(self._session)


class _Savepoint:
    """Savepoint of a member (``transaction.interfaces.IDataManagerSavepoint``)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._number = session.savepoint()

    def rollback(self) -> None:
        self._session.rollback_to(self._number)
