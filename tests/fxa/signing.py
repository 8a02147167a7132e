"""Applications whose users sign in with Firefox Accounts, and how clients speak to them."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from webtest import TestApp

from cliquet_like.cache.memory import Cache
from cliquet_like.drivers.errors import BackendError
from cliquet_like.testing.app import make_wsgi_app
from cliquet_like_fxa.testing import OAuthServer

APPS = "https://app.example.com/#fxa="
"""Where users of the tests go with their token."""


def settings_for(server: Any, **others: Any) -> dict[str, Any]:
    """Settings of an application that trusts a server; ``others`` are those of the plugin, dots as ``__``."""
    settings = {
        "includes": "cliquet_like_fxa",
        "multiauth.policies": "fxa",
        "multiauth.policy.fxa.use": "cliquet_like_fxa.authentication.FxAOAuthAuthenticationPolicy",
        "fxa-oauth.oauth_uri": server.url,
        "fxa-oauth.client_id": server.client_id,
        "fxa-oauth.client_secret": server.client_secret,
        "fxa-oauth.webapp.authorized_domains": "app.example.com *.apps.example.com http://localhost:3000",
    }
    return settings | {f"fxa-oauth.{name.replace('__', '.')}": value for name, value in others.items()}


def make_app(settings: dict[str, Any]) -> TestApp:
    """Application with the resource ``notes``, asked as ``localhost``."""
    return TestApp(
        make_wsgi_app("tests.resources.notes", settings=settings), extra_environ={"HTTP_HOST": "localhost"}
    )


def app_for(server: OAuthServer, **others: Any) -> TestApp:
    """Application that trusts a server."""
    return make_app(settings_for(server, **others))


def another_browser(app: TestApp) -> TestApp:
    """Client of the same application, without the cookies of the first."""
    return TestApp(app.app, extra_environ={"HTTP_HOST": "localhost"})


def bearer(token: str) -> dict[str, str]:
    """Headers of a request with a token."""
    return {"Authorization": f"Bearer {token}"}


def begin(app: TestApp, redirect: str = APPS, **kw: Any) -> dict[str, str]:
    """Parameters of the authorization URL that a login is redirected to."""
    response = app.get("/v1/fxa-oauth/login", {"redirect": redirect}, status=302, **kw)
    query = parse_qs(urlsplit(response.location).query, keep_blank_values=True)
    return {name: value for name, (value,) in query.items()}


def sign_in(server: OAuthServer, begun: dict[str, str], email: str = "alice@example.com") -> str:
    """Path and query of the URL at which the server hands out a code, when somebody signs in there."""
    return _send_form(server, begun, {"email": email})


def cancel(server: OAuthServer, begun: dict[str, str]) -> str:
    """Path and query of the URL to which the server sends who signs in nowhere."""
    return _send_form(server, begun, {"email": "", "cancel": "yes"})


def _send_form(server: OAuthServer, begun: dict[str, str], form: dict[str, str]) -> str:
    server.redirect_uri = "http://localhost/v1/fxa-oauth/token"
    answer = requests.post(
        f"{server.url}/authorization", params=begun, data=form, allow_redirects=False, timeout=10
    )
    assert answer.status_code == 302, answer.text
    location: str = answer.headers["Location"]
    return location.removeprefix("http://localhost")


class FailingCache(Cache):
    """Cache that is down while ``fails`` is set."""

    fails = False

    def _load(self, key: str) -> str | None:
        self._fail()
        return super()._load(key)

    def _store(self, key: str, text: str, ttl_ms: int | None) -> None:
        self._fail()
        super()._store(key, text, ttl_ms)

    def _fail(self) -> None:
        if self.fails:
            raise BackendError(ConnectionError("cache is down"))


@contextmanager
def raw_server(answer: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """URL, ending in ``/v1``, of a server that lets a function answer each connection.

    The function gets the connection and the request, and may send what it likes.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        # The client may have gone, as some tests want it to.
        with connection, suppress(OSError):
            answer(connection, connection.recv(65536))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=[connection]))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in [accepting, *threads]:
            thread.join()


def http_answer(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    """Bytes of an answer with a JSON body."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}"
    return f"{head}Connection: close\r\n\r\n".encode() + body
