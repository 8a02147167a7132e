"""What SQLite says when something is wrong: who waits, and what leaves as ``BackendError``."""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from cliquet_like.drivers.errors import (
    MIGRATE_COMMAND,
    RUN_MIGRATE,
    TABLE_OF_ANOTHER,
    BackendError,
    ReadOnlyBackendError,
)

# Those that are not sqlite3's are about values that cannot be bound.
_FAILURES: Final = (sqlite3.Error, ValueError, OverflowError)
_HINTS: Final = {
    "no such table": RUN_MIGRATE,
    "already exists": TABLE_OF_ANOTHER,
    "unable to open database file": (
        f"`{MIGRATE_COMMAND}` makes it, and its directory must be there; this process may write in both"
    ),
}
_SHORTEST_SLEEP_S: Final = 0.000_5
_LONGEST_SLEEP_S: Final = 0.002

Result = TypeVar("Result")


@contextmanager
def translated() -> Iterator[None]:
    """Let what SQLite raises leave as ``BackendError``."""
    try:
        yield
    except _FAILURES as error:
        shape = ReadOnlyBackendError if _code_of(error) == sqlite3.SQLITE_READONLY else BackendError
        raise shape(error, message=_message_of(error)) from error


def patiently(attempt: Callable[[], Result], patience_ms: int) -> Result:
    """Result of an attempt, made again and again for so many milliseconds while others have the lock.

    SQLite could wait itself, but its sleeps grow to 100 ms: of eight processes that write all
    the time, some got no turn in five seconds. Short sleeps of random length are fair enough.
    """
    deadline = time.monotonic() + patience_ms / 1000
    while True:
        try:
            return attempt()
        except sqlite3.OperationalError as error:
            if _code_of(error) != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
        time.sleep(random.uniform(_SHORTEST_SLEEP_S, _LONGEST_SLEEP_S))


def _code_of(error: Exception) -> int:
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)  # the module's own errors have none
    return code & 0xFF  # the rest of an extended code says why


def _message_of(error: Exception) -> str:
    """What SQLite says, which is about files and tables, with a remedy where we know one."""
    name = type(error).__name__
    if not isinstance(error, sqlite3.Error):
        return name  # it quotes the value
    hint = next((f"; {hint}" for text, hint in _HINTS.items() if text in str(error)), "")
    return f"{name}: {error}{hint}"
