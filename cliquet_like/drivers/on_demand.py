"""Transactions that begin when somebody needs them: most requests never do."""

from typing import Any

from transaction import TransactionManager


class Promise:
    """Stands for a transaction that nobody has needed yet: keeps what pyramid_tm tells of it."""

    __slots__ = ("_notes", "_transaction", "_user")

    def __init__(self) -> None:
        self._user: str | None = None
        self._notes: list[str] = []
        self._transaction: Any = None

    @property
    def user(self) -> str | None:
        """Name of the user, None as long as nobody told it."""
        return self._user

    @user.setter
    def user(self, name: str) -> None:
        self._user = name
        if self._transaction is not None:
            self._transaction.user = name

    def note(self, text: str) -> None:
        """Tell the transaction, or keep it until there is one."""
        if self._transaction is None:
            self._notes.append(text)
        else:
            self._transaction.note(text)

    def keep(self, transaction: Any) -> None:
        """Be this transaction from now on."""
        self._transaction = transaction
        for text in self._notes:
            transaction.note(text)
        if self._user is not None:
            transaction.user = self._user


class OnDemand(TransactionManager):
    """Explicit manager of a request, whose first transaction is only promised when pyramid_tm begins it.

    It begins when somebody asks for it: ``get``, ``doom``, ``savepoint``, a synchronizer. One that
    nobody asked for ends without any trace. All others begin at once.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        """Keep the environ of the request until the first transaction."""
        # The state of the base class is made when it is first looked at.
        self._environ: dict[str, Any] | None = environ
        self._promise: Promise | None = None
        self._waiting: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        if "explicit" in vars(self):
            raise AttributeError(name)
        super().__init__(explicit=True)
        return getattr(self, name)

    @property
    def is_promised(self) -> bool:
        """Whether there is a transaction that nobody has needed yet."""
        return self._promise is not None

    def begin(self) -> Any:
        """See :class:`transaction.interfaces.ITransactionManager`."""
        environ, self._environ = self._environ, None
        # pyramid_tm tells the environ right before; whoever else begins one is going to use it.
        if environ is not None and environ.get("tm.manager") is self and "explicit" not in vars(self):
            self._promise = Promise()
            return self._promise
        self._keep_promise()
        return self._begin()

    def get(self) -> Any:
        """See :class:`transaction.interfaces.ITransactionManager`."""
        self._keep_promise()
        return super().get()

    def isDoomed(self) -> bool:  # noqa: N802 - named by the package transaction
        """See :class:`transaction.interfaces.ITransactionManager`."""
        return self._promise is None and bool(super().isDoomed())

    def commit(self) -> None:
        """See :class:`transaction.interfaces.ITransactionManager`."""
        self._end(super().commit)

    def abort(self) -> None:
        """See :class:`transaction.interfaces.ITransactionManager`."""
        self._end(super().abort)

    def registerSynch(self, synch: Any) -> None:  # noqa: N802 - named by the package transaction
        """See :class:`transaction.interfaces.ITransactionManager`; it begins what is promised."""
        self._keep_promise()
        super().registerSynch(synch)

    def register_patiently(self, synch: Any) -> None:
        """Register a synchronizer that need not hear of a transaction before somebody needs it."""
        if self._promise is None:
            super().registerSynch(synch)
        else:
            self._waiting.append(synch)

    def unregisterSynch(self, synch: Any) -> None:  # noqa: N802 - named by the package transaction
        """See :class:`transaction.interfaces.ITransactionManager`."""
        if synch in self._waiting:
            self._waiting.remove(synch)
        else:
            super().unregisterSynch(synch)

    def _end(self, end: Any) -> None:
        if self._promise is None:
            end()
        else:
            self._promise = None

    def _keep_promise(self) -> None:
        promise, self._promise = self._promise, None
        if promise is not None:
            promise.keep(self._begin())

    def _begin(self) -> Any:
        while self._waiting:
            super().registerSynch(self._waiting.pop())
        return super().begin()
