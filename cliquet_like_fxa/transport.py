"""HTTP to the OAuth server, in which no answer takes for ever, nor all the memory.

PyFxA waits half a minute for each answer, asks three times more when none comes, follows redirects
with the token in its hands, and remembers a server's ``Retry-After`` for all users.
"""

import io
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.util import Timeout

MAX_ANSWER_BYTES: Final = 1024 * 1024

# What a server says of a token or a code that it does not take; other errors are its own.
_REFUSALS: Final = frozenset({400, 401, 403})
_CHUNK_BYTES: Final = 16 * 1024
_CONNECTIONS: Final = 32


@dataclass(frozen=True, slots=True)
class _Limit:
    deadline_s: float
    may_repeat: bool


_limit: ContextVar[_Limit] = ContextVar("fxa_limit")


class UnusableAnswer(requests.RequestException):
    """The server answered something that no call of ours may be answered with, or too late."""


class _HungUp(requests.ConnectionError):
    """A connection that was kept open turned out to be closed: nothing came, and it is worth asking again."""


@contextmanager
def time_limit(seconds: float, *, may_repeat: bool = False) -> Iterator[None]:
    """Within, all calls of a bounded session together take so many seconds.

    Before there is a connection, three may add to it: the operating system decides how long it
    looks for the address of a host, each of several addresses that do not answer is tried as
    long, and a SOCKS proxy may greet byte by byte.

    ``may_repeat`` says that a question may be asked twice, when a kept connection fails.
    """
    reset = _limit.set(_Limit(time.monotonic() + seconds, may_repeat))
    try:
        yield
    finally:
        _limit.reset(reset)


def bounded_session() -> requests.Session:
    """Session for calls within a :func:`time_limit`. It keeps no cookie.

    Threads may share it, processes may not: both sides of a fork would read from one connection.
    """
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, _BoundedAdapter(pool_maxsize=_CONNECTIONS))
    return session


class _Exchange:
    """A question and its answer, from the connection to the last byte: cut when its time is over.

    The time-outs of sockets begin again with every byte, and what reads them may take an end for
    the usual one. So the context raises :class:`UnusableAnswer` afterwards, whatever came of it.
    """

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self.is_over = False
        self.is_kept_connection_lost = False
        self._is_kept = False
        self._connections: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(deadline_s - time.monotonic(), self._end)

    def __enter__(self) -> "_Exchange":
        self._timer.start()
        self._reset = _exchange.set(self)
        return self

    def __exit__(self, *raised: object) -> None:
        self._timer.cancel()
        _exchange.reset(self._reset)
        with self._lock:
            while self._connections:
                self._connections.pop().close()
        self.refuse_if_over()

    def refuse_if_over(self) -> None:
        """Raises :class:`UnusableAnswer`."""
        # The time-out of a socket may be faster than the timer.
        if self.is_over or time.monotonic() >= self._deadline_s:
            raise UnusableAnswer("the answer takes too long")

    def begin(self, kept: Any) -> None:
        """Note that the question is about to be sent, and over which socket if it was open before."""
        if kept is not None and not self._connections:
            self._is_kept = True
            self.watch(kept)

    def hang_up(self) -> None:
        """Note that the connection ended before there was an answer."""
        self.is_kept_connection_lost = self._is_kept

    def watch(self, connected: Any) -> None:
        """Cut a connection in time; at once when the time is over."""
        # A socket is wrapped for TLS, or closed while its answer is still being read. A duplicate
        # reaches the connection all the same, and never that of somebody else.
        duplicate = socket.socket(fileno=os.dup(connected.fileno()))
        with self._lock:
            self._connections.append(duplicate)
            if self.is_over:
                _cut(duplicate)

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            for connection in self._connections:
                _cut(connection)


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):  # the server may have hung up at the same moment
        connected.shutdown(socket.SHUT_RDWR)


_exchange: ContextVar[_Exchange] = ContextVar("fxa_exchange")


class _Watched:
    """Mixin of connections, which shows their sockets to the exchange."""

    sock: Any

    def _new_conn(self) -> Any:
        connected = super()._new_conn()  # type: ignore[misc]
        _exchange.get().watch(connected)
        return connected

    def _tunnel(self) -> None:
        super()._tunnel()  # type: ignore[misc]
        # The end of an answer of the proxy counts as its usual end.
        _exchange.get().refuse_if_over()

    def request(self, *args: Any, **kwargs: Any) -> None:
        _exchange.get().begin(self.sock)
        super().request(*args, **kwargs)  # type: ignore[misc]

    def getresponse(self) -> Any:
        try:
            return super().getresponse()  # type: ignore[misc]
        except ConnectionError:
            # urllib3 has several exceptions for it, and blames a proxy that is in between.
            _exchange.get().hang_up()
            raise


def _watch_pools_of(manager: Any) -> None:
    """Let all connections be watched that a pool manager of urllib3 will make, through whichever proxy."""
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _watched(pools[scheme]) for scheme in pools}


def _watched(pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    if issubclass(pool.ConnectionCls, _Watched):
        return pool
    connection = type("_WatchedConnection", (_Watched, pool.ConnectionCls), {})
    return type("_WatchedPool", (pool,), {"ConnectionCls": connection})


class _BoundedAdapter(HTTPAdapter):
    """Has the whole body of an answer before anybody looks at it."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As the base class does, with watched connections."""
        super().init_poolmanager(*args, **kwargs)
        _watch_pools_of(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """As the base class does, with watched connections."""
        manager = super().proxy_manager_for(*args, **kwargs)
        _watch_pools_of(manager)
        return manager

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """As the base class does; raises :class:`UnusableAnswer` too."""
        # What is not encoded cannot grow when it is decoded.
        request.headers["Accept-Encoding"] = "identity"
        try:
            return self._ask(request, *args, **kwargs)
        except _HungUp:
            return self._ask(request, *args, **kwargs)

    def _ask(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        limit = _limit.get()
        left_s = limit.deadline_s - time.monotonic()
        if left_s <= 0:
            raise UnusableAnswer("no time left to ask")
        options = {**kwargs, "stream": True, "timeout": Timeout(total=left_s)}
        with _Exchange(limit.deadline_s) as exchange:
            try:
                response = super().send(request, *args, **options)
            except requests.ConnectionError as error:
                if limit.may_repeat and exchange.is_kept_connection_lost:
                    raise _HungUp from error
                raise
            _read_whole(response, request.method)
        return response


def _read_whole(response: requests.Response, method: str) -> None:
    """Put the body in the place of the connection, which is then free. Raises :class:`UnusableAnswer`."""
    raw = response.raw
    try:
        _refuse_unusable(response.status_code, method)
        response.raw = io.BytesIO(_read(raw))
    except BaseException:
        raw.close()
        raise
    raw.release_conn()


def _refuse_unusable(status: int, method: str) -> None:
    """Raise unless it is a success, or the refusal of what was posted."""
    if not (200 <= status < 300 or (method == "POST" and status in _REFUSALS)):
        raise UnusableAnswer(f"status {status}")


def _read(raw: Any) -> bytes:
    body = bytearray()
    while chunk := raw.read1(_CHUNK_BYTES, decode_content=False):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise UnusableAnswer(f"more than {MAX_ANSWER_BYTES} bytes")
    return bytes(body)
