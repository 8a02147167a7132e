"""Client of a SQLite file (https://www.sqlite.org), in which one may write while all may read."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from pyramid.exceptions import ConfigurationError
from transaction import TransactionManager

from cliquet_like.drivers.database import Database, shared_client
from cliquet_like.drivers.sqlite.connections import Connections
from cliquet_like.drivers.sqlite.failures import patiently, translated
from cliquet_like.drivers.sqlite.session import SQLiteSession
from cliquet_like.drivers.sqlite.url import Location, parse_url
from cliquet_like.drivers.transactions import Rows, Session, joining

DEFAULT_POOL_SIZE: Final = 25
_OLDEST: Final = (3, 35, 0)  # RETURNING
_TABLE: Final = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
_TAKE_TURN: Final = "SELECT 1"


class SQLite(Database):
    """A file with a write-ahead log beside it: a reader never waits, a writer waits for other writers.

    Only :meth:`lock_schema` makes a file that is missing, for migrations: an empty one would hide
    that a path is wrong. Everything else fails then.

    Values are bound by position (``?``) or name (``:name``).
    """

    def __init__(self, location: Location, *, pool_size: int = DEFAULT_POOL_SIZE) -> None:
        """``pool_size`` is how many idle connections are kept."""
        self.location = location
        self.on_statement: Callable[[str], None] | None = None
        """Called with each statement before it runs, except those that begin and end transactions."""
        self._connections = Connections(location, pool_size)

    def add_function(self, name: str, arguments: int, function: Callable[..., Any]) -> None:
        """Let statements call a function that answers the same to the same arguments, in any thread."""
        self._connections.add_function(name, arguments, function)

    def has_table(self, name: str) -> bool:
        """Whether statements that name the table find it; False when there is no file."""
        return os.path.exists(self.location.path) and bool(self.read(_TABLE, (name,)))

    def lock_schema(self, session: Session) -> None:
        """Make the file when it is missing; who runs the first statement of a session has the lock.

        Nothing was run in the session before.
        """
        with translated():
            self._connections.make_file()

    @contextmanager
    def building_indexes(self) -> Iterator[None]:
        """One transaction for all that the block does here: the next process finds all of it, or nothing.

        Nobody else writes meanwhile, as at each single index. Who waits longer than ``busy_timeout`` gets
        a ``BackendError``.
        """
        manager = TransactionManager()
        with joining(manager):
            manager.begin()
            try:
                self.write(_TAKE_TURN)
                yield
                manager.commit()
            finally:
                manager.abort()

    def close(self) -> None:
        """Close the connections that are idle; new ones are opened when needed."""
        with translated():
            self._connections.close()

    def _read(self, statement: str, values: Any) -> Rows:
        self._announce(statement)
        with translated():
            connection = self._connections.take()
            try:
                rows = patiently(
                    lambda: connection.execute(statement, values).fetchall(), self.location.busy_timeout_ms
                )
            except BaseException:
                connection.close()
                raise
            self._connections.give_back(connection)
        return rows

    # Alone, a statement is a transaction of its own.
    _write = _read

    def _begin(self) -> SQLiteSession:
        return SQLiteSession(self._connections, self.location.busy_timeout_ms, self._announce)

    def _announce(self, statement: str) -> None:
        if self.on_statement is not None:
            self.on_statement(statement)


def client_from_config(config: Any, kind: str) -> SQLite:
    """Client for ``<kind>_url`` and ``<kind>_pool_size``; backends of one file share the first one's.

    Raises ``ConfigurationError``.
    """
    refuse_old(sqlite3.sqlite_version_info)
    settings = config.get_settings()
    location = parse_url(settings.get(f"{kind}_url") or "", kind=kind)
    pool_size = _positive(settings.get(f"{kind}_pool_size", DEFAULT_POOL_SIZE), f"{kind}_pool_size")
    client = shared_client(config, ("sqlite", location.path), lambda: SQLite(location, pool_size=pool_size))
    if client.location != location:
        raise ConfigurationError(
            f"Setting {kind}_url: another backend has the same file with other options; write them alike."
        )
    return client


def refuse_old(version: tuple[int, int, int]) -> None:
    """Raise ``ConfigurationError`` for a SQLite library that lacks what our statements need."""
    if version < _OLDEST:
        found, needed = (".".join(map(str, numbers)) for numbers in (version, _OLDEST))
        raise ConfigurationError(f"This Python has SQLite {found}, and at least {needed} is needed.")


def _positive(value: Any, setting: str) -> int:
    try:
        number = int(value)
    except (ValueError, TypeError):
        number = 0
    if number < 1:
        raise ConfigurationError(f"Setting {setting}: {value!r} is no positive whole number.")
    return number
