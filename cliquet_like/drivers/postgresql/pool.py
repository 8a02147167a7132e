"""Pools of connections: SQLAlchemy's, with an end to the line of those who wait."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from pyramid.exceptions import ConfigurationError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool, Pool, QueuePool
from sqlalchemy.util.queue import Queue

from cliquet_like.drivers.postgresql.settings import NO_LIMIT, PoolSettings

_POOLS: Final = (QueuePool, NullPool)

UNPOOLED: Final = PoolSettings(poolclass=NullPool)
"""Every connection is a new one, closed after use, however many there are."""


_is_hasty: Final[ContextVar[bool]] = ContextVar("takes_idle_connections_only", default=False)


class NoneIdle(PoolTimeout):
    """A connection would have had to be opened, which may take its time."""


@contextmanager
def idle_only() -> Iterator[None]:
    """Context in which a pool of ours has an idle connection, or raises ``PoolTimeout`` instead of waiting.

    Those who open connections call :func:`refuse_in_haste` before.
    """
    token = _is_hasty.set(True)
    try:
        yield
    finally:
        _is_hasty.reset(token)


def refuse_in_haste() -> None:
    """Raise :class:`NoneIdle` in the context of :func:`idle_only`."""
    if _is_hasty.get():
        raise NoneIdle("No connection is idle.")


class BacklogFull(PoolTimeout):
    """As many threads as may wait for a connection are waiting already."""


class QueuePoolWithMaxBacklog(QueuePool):
    """A queue pool that raises :class:`BacklogFull` at once where a thread too many would wait."""

    def __init__(self, *args: Any, max_backlog: int | None = None, **options: Any) -> None:
        """``max_backlog`` 0 lets nobody wait, and None or a negative one everybody."""
        super().__init__(*args, **options)
        self._let_wait(NO_LIMIT if max_backlog is None else max_backlog)

    def recreate(self) -> "QueuePoolWithMaxBacklog":
        """Make a new pool of the same settings, without connections."""
        pool = super().recreate()
        assert isinstance(pool, QueuePoolWithMaxBacklog)
        pool._let_wait(self.max_backlog)
        return pool

    def _let_wait(self, max_backlog: int) -> None:
        self.max_backlog = max_backlog
        self._pool = _Line(max_backlog, self._pool.maxsize, self._pool.use_lifo)


class _Line(Queue[Any]):
    """Idle connections, and the number of threads that wait for one."""

    def __init__(self, max_backlog: int, maxsize: int, use_lifo: bool) -> None:
        super().__init__(maxsize, use_lifo=use_lifo)
        self.max_backlog = max_backlog
        self._waiting = 0

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        block = block and not _is_hasty.get()
        if not block or self.max_backlog < 0:
            return super().get(block, timeout)
        with self.mutex:  # given up while the thread waits
            if self._empty() and self._waiting >= self.max_backlog:
                raise BacklogFull(f"{self._waiting} threads wait for a connection already.")
            self._waiting += 1
            try:
                return super().get(block, timeout)
            finally:
                self._waiting -= 1


def make_pool(connect: Callable[[], Any], settings: PoolSettings, *, kind: str, spared: int = 0) -> Pool:
    """Pool of what ``connect`` makes, which is empty yet.

    Of the connections that the settings let it keep it closes ``spared``, in whose place others are kept
    that are on loan. Raises ``ConfigurationError``, which names the setting of this ``kind`` of backend,
    for something that is no such class: with others, threads may share a connection.
    """
    poolclass = settings.poolclass or QueuePoolWithMaxBacklog
    if not (isinstance(poolclass, type) and issubclass(poolclass, _POOLS)):
        raise ConfigurationError(
            f"Setting {kind}_poolclass: {poolclass!r} is no such class, "
            "expected one of sqlalchemy.pool.QueuePool or NullPool."
        )
    options: dict[str, Any] = {"recycle": settings.recycle_s, "reset_on_return": None}
    if issubclass(poolclass, QueuePool):
        # The connection used last is used first: it is the most likely to be alive and warm.
        beyond = settings.max_overflow
        options |= {"pool_size": settings.size - spared}
        options |= {"max_overflow": beyond if beyond == NO_LIMIT else beyond + spared}
        options |= {"timeout": settings.timeout_s, "use_lifo": True}
    if issubclass(poolclass, QueuePoolWithMaxBacklog):
        options["max_backlog"] = settings.max_backlog
    pool: Pool = poolclass(connect, **options)
    return pool
