"""A local server that takes the events of error reports, as Sentry does; applications that report to it."""

import base64
import binascii
import gzip
import json
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from webtest import TestApp

from cliquet_like import Service
from tests.support import application

WAIT_TIMEOUT_S = 20.0
FLUSH_TIMEOUT_S = 20.0


class Receiver:
    """What arrived so far: ``bodies``, without their compression, and what of it were headers."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        self.answering = threading.Event()
        self.answering.set()
        self.port = 0

    @property
    def dsn(self) -> str:
        """Where to report, in the form with a secret, which raven asks for."""
        return f"http://public:s3cr3tkey@127.0.0.1:{self.port}/1"

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events, in the order in which they came."""
        return [_event(body) for body in self.bodies]

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """The events, when there are that many; fails when they do not come."""
        end = time.monotonic() + WAIT_TIMEOUT_S
        while len(self.bodies) < count and time.monotonic() < end:
            time.sleep(0.01)
        assert len(self.bodies) == count
        return self.events


def reporting(receiver: Receiver, *services: Service, **arguments: Any) -> TestApp:
    """Application that reports to the receiver; the arguments are those of ``application``."""
    settings = {"sentry_dsn": receiver.dsn, **arguments.pop("settings", {})}
    return application(settings, services=services, **arguments)


def flush(app: TestApp) -> None:
    """Return when all that the application reported so far has arrived, or is lost."""
    app.app.registry.error_reports.flush(FLUSH_TIMEOUT_S)


def sent_by(app: TestApp, receiver: Receiver) -> dict[str, Any]:
    """The only event of an application; fails when there are more."""
    flush(app)
    (event,) = receiver.wait_for(1)
    return event


def types(event: dict[str, Any]) -> list[str]:
    """Types of the exceptions of an event, the one that caused the others first."""
    return [raised["type"] for raised in event["exception"]["values"]]


def _event(body: bytes) -> dict[str, Any]:
    """Event of a body: raven sends it alone, sentry-sdk in an envelope of three lines."""
    found: dict[str, Any] = json.loads(body.splitlines()[-1])
    return found


def _plain(body: bytes, encoding: str | None) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding == "deflate":
        return zlib.decompress(body)
    try:
        return zlib.decompress(base64.b64decode(body, validate=True))
    except (binascii.Error, zlib.error):
        return body


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A server of this test; while ``answering`` is clear, it reads requests and lets them wait."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.headers.append(dict(self.headers))
            receiver.bodies.append(_plain(body, self.headers["Content-Encoding"]))
            receiver.answering.wait(WAIT_TIMEOUT_S)
            self.send_response(receiver.status)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Nothing: who gave up waiting is gone."""

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.answering.set()
            server.shutdown()
            thread.join()
