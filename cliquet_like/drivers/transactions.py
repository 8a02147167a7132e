"""Database sessions in the transaction of a request: each joins at its first write, and no read needs one."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, Final

from cliquet_like.drivers.on_demand import OnDemand

Rows = list[tuple[Any, ...]]
"""Rows of a result, empty when a statement has none."""

Memory = set[tuple[Hashable, Any]]
"""What is remembered over the attempts of a request: pairs of who remembers, and what.

All share one set: what somebody remembers is never taken for what another does.
"""


class Session(ABC):
    """One transaction of one database, from its first statement to its end.

    Every method may raise ``BackendError``, except :meth:`rollback`.
    """

    ended: bool = False
    """Whether it was committed or rolled back; nothing can be run any more."""

    def __init__(self) -> None:
        self.held: list[Any] = []
        """What it holds locked, as whoever locks notes it; going back to a savepoint forgets later ones."""

    @abstractmethod
    def run(self, statement: str, values: Any = ()) -> Rows:
        """Rows of a statement."""

    @abstractmethod
    def savepoint(self) -> int:
        """Number of a new savepoint, to which :meth:`rollback_to` goes back."""

    @abstractmethod
    def rollback_to(self, savepoint: int) -> None:
        """Undo what was run after the savepoint; it stays, those after it are gone."""

    def release(self, savepoint: int) -> None:  # noqa: B027 - most have nothing to gain
        """Let a savepoint go: nobody will go back to it. It may be called in the middle of anything."""

    @abstractmethod
    def commit(self) -> None:
        """Make all of it lasting, and end. When that fails all of it is undone, and it has ended too."""

    @abstractmethod
    def rollback(self) -> None:
        """Undo all of it, and end; silent when it has ended already."""


class _Context:
    """Which transaction a database may join (an ``ISynchronizer`` of the package ``transaction``).

    It is the one that was begun last with the followed manager: managers tell of a beginning, and
    of an end. One that a manager makes because somebody asked for it is none: nobody would end it.
    """

    __slots__ = (
        "__weakref__",
        "_token",
        "admits",
        "ends_with",
        "kept_apart",
        "manager",
        "remembered",
        "repeats",
        "transaction",
    )

    def __init__(self, manager: Any, remembered: Memory | None, *, repeats: bool) -> None:
        self.remembered = remembered
        self.repeats = repeats
        self.manager = manager
        self.transaction: Any = None
        self.admits = False
        self.kept_apart = False
        self.ends_with: Any = None

    def __enter__(self) -> None:
        if self.manager is not None:
            self.follow(self.manager)
        self._token = _context.set(self)

    def __exit__(self, *_: object) -> None:
        _context.reset(self._token)
        self.transaction = None
        if self.manager is not None:
            self.manager.unregisterSynch(self)

    def follow(self, manager: Any) -> None:
        """Join its open transaction, and those that will be begun."""
        self.manager = manager
        if isinstance(manager, OnDemand):
            manager.register_patiently(self)
        else:
            # It knows its synchronizers by weak references only.
            manager.registerSynch(self)

    def is_open(self) -> bool:
        """Whether there is a transaction to join, be it only promised, and not too late."""
        if self.kept_apart:
            return False
        if self.transaction is None:
            return isinstance(self.manager, OnDemand) and self.manager.is_promised
        return self.admits

    def newTransaction(self, transaction: Any) -> None:  # noqa: N802 - named by the package transaction
        self.transaction = transaction
        self.admits = True

    def beforeCompletion(self, _transaction: Any) -> None:  # noqa: N802 - named by the package transaction
        # The hooks before the commit have been called; who came now would be too late.
        self.admits = False

    def afterCompletion(self, _transaction: Any) -> None:  # noqa: N802 - named by the package transaction
        self.transaction = None


_context: Final[ContextVar[_Context]] = ContextVar("transaction_context")


def joining(
    manager: Any = None, remembered: Memory | None = None, *, repeats: bool = False
) -> AbstractContextManager[None]:
    """Let databases join, at their first write in this context, the transaction that a manager has open.

    The manager (of the package ``transaction``) may also be told later, with :func:`follow`. As long
    as it has no open transaction, and in other threads, each write is lasting at once; so it is in
    the hooks after a commit, while those before it are part of the transaction. ``remembered`` is
    what :func:`remembered` answers; ``repeats`` is true where a ``TransientBackendError`` leads to
    another attempt.
    """
    return _Context(manager, remembered, repeats=repeats)


def follow(manager: Any, *, ends_with: Any = None) -> None:
    """Tell the context, which has to be open, whose transactions are to be joined.

    ``ends_with`` is the request whose view is the last that may refuse to commit; None: others may.
    """
    context = _context.get()
    context.follow(manager)
    context.ends_with = ends_with


def is_following(manager: Any) -> bool:
    """Whether the transactions of this manager are joined already."""
    context = _context.get(None)
    return context is not None and context.manager is manager


def remembered() -> Memory | None:
    """What is remembered over the attempts of a request; None when nothing can be joined."""
    context = _context.get(None)
    return context.remembered if context is not None and context.is_open() else None


def will_repeat() -> bool:
    """Whether the request is run again when it fails for a passing reason."""
    context = _context.get(None)
    return context is not None and context.repeats


def undo_what_is_left() -> None:
    """Abort the transaction that is open in this context, if there is one."""
    context = _context.get(None)
    if context is not None and context.transaction is not None:
        context.transaction.abort()


def may_stand_alone(request: Any) -> bool:
    """Whether a write can be lasting at once, if it is the last thing that the request's view does.

    So it is where nobody has asked for the transaction yet, and nothing after the view may undo it.
    """
    context = _context.get(None)
    return (
        context is not None
        and context.ends_with is request
        and isinstance(context.manager, OnDemand)
        and context.manager.is_promised
    )


@contextmanager
def joining_nothing() -> Iterator[None]:
    """Let writes of this context be lasting at once, except on databases that have joined before it."""
    context = _context.get(None)
    if context is None:
        yield
        return
    before, context.kept_apart = context.kept_apart, True
    try:
        yield
    finally:
        context.kept_apart = before


def session_of(database: object) -> Session | None:
    """Session that a database has in the open transaction, or None: there is none, or nothing was written."""
    context = _context.get(None)
    if context is None or context.transaction is None:
        return None
    try:
        session: Session = context.transaction.data(database)
    except KeyError:
        return None
    return None if session.ended else session


def is_open() -> bool:
    """Whether a session can join."""
    context = _context.get(None)
    return context is not None and context.is_open()


def join(database: object, session: Session) -> None:
    """Let a session share the fate of the transaction, which has to be open."""
    context = _context.get()
    transaction = context.transaction or context.manager.get()
    transaction.join(_Member(session))
    transaction.set_data(database, session)


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
        return _Savepoint(self._session, self._session.savepoint())


class _Savepoint:
    """Savepoint of a member (``transaction.interfaces.IDataManagerSavepoint``).

    The transaction itself knows it by a weak reference only: it is gone when nobody can go back to it.
    """

    def __init__(self, session: Session, number: int) -> None:
        self._session = session
        self._number = number

    def __del__(self) -> None:
        self._session.release(self._number)

    def rollback(self) -> None:
        self._session.rollback_to(self._number)
