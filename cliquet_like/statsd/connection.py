"""The way to a server of statsd: a name that nobody waits for, then a socket that nobody waits for."""

import threading
import time
import weakref
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

from cliquet_like.drivers.optional import import_driver
from cliquet_like.logs import logger

LOOKUP_S: Final = 1
"""Seconds at most that the start of an application waits for the name of the server."""

RETRY_S: Final = 30
"""Seconds until the name of a server that was not found is looked up again."""

Entry = tuple[str, str, Any]
"""Method of the package's client, key and value."""


class Connection:
    """Sends over UDP once the name of the server is found; a server that is away is not noticed.

    The name is looked up in a thread of its own, for which only the start waits, :data:`LOOKUP_S` at
    most. When it is not found by then, that is logged once and nothing is sent; from then on it is
    looked up again, :data:`RETRY_S` after the last time at the earliest.
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
        """Raises ``ConfigurationError`` without the package statsd, unless ``connect`` is given."""
        self._address = (host, port)
        self._prefix = prefix or None
        self._clock = clock
        if connect is None:
            connect = import_driver("statsd", extra="monitoring", setting="statsd_url").StatsClient
        self._connect: Callable[..., Any] = connect
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

    def send(self, entries: Iterable[Entry]) -> None:
        """Send in as few datagrams as it fits in; what the socket has no room for is lost."""
        if self._client is None and self._clock() >= self._next_try_s:
            self._look_up()
        client = self._client
        if client is None:
            return
        pipeline = client.pipeline()
        for method, key, value in entries:
            getattr(pipeline, method)(key, value)
        # The package does not expect that another thread closes its socket meanwhile. Nobody waits
        # long for the lock: the socket does not block.
        with self._lock:
            if not self._closed:
                pipeline.send()

    def close(self) -> None:
        """Close the socket, also one that is about to be opened; what is sent later is lost."""
        with self._lock:
            client, self._client, self._closed = self._client, None, True
            if client is not None:
                client.close()

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
        # Datagrams to a host that the network does not find yet fill the socket. The package takes the
        # error of a full one for any other of the network; it has no option for this.
        client._sock.setblocking(False)
        # An application that nobody uses any more leaves no open socket behind.
        weakref.finalize(self, client.close)
        with self._lock:
            if self._closed:
                client.close()
            else:
                self._client = client
