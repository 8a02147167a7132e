"""Client of statsd: short datagrams that nobody waits for."""

import functools
import hashlib
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final, ParamSpec, TypeVar

from cliquet_like.kernel.metrics import public_methods
from cliquet_like.logs import logger

try:
    import statsd
except ImportError:
    statsd_module: Any = None
else:
    statsd_module = statsd

LOOKUP_S: Final = 1
"""Seconds at most that the start of an application waits for the name of the server."""

RETRY_S: Final = 30
"""Seconds until the name of a server that was not found is looked up again."""

MOST_HELD: Final = 100
"""Metrics that a thread holds; with one more they are sent, so that a long request fills no memory."""

_LONGEST: Final = 200
"""Characters of a key, and of a value of a set: a datagram of 512 bytes passes every network."""

_RESERVED: Final = re.compile(r"[^!-~]|[:|@%]")
"""What would end a name or a value in a datagram, or is no printable ASCII."""

_Entry = tuple[str, str, Any]
"""Method of the package's client, key and value."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


class _Held(threading.local):
    """What a thread keeps to be sent together; None while it sends each metric alone."""

    entries: list[_Entry] | None = None


class Client:
    """Sends timers, counters and sets over UDP; a server that is away is not noticed.

    The name of the server is looked up in a thread of its own, and no request waits for that. When it
    is not found, or not yet, that is logged once and nothing is sent; from then on it is looked up
    again, :data:`RETRY_S` after the last time at the earliest. What is measured meanwhile is lost.

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
        """Wait :data:`LOOKUP_S` at most for the name; ``prefix`` is put before each key, with a dot.

        ``connect`` looks the name up and opens a socket: by default ``StatsClient`` of the package,
        whose arguments and methods it has.
        """
        self._address = (host, port)
        self._prefix = prefix or None
        self._clock = clock
        self._connect = connect or statsd_module.StatsClient
        self._held = _Held()
        self._lock = threading.Lock()
        self._client: Any = None
        self._closed = False
        self._lookup = threading.Thread()
        self._next_try_s = 0.0
        self._look_up()
        if self._lookup.is_alive():
            self._lookup.join(LOOKUP_S)
        if self._client is None:
            logger.warning("statsd is not found, no metrics until it is", host=host, port=port)

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
            self._send(entries)

    def close(self) -> None:
        """Close the socket, also one that is about to be opened; what is sent later is lost."""
        with self._lock:
            client, self._client, self._closed = self._client, None, True
            if client is not None:
                client.close()

    def _measured(self, method: str, key: str, value: Any) -> None:
        entries = self._held.entries
        if entries is None:
            self._send([(method, key, value)])
            return
        entries.append((method, key, value))
        if len(entries) > MOST_HELD:
            self._send(entries)
            entries.clear()

    def _send(self, entries: Iterable[_Entry]) -> None:
        if self._client is None and self._clock() >= self._next_try_s:
            self._look_up()
        client = self._client
        if client is None:
            return
        pipeline = client.pipeline()
        for method, key, value in entries:
            getattr(pipeline, method)(key, value)
        # The package does not expect that another thread closes its socket meanwhile.
        with self._lock:
            if not self._closed:
                pipeline.send()

    def _look_up(self) -> None:
        """Begin to look the name up, unless that is going on: a resolver may take as long as it likes."""
        with self._lock:
            if self._closed or self._lookup.is_alive():
                return
            self._next_try_s = self._clock() + RETRY_S
            self._lookup = threading.Thread(target=self._open, name="statsd", daemon=True)
            # Threads may be used up, or the process be about to end.
            with suppress(RuntimeError):
                self._lookup.start()

    def _open(self) -> None:
        host, port = self._address
        options = {"ipv6": True} if ":" in host else {}
        try:
            client = self._connect(host, port, prefix=self._prefix, **options)
        except (OSError, UnicodeError):
            return
        # An application that nobody uses any more leaves no open socket behind.
        weakref.finalize(self, client.close)
        with self._lock:
            if self._closed:
                client.close()
            else:
                self._client = client


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
