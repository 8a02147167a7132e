"""HTTP to the OAuth server, in which no answer takes for ever, nor all the memory.

PyFxA waits half a minute for each answer, asks three times more when none comes, follows redirects
with the token in its hands, and remembers a server's ``Retry-After`` for all users.
"""

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Timeout

MAX_ANSWER_BYTES: Final = 1024 * 1024

# What a server says of a token or a code that it does not take; other errors are its own.
_REFUSALS: Final = frozenset({400, 401, 403})
_CHUNK_BYTES: Final = 16 * 1024
_CONNECTIONS: Final = 32

_deadline_s: ContextVar[float] = ContextVar("fxa_deadline_s")


class UnusableAnswer(requests.RequestException):
    """The server answered something that no call of ours may be answered with, or too late."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Within, all calls of a bounded session together take so many seconds, at most twice as many.

    Twice, when the last bytes of an answer come as late as they may. The operating system decides
    how long it looks for the address of a host.
    """
    reset = _deadline_s.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline_s.reset(reset)


def bounded_session() -> requests.Session:
    """Session for calls within a :func:`time_limit`; threads may share it. It keeps no cookie."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, _BoundedAdapter(pool_maxsize=_CONNECTIONS))
    return session


class _CutInTime:
    """Mixin of connections: a head that comes byte by byte is not waited for beyond the time limit.

    The time-outs of sockets begin again with every byte.
    """

    sock: Any

    def getresponse(self) -> Any:
        timer = threading.Timer(_deadline_s.get() - time.monotonic(), _cut, [self.sock])
        timer.start()
        try:
            return super().getresponse()  # type: ignore[misc]
        finally:
            timer.cancel()


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):  # the server may have hung up at the same moment
        connected.shutdown(socket.SHUT_RDWR)


class _Connection(_CutInTime, HTTPConnection):
    pass


class _SecureConnection(_CutInTime, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _BoundedAdapter(HTTPAdapter):
    """Asks once, and has the whole body of an answer before anybody looks at it."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As the base class does, with our connections; those through a proxy are urllib3's."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """As the base class does; raises :class:`UnusableAnswer` too."""
        deadline_s = _deadline_s.get()
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise UnusableAnswer("no time left to ask")
        # What is not encoded cannot grow when it is decoded.
        request.headers["Accept-Encoding"] = "identity"
        response = super().send(
            request, *args, **{**kwargs, "stream": True, "timeout": Timeout(total=left_s)}
        )
        raw = response.raw
        try:
            _refuse_unusable(response.status_code, request.method)
            response.raw = io.BytesIO(_read(raw, deadline_s))
        except BaseException:
            raw.close()
            raise
        raw.release_conn()
        return response


def _refuse_unusable(status: int, method: str) -> None:
    """Raise unless it is a success, or the refusal of what was posted."""
    if not (200 <= status < 300 or (method == "POST" and status in _REFUSALS)):
        raise UnusableAnswer(f"status {status}")


def _read(raw: Any, deadline_s: float) -> bytes:
    body = bytearray()
    while chunk := raw.read1(_CHUNK_BYTES, decode_content=False):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise UnusableAnswer(f"more than {MAX_ANSWER_BYTES} bytes")
        if time.monotonic() > deadline_s:
            raise UnusableAnswer("the answer takes too long")
    return bytes(body)
