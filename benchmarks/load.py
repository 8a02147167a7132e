"""A client that asks over HTTP as fast as it is answered, from many connections and several processes."""

import multiprocessing
import selectors
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from typing import Any

PROCESSES = 2
_TIMEOUT_S = 30
_CHUNK = 65_536


class BadAnswer(AssertionError):
    """An answer with another status than the expected one, or of a kind that the client cannot read."""


class Load:
    """Processes that ask; a context, at whose end they are gone."""

    def __init__(self, processes: int = PROCESSES) -> None:
        context = multiprocessing.get_context("spawn")
        self._processes = processes
        self._pool = ProcessPoolExecutor(processes, mp_context=context)

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def put(
        self, port: int, requests: Sequence[bytes], *, connections: int, seconds: float, status: int
    ) -> list[float]:
        """Seconds that each answer took; a connection asks again as soon as it has its answer."""
        shares = [
            connections // self._processes + (place < connections % self._processes)
            for place in range(self._processes)
        ]
        futures = [
            self._pool.submit(ask, port, requests[place:] or requests, share, seconds, status)
            for place, share in enumerate(shares)
            if share
        ]
        return [latency for future in futures for latency in future.result()]


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as it goes over the wire, on a connection that is kept."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def ask(port: int, requests: Sequence[bytes], connections: int, seconds: float, status: int) -> list[float]:
    """Seconds that each answer to one process took, which asks in turn what it is given."""
    latencies: list[float] = []
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for place in range(connections):
            client = _Connection(port, requests, place, status)
            stack.callback(client.close)
            client.open(selector)
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            ready = selector.select(_TIMEOUT_S)
            if not ready:
                raise BadAnswer(f"no answer for {_TIMEOUT_S} seconds")
            latencies += [taken for key, _ in ready if (taken := key.data.read(selector)) is not None]
    return latencies


class _Connection:
    """One connection, on which one request is under way."""

    def __init__(self, port: int, requests: Sequence[bytes], place: int, status: int) -> None:
        self._port = port
        self._requests = requests
        self._next = place * 31
        self._expected = b"HTTP/1.1 %d " % status
        self._received = b""
        self._socket: Any = None
        self._began = 0.0

    def open(self, selector: selectors.BaseSelector) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=_TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(self._socket, selectors.EVENT_READ, self)
        self._send()

    def close(self) -> None:
        self._socket.close()

    def read(self, selector: selectors.BaseSelector) -> float | None:
        """Seconds since the request when this completes the answer, and the next one is sent; else None."""
        chunk = self._socket.recv(_CHUNK)
        if not chunk:
            self._open_again(selector)
            return None
        self._received += chunk
        if not is_complete(self._received):
            return None
        if not self._received.startswith(self._expected):
            raise BadAnswer(self._received[:2_000].decode("utf-8", "replace"))
        taken = time.perf_counter() - self._began
        self._send()
        return taken

    def _open_again(self, selector: selectors.BaseSelector) -> None:
        """A server may close what it has kept, between two answers only."""
        if self._received:
            raise BadAnswer("the connection was closed in the middle of an answer")
        selector.unregister(self._socket)
        self._socket.close()
        self.open(selector)

    def _send(self) -> None:
        self._received = b""
        self._next += 1
        self._began = time.perf_counter()
        self._socket.sendall(self._requests[self._next % len(self._requests)])


def is_complete(received: bytes) -> bool:
    """Whether this is a whole answer. Raises ``BadAnswer`` for one without a length."""
    head, blank, body = received.partition(b"\r\n\r\n")
    if not blank:
        return False
    for line in head.lower().split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return len(body) >= int(value)
    if head.split(b" ", 2)[1] in (b"204", b"304"):
        return True
    raise BadAnswer("an answer has no Content-Length")
