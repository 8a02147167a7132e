"""Writes whose results are known before they are sent: many of them travel as one statement.

That one of them fails is heard after its result was used. The request is then undone and run
again, and that time sends each write at once, so that the one to blame is told of its failure.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, NamedTuple

from cliquet_like.drivers.errors import BackendError, TransientBackendError
from cliquet_like.drivers.transactions import Memory, remembered, will_repeat

AT_ONCE: Final = ("cliquet_like.drivers.deferring", "at once")
"""What is remembered over the attempts of a request whose writes are not to be deferred."""

_memory: Final[ContextVar[Memory | None]] = ContextVar("memory_of_deferring", default=None)


class Deferred(NamedTuple):
    """A write that waits, and how the rows of those of its kind are sent together.

    The statement has a row when all of them were carried out, and none when none was.
    """

    kind: Hashable
    row: Any
    together: Callable[[Any, Sequence[Any]], tuple[str, Any]]
    memory: Memory
    """Of the request that is to be run again when it fails."""


@contextmanager
def deferring_writes() -> Iterator[None]:
    """Let writes of this context wait, if the request around it is run again when one of them fails."""
    memory = remembered() if will_repeat() else None
    token = _memory.set(None if memory is None or AT_ONCE in memory else memory)
    try:
        yield
    finally:
        _memory.reset(token)


def memory_of_deferring() -> Memory | None:
    """What a :class:`Deferred` of this context remembers; None where no write may wait."""
    memory = _memory.get()
    # Another transaction may have been begun inside: a request of another application.
    return memory if memory is not None and memory is remembered() else None


def failure_of(write: Deferred, error: BackendError | None) -> TransientBackendError:
    """What is to be raised when a write could not be carried out, and whatever was sent with it."""
    write.memory.add(AT_ONCE)
    message = "A write that had waited has failed: the whole transaction has to be done again."
    return TransientBackendError(error and error.original, message=message)
