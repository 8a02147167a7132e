"""Loans of a pool that are passed on as they are: to make each anew costs several times as much."""

import threading
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy.pool import Pool, PoolProxiedConnection

MOST: Final = 4
"""Loans that stand by. Threads of one process that need a connection at the same moment are seldom more."""


def standing_by(size: int) -> int:
    """How many of the connections that a pool of ours keeps open stand by instead: few of a small one."""
    return min(size // 4, MOST)


class StandBy:
    """A pool, with loans that were given back and wait for the next who takes one.

    To the pool they are in use, so that it needs to keep as many less. Nobody waits for the pool
    while one stands by: as long as somebody asks it, all loans go back there.
    """

    def __init__(self, pool: Pool, most: int) -> None:
        """Let ``most`` loans of the pool stand by."""
        self.pool = pool
        self._most = most
        self._idle: list[PoolProxiedConnection] = []
        self._asking = 0
        self._is_closed = False
        # The garbage collector may close it while this thread is inside.
        self._lock = threading.RLock()

    def take(self, is_usable: Callable[[Any], bool]) -> PoolProxiedConnection:
        """The loan given back last whose connection is usable, or a new one; raises what the pool does."""
        while (taken := self._next()) is not None:
            if is_usable(taken.dbapi_connection):
                return taken
            taken.invalidate()
        try:
            return self.pool.connect()
        finally:
            with self._lock:
                self._asking -= 1

    def take_idle(self, is_usable: Callable[[Any], bool]) -> PoolProxiedConnection | None:
        """The loan given back last; None where none stands by, or its connection is not usable."""
        with self._lock:
            taken = self._idle.pop() if self._idle else None
        if taken is None or is_usable(taken.dbapi_connection):
            return taken
        taken.invalidate()
        return None

    def give_back(self, taken: PoolProxiedConnection) -> None:
        """Let a loan stand by, or end it."""
        with self._lock:
            is_closed = self._is_closed
            if not (is_closed or self._asking) and len(self._idle) < self._most:
                self._idle.append(taken)
                return
        if is_closed:
            # Who waited in the pool when it was closed has had a new connection.
            taken.invalidate()
        else:
            taken.close()

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._is_closed = True
        for taken in idle:
            taken.invalidate()
        self.pool.dispose()

    def _next(self) -> PoolProxiedConnection | None:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            self._asking += 1
            return None
