"""Client of statsd: short datagrams that nobody waits for."""

import functools
import hashlib
import re
import threading
import time
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

from cliquet_like.kernel.metrics import public_methods
from cliquet_like.statsd.connection import Connection, Entry

MOST_HELD: Final = 100
"""Metrics that a thread holds; with one more they are sent, so that a long request fills no memory."""

_LONGEST: Final = 200
"""Characters of a key, and of a value of a set: a datagram of 512 bytes passes every network."""

_RESERVED: Final = re.compile(r"[^!-~]|[:|@%]")
"""What would end a name or a value in a datagram, or is no printable ASCII."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


class _Held(threading.local):
    """What a thread keeps to be sent together; None while it sends each metric alone."""

    entries: list[Entry] | None = None


class Client:
    """Sends timers, counters and sets over UDP; a server that is away is not noticed.

    The name of the server is looked up beside the requests, and again while it is not found; what is
    measured meanwhile is lost.

    Sending is what costs: what a thread measures between :meth:`hold` and :meth:`send` is sent together.
    """

    def __init__(
        self,
        host: str,
        port: int,
        prefix: str | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        connect: Callable[..., Any] | None = None,
    ) -> None:
        """Wait a second at most for the name; ``prefix`` is put before each key, with a dot.

        ``connect`` looks the name up and opens a socket: it is ``StatsClient`` of the package, or makes
        one of the same arguments. Raises ``ConfigurationError`` without the package.
        """
        self._connection = Connection(host, port, prefix, clock=clock, connect=connect)
        self._held = _Held()

    def timer(self, key: str) -> "_Timer":
        """Context, and decorator, that measures how long something takes, also when it raises."""
        return _Timer(self._measured, _clean_key(key))

    def count(self, key: str, count: int = 1, unique: Any = None) -> None:
        """Count so many; with ``unique``, which is any value but None, count different ones instead."""
        if unique is None:
            self._measured("incr", _clean_key(key), count)
        else:
            self._measured("set", _clean_key(key), _clean_value(unique))

    def watch_execution_time(self, obj: Any, prefix: str = "", classname: str | None = None) -> None:
        """Measure the public methods of an object as ``<prefix>.<its class in lower case>.<method>``.

        Its own attributes take the place of the methods, as in Cliquet; its class is left alone.
        """
        name = (classname or type(obj).__name__).lower()
        for method in public_methods(obj):
            key = ".".join(part for part in (prefix, name, method) if part)
            setattr(obj, method, self.timer(key)(getattr(obj, method)))

    def hold(self) -> bool:
        """Keep what this thread measures until :meth:`send`; False when that was asked for before.

        When it comes to more than :data:`MOST_HELD`, it is sent earlier.
        """
        if self._held.entries is not None:
            return False
        self._held.entries = []
        return True

    def send(self) -> None:
        """Send what this thread has held, in as few datagrams as it fits in, and hold no more."""
        entries, self._held.entries = self._held.entries, None
        if entries:
            self._connection.send(entries)

    def close(self) -> None:
        """Close the socket, also one that is about to be opened; what is sent later is lost."""
        self._connection.close()

    def _measured(self, method: str, key: str, value: Any) -> None:
        entries = self._held.entries
        if entries is None:
            self._connection.send([(method, key, value)])
            return
        entries.append((method, key, value))
        if len(entries) > MOST_HELD:
            self._connection.send(entries)
            entries.clear()


class _Timer:
    """Context for one use, and decorator for any number of calls."""

    __slots__ = ("_key", "_measured", "_start_s")

    def __init__(self, measured: Callable[[str, str, Any], None], key: str) -> None:
        self._measured = measured
        self._key = key

    def __enter__(self) -> None:
        self._start_s = time.perf_counter()

    def __exit__(self, *failure: object) -> None:
        self._measured("timing", self._key, (time.perf_counter() - self._start_s) * 1000)

    def __call__(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
        @functools.wraps(function)
        def timed(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            with _Timer(self._measured, self._key):
                return function(*args, **kwargs)

        return timed


@functools.lru_cache(maxsize=1024)
def _clean_key(key: str) -> str:
    return _RESERVED.sub("_", key)[:_LONGEST]


def _clean_value(value: Any) -> str:
    """Text that is different for different values; of a long one, its digest."""
    text = _RESERVED.sub(lambda found: f"%{ord(found[0]):02x}", str(value))
    return text if len(text) <= _LONGEST else hashlib.sha256(text.encode()).hexdigest()


def statsd_count(request: Any, key: str) -> None:
    """Count one in the application of a request; nothing happens where it has no metrics."""
    client = getattr(request.registry, "statsd", None)
    if client is not None:
        client.count(key)
