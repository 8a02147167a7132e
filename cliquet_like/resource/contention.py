"""What to do when another writer was faster: look again and try once more."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from cliquet_like.drivers.transactions import Memory, remembered
from cliquet_like.storage.exceptions import BackendError, ModifiedMeanwhileError

ATTEMPTS: Final = 100
"""Each lost attempt means that another writer succeeded: a hundred in a row is an overload."""

OVERTAKEN: Final = ("cliquet_like.resource.contention", "overtaken")
"""Member of :func:`memory_of_attempts`: a request was undone because it decided on what others changed."""

Result = TypeVar("Result")


def memory_of_attempts(storage: Any, permission: Any) -> Memory | None:
    """What is remembered when a request is undone and repeated.

    None where that could not undo what both backends have written: they share no database, or
    none of it is part of a transaction.
    """
    database = getattr(storage, "database", None)
    is_one = database is not None and database is getattr(permission, "database", None)
    return remembered() if is_one else None


def retry_when_modified(attempt: Callable[[], Result], *, before_next: Callable[[], None]) -> Result:
    """Result of the first attempt that nobody came before; ``before_next`` is called between attempts.

    The attempt reads, judges the request's conditions on what it read, and writes on condition
    that nothing changed since. Raises ``BackendError``, hence 503, after :data:`ATTEMPTS`.
    """
    for _ in range(ATTEMPTS):
        try:
            return attempt()
        except ModifiedMeanwhileError:
            before_next()
    raise BackendError(message="too many concurrent writes of the same record")
