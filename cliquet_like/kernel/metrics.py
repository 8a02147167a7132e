"""What the library asks of a client of metrics, and a stand-in that measures the calls of an object."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol, runtime_checkable


class Metrics(Protocol):
    """A client of statsd, or of anything else; keys have dots between their parts.

    None of the methods raises, or waits for a server.
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


class Timed:
    """Stand-in for an object: it measures the calls of its public methods, and is the object in all else.

    ``isinstance`` says of it what it says of the object; attributes are read and set there. What
    the object calls on itself is not measured: a call counts once, whatever it does inside.
    """

    # Mangled, so that no attribute of the object is hidden.
    __slots__ = ("__methods", "__subject")

    def __init__(self, subject: Any, metrics: Metrics, prefix: str) -> None:
        """Measure as ``<prefix>.<method>``."""
        keep = object.__setattr__
        keep(self, "_Timed__subject", subject)
        methods = {
            name: _timed(subject, name, metrics, f"{prefix}.{name}") for name in public_methods(subject)
        }
        keep(self, "_Timed__methods", methods)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self.__subject)

    def __getattr__(self, name: str) -> Any:
        timed = self.__methods.get(name)
        return getattr(self.__subject, name) if timed is None else timed

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__subject, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self.__subject, name)

    def __repr__(self) -> str:
        return f"<timed {self.__subject!r}>"


def _timed(subject: Any, name: str, metrics: Metrics, key: str) -> Callable[..., Any]:
    """Call of the method that the object has by then: it may be replaced."""

    def timed(*args: Any, **kwargs: Any) -> Any:
        with metrics.timer(key):
            return getattr(subject, name)(*args, **kwargs)

    return timed
