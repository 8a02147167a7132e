"""Client of statsd: short datagrams that nobody waits for."""

import functools
import hashlib
import math
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

from pyramid.exceptions import ConfigurationError

from cliquet_like.kernel.metrics import public_methods
from cliquet_like.logs import logger

try:
    import statsd as statsd_module
except ImportError:
    statsd_module = None

RETRY_S: Final = 30
"""Seconds until the name of a server that was not found is looked up again."""

_LONGEST: Final = 200
"""Characters of a key, and of a value of a set: a datagram of 512 bytes passes every network."""

_RESERVED: Final = re.compile(r"[^!-~]|[:|@%]")
"""What would end a name or a value in a datagram, or is no printable ASCII."""

_PREFIX: Final = re.compile(r"[A-Za-z0-9_.-]{0,100}")


class Client:
    """Sends timers, counters and sets over UDP; a server that is away is not noticed.

    When the name of the server is not found, that is logged once and nothing is sent; from then on,
    a thread of its own looks it up again, :data:`RETRY_S` after the last time at the earliest. What
    is sent meanwhile is lost, and no request waits.

    Sending is what costs: what a thread measures between :meth:`hold` and :meth:`send` is sent together.
    """

    def __init__(
        self, host: str, port: int, prefix: str | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Look the name up, and open a socket; ``prefix`` is put before each key, with a dot."""
        self._address = (host, port)
        self._prefix = prefix or None
        self._clock = clock
        self._client: Any = None
        self._held = threading.local()
        self._next_try_s = 0.0
        if not self._connect():
            logger.warning("statsd is not found, no metrics until it is", host=host, port=port)

    @contextmanager
    def timer(self, key: str) -> Iterator[None]:
        """Context, and decorator, that measures how long something takes, also when it raises."""
        start_s = time.perf_counter()
        try:
            yield
        finally:
            if (client := self._connected()) is not None:
                client.timing(_clean_key(key), (time.perf_counter() - start_s) * 1000)

    def count(self, key: str, count: int = 1, unique: Any = None) -> None:
        """Count so many; with ``unique``, which is any value but None, count different ones instead."""
        client = self._connected()
        if client is None:
            return
        if unique is None:
            client.incr(_clean_key(key), count=count)
        else:
            client.set(_clean_key(key), _clean_value(unique))

    def watch_execution_time(self, obj: Any, prefix: str = "", classname: str | None = None) -> None:
        """Measure the public methods of an object as ``<prefix>.<its class in lower case>.<method>``.

        Its own attributes take the place of the methods, as in Cliquet; its class is left alone.
        """
        name = (classname or type(obj).__name__).lower()
        for method in public_methods(obj):
            key = ".".join(part for part in (prefix, name, method) if part)
            setattr(obj, method, self.timer(key)(getattr(obj, method)))

    def hold(self) -> bool:
        """Keep what this thread measures until :meth:`send`; False when that was asked for before."""
        client = self._connected()
        if client is None or hasattr(self._held, "pipeline"):
            return False
        self._held.pipeline = client.pipeline()
        return True

    def send(self) -> None:
        """Send what this thread has held, in as few datagrams as it fits in, and hold no more."""
        pipeline = vars(self._held).pop("pipeline", None)
        if pipeline is not None and self._client is not None:
            pipeline.send()

    def close(self) -> None:
        """Close the socket; what is sent later is lost."""
        client, self._client, self._next_try_s = self._client, None, math.inf
        if client is not None:
            client.close()

    def _connected(self) -> Any:
        """Client of the package, or what is held of it; None while the server is not found."""
        if self._client is None and self._clock() >= self._next_try_s:
            self._next_try_s = self._clock() + RETRY_S
            # Threads may be used up, or the process be about to end.
            with suppress(RuntimeError):
                threading.Thread(target=self._connect, name="statsd", daemon=True).start()
        return getattr(self._held, "pipeline", self._client)

    def _connect(self) -> bool:
        host, port = self._address
        options = {"ipv6": True} if ":" in host else {}
        try:
            client = statsd_module.StatsClient(host, port, prefix=self._prefix, **options)
        except (OSError, UnicodeError):
            self._next_try_s = self._clock() + RETRY_S
            return False
        # An application that nobody uses any more leaves no open socket behind.
        weakref.finalize(self, client.close)
        self._client = client
        return True


@functools.lru_cache(maxsize=1024)
def _clean_key(key: str) -> str:
    return _RESERVED.sub("_", key)[:_LONGEST]


def _clean_value(value: Any) -> str:
    """Text that is different for different values; of a long one, its digest."""
    text = _RESERVED.sub(lambda found: f"%{ord(found[0]):02x}", str(value))
    return text if len(text) <= _LONGEST else hashlib.sha256(text.encode()).hexdigest()


def load_from_config(config: Any) -> Client:
    """Client of ``statsd_url`` and ``statsd_prefix``.

    Raises ``ConfigurationError`` for a value that cannot be used, or without the package statsd. A
    name that cannot be looked up is no error: it may be there later.
    """
    settings = config.get_settings()
    if statsd_module is None:
        raise ConfigurationError(
            "Setting statsd_url: the driver statsd is missing; install cliquet-like[monitoring]."
        )
    host, port = _parse_url(settings["statsd_url"])
    return Client(host, port, _parse_prefix(settings.get("statsd_prefix")))


def _parse_url(url: Any) -> tuple[str, int]:
    try:
        parts = urlsplit(str(url).strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    rest = (parts.path.rstrip("/"), parts.query, parts.fragment, parts.username)
    if parts.scheme != "udp" or not host or not port or any(rest):
        raise ConfigurationError(f"Setting statsd_url: {url!r} is no such URL, expected udp://host:port.")
    return host, port


def _parse_prefix(prefix: Any) -> str:
    text = str(prefix or "")
    if _PREFIX.fullmatch(text) is None:
        raise ConfigurationError(
            f"Setting statsd_prefix: {prefix!r} is no such prefix, expected at most 100 letters, digits, "
            "'_', '-' and dots."
        )
    return text


def statsd_count(request: Any, key: str) -> None:
    """Count one in the application of a request; nothing happens where it has no metrics."""
    client = getattr(request.registry, "statsd", None)
    if client is not None:
        client.count(key)
