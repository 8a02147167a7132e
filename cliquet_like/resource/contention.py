"""What to do when another writer was faster: look again and try once more."""

from collections.abc import Callable
from typing import Final, TypeVar

from cliquet_like.storage.exceptions import BackendError, ModifiedMeanwhileError

ATTEMPTS: Final = 100
"""Each lost attempt means that another writer succeeded: a hundred in a row is an overload."""

Result = TypeVar("Result")


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
