"""What the library asks of a client of metrics, and a stand-in that measures the calls of an object."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol, runtime_checkable

from cliquet_like.kernel.stand_in import StandIn


class Metrics(Protocol):
    """A client of statsd, or of anything else; keys have dots between their parts.

    None of the methods waits for a server, or raises; what one raises all the same harms no request.
    """

    def timer(self, key: str) -> AbstractContextManager[Any]:
        """Context that measures how long it is open, also when it is left by an exception."""

    def count(self, key: str, count: int = 1, unique: Any = None) -> Any:
        """Count so many; with ``unique``, count each different value of it once instead."""


@runtime_checkable
class Batching(Protocol):
    """What a client can do besides, for which sending is what costs: neither raises, or waits."""

    def hold(self) -> bool:
        """Keep what this thread measures until :meth:`send`; False when that was asked for before."""

    def send(self) -> Any:
        """Send what this thread keeps, and keep no more."""


def public_methods(subject: object) -> Iterator[str]:
    """Names of the methods that an object has of its class, without those that begin with ``_``."""
    for name in dir(type(subject)):
        if not name.startswith("_") and inspect.isroutine(inspect.getattr_static(type(subject), name)):
            yield name


class Timed(StandIn):
    """Stand-in for an object that measures the calls of its public methods.

    What the object calls on itself is not measured: a call counts once, whatever it does inside.
    """

    __slots__ = ()

    def __init__(self, subject: Any, metrics: Metrics, prefix: str) -> None:
        """Measure as ``<prefix>.<method>``."""
        methods = {
            name: _timed(subject, name, metrics, f"{prefix}.{name}") for name in public_methods(subject)
        }
        super().__init__(subject, methods)


def _timed(subject: Any, name: str, metrics: Metrics, key: str) -> Callable[..., Any]:
    """Call of the method that the object has by then: it may be replaced."""

    def timed(*args: Any, **kwargs: Any) -> Any:
        with metrics.timer(key):
            return getattr(subject, name)(*args, **kwargs)

    return timed
