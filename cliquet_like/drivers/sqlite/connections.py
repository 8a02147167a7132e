"""Connections to one SQLite file: opened when they are needed, kept while they are idle."""

import os
import sqlite3
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from cliquet_like.drivers.sqlite.failures import patiently
from cliquet_like.drivers.sqlite.url import Location

_STATEMENTS_PREPARED: Final = 512  # of each connection


class Connection(sqlite3.Connection):
    """A connection in autocommit mode, which knows what it opened."""

    opened: "_File | None" = None


_File = tuple[int, int]
_Idle = deque[Connection]


class Connections:
    """Who takes a connection has it alone, until it is given back or closed.

    The one that was given back last is taken first; beyond ``size`` idle ones, the oldest is
    closed. There is no limit to those in use. What these methods raise is sqlite3's; a file that
    is missing is an ``OperationalError``, except for :meth:`make_file`.
    """

    def __init__(self, location: Location, size: int) -> None:
        self._location = location
        self._size = size
        self._functions: list[tuple[str, int, Callable[..., Any]]] = []
        self._idle: _Idle = deque()
        weakref.finalize(self, close_idle, self._idle)
        _close_before_fork(self._idle)

    def add_function(self, name: str, arguments: int, function: Callable[..., Any]) -> None:
        """Let statements call a function, in connections that are opened from now on."""
        self._functions.append((name, arguments, function))
        close_idle(self._idle)

    def make_file(self) -> None:
        """Make an empty database where no file is; silent where one is."""
        self.give_back(self._open("rwc"))

    def take(self) -> Connection:
        """Idle connection, or a new one. It is a new one when another file is in the place of the old one."""
        present = self._present_file()
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if connection.opened == present:
                    return connection
                connection.close()
        return self._open("rw")

    def give_back(self, connection: Connection) -> None:
        """Keep a connection that is in no transaction."""
        self._idle.append(connection)
        close_idle(self._idle, but=self._size)

    def close(self) -> None:
        """Close those that are idle."""
        close_idle(self._idle)

    def _open(self, mode: str) -> Connection:
        # https://www.sqlite.org/uri.html
        connection = sqlite3.connect(
            f"{Path(self._location.path).as_uri()}?mode={mode}",
            uri=True,
            timeout=0,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_STATEMENTS_PREPARED,
            factory=Connection,
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: Connection) -> None:
        def write_ahead() -> None:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()

        # Only one process can turn it on, and nobody can while another one closes its last connection.
        patiently(write_ahead, self._location.busy_timeout_ms)
        connection.execute(f"PRAGMA synchronous = {self._location.synchronous}")
        for name, arguments, function in self._functions:
            connection.create_function(name, arguments, function, deterministic=True)
        connection.opened = self._present_file()

    def _present_file(self) -> _File | None:
        # SQLite goes on writing into a file that was deleted or replaced, where nobody will read it.
        try:
            status = os.stat(self._location.path)
        except OSError:
            return None
        return status.st_dev, status.st_ino


def close_idle(idle: _Idle, *, but: int = 0) -> None:
    """Close the oldest connections, so that so many are left; other threads may take some meanwhile."""
    with suppress(IndexError):
        while len(idle) > but:
            idle.popleft().close()


def _close_before_fork(idle: _Idle) -> None:
    """Let no idle connection go over into a child process.

    There it could neither be used nor closed, and SQLite would take the locks of the parent for
    its own (https://www.sqlite.org/howtocorrupt.html, section 2.6).
    """
    watched = weakref.ref(idle)
    register: Callable[..., None] = getattr(os, "register_at_fork", lambda **_: None)  # Windows never forks
    register(before=lambda: close_idle(watched() or deque()))
