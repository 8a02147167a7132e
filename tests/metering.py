"""A server of statsd that keeps what it is sent, and a resolver that takes its time."""

import socket
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import statsd


class Meter:
    """Receives datagrams on a port of its own."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.settimeout(10)
        self._socket.bind((host, 0))
        self._host = host
        self.port: int = self._socket.getsockname()[1]

    @property
    def url(self) -> str:
        """Value of ``statsd_url``."""
        return f"udp://{self._host}:{self.port}"

    def datagrams(self) -> list[str]:
        """What came since the last call."""
        self._socket.sendto(b"", (self._host, self.port))
        return [datagram.decode("ascii") for datagram in iter(lambda: self._socket.recv(65536), b"")]

    def lines(self) -> list[str]:
        """Metrics that came since the last call, of all datagrams."""
        return [line for datagram in self.datagrams() for line in datagram.split("\n")]

    def metrics(self) -> list[tuple[str, str]]:
        """Name, without prefix ``cliquet_like``, and type of each of them."""
        found = [line.partition(":") for line in self.lines()]
        return [(name.removeprefix("cliquet_like."), rest.rpartition("|")[2]) for name, _, rest in found]

    def close(self) -> None:
        self._socket.close()


@contextmanager
def metering(host: str = "127.0.0.1") -> Iterator[Meter]:
    """Server until the end of the context."""
    meter = Meter(host)
    try:
        yield meter
    finally:
        meter.close()


class Crowded:
    """Server that reads nothing until it is asked to: what is sent to it soon fills its socket."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        self._socket.setblocking(False)
        self._path = path

    def connect(self, *address: Any, **options: Any) -> statsd.StatsClient:
        """Client of the package, for the parameter of that name."""
        client = statsd.StatsClient(*address, **options)
        client._sock.close()
        client._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        client._addr = self._path
        return client

    def read(self) -> list[str]:
        """What there was room for since the last call."""
        lines = []
        with suppress(BlockingIOError):
            while True:
                lines.append(self._socket.recv(65536).decode("ascii"))
        return lines

    def close(self) -> None:
        """Who waits for room gives up."""
        self._socket.close()


class Resolver:
    """Connects clients of statsd, each of them no earlier than :meth:`answer` or :meth:`refuse`."""

    def __init__(self) -> None:
        self.asked = 0
        self.made: list[_Connected] = []
        self._decided = threading.Event()
        self._refuses = False

    def connect(self, *address: Any, **options: Any) -> "_Connected":
        """Client of the package, for the parameter of that name."""
        self.asked += 1
        _lookups.add(threading.current_thread())
        if not self._decided.wait(30) or self._refuses:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        self.made.append(_Connected(*address, **options))
        return self.made[-1]

    def answer(self) -> None:
        self._refuses = False
        self._decided.set()

    def refuse(self) -> None:
        self._refuses = True
        self._decided.set()


class _Connected(statsd.StatsClient):
    """Client that counts how often it was closed."""

    close_calls = 0

    def close(self) -> None:
        self.close_calls += 1
        super().close()


_lookups: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


def finish_lookups() -> None:
    """Wait for clients that look up the name of their server."""
    # Since Python 3.13 a thread leaves the list of all threads a moment before it has ended.
    for thread in {*_lookups, *threading.enumerate()}:
        if thread.name == "statsd":
            thread.join(10)
