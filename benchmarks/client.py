"""WSGI calls without a network: what is measured is the application."""

import base64
import io
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.dataset import CREDENTIALS

AUTHORIZATION = "Basic " + base64.b64encode(CREDENTIALS).decode()


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def call(app: Callable[..., Any], method: str, url: str, body: bytes = b"", **headers: str) -> Answer:
    """Answer of the application; headers are WSGI names without ``HTTP_``."""
    path, _, query = url.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": AUTHORIZATION,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name}": value for name, value in headers.items()},
    }
    if body:
        environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
    started: list[Any] = []
    chunks = app(environ, lambda status, headers, exc_info=None: started.extend((status, headers)))
    try:
        answer = b"".join(chunks)
    finally:
        # What a server does (PEP 3333), and what some applications wait for.
        if hasattr(chunks, "close"):
            chunks.close()
    return Answer(int(started[0][:3]), dict(started[1]), answer)
