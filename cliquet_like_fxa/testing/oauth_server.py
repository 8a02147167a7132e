"""A stand-in for the OAuth server of Firefox Accounts, which does on demand what the real one rarely does."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW

from cliquet_like.kernel.clock import msec_time
from cliquet_like.kernel.text import random_bytes_hex
from cliquet_like_fxa.testing.codes import Codes
from cliquet_like_fxa.testing.endpoints import TOKEN_TTL_S, Client, Endpoints, add_endpoints
from cliquet_like_fxa.testing.faults import Fault, FaultQueue
from cliquet_like_fxa.testing.hosting import CONNECTION, close_connection, hosted
from cliquet_like_fxa.testing.tokens import Kind, Tokens, refuse_unknown, user_id_of


class OAuthServer:
    """A real HTTP server on 127.0.0.1 for the time of a ``with`` statement, with one client and no accounts.

    Any e-mail address signs in. ``calls`` are the requests so far, as pairs of method and path;
    ``clock`` gives milliseconds since the epoch, ``port`` 0 takes a free one.
    """

    def __init__(self, *, port: int = 0, clock: Callable[[], int] = msec_time) -> None:
        self.calls: list[tuple[str, str]] = []
        self._client = Client(client_id=random_bytes_hex(8), client_secret=random_bytes_hex(32))
        self._port = port
        self._codes = Codes(clock)
        self._tokens = Tokens(clock)
        self._faults = FaultQueue()
        self._stopping = threading.Event()
        self._running = ExitStack()

    def __enter__(self) -> Self:
        """Raises ``OSError`` when the port is taken."""
        self._stopping.clear()
        self._port = self._running.enter_context(hosted(self._make_app(), self._port))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._running.close()

    @property
    def url(self) -> str:
        """Value of the setting ``fxa-oauth.oauth_uri``. After the end nobody listens there."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def client_id(self) -> str:
        """Value of the setting ``fxa-oauth.client_id``: 16 hexadecimal digits, other ones for each server."""
        return self._client.client_id

    @property
    def client_secret(self) -> str:
        """Value of the setting ``fxa-oauth.client_secret``."""
        return self._client.client_secret

    @property
    def redirect_uri(self) -> str:
        """Where a browser goes after the sign-in: ``.../v1/fxa-oauth/token`` of the application.

        While it is empty nobody can sign in.
        """
        return self._client.redirect_uri

    @redirect_uri.setter
    def redirect_uri(self, uri: str) -> None:
        self._client.redirect_uri = uri

    @property
    def token_kind(self) -> Kind:
        """What a client gets for a code: ``opaque`` (for ``/verify``) or ``jwt`` (signed).

        Setting anything else raises ``ValueError``.
        """
        return self._client.token_kind

    @token_kind.setter
    def token_kind(self, kind: Kind) -> None:
        refuse_unknown(kind)
        self._client.token_kind = kind

    def user_id(self, user: str) -> str:
        """The 32 hexadecimal digits that a token of this user (an e-mail address, any name) stands for."""
        return user_id_of(user)

    def issue_token(
        self, user: str = "alice", scope: str = "profile", kind: Kind = "opaque", ttl_s: float = TOKEN_TTL_S
    ) -> str:
        """An access token without a browser; scopes are separated by blanks, a negative time has passed."""
        return self._tokens.issue(
            user_id_of(user), self.client_id, scope, kind=kind, ttl_s=ttl_s, issuer=self.url
        )

    def revoke(self, token: str) -> None:
        """The server no longer knows the token. A signed one is good until it expires for who checks the key.

        Raises ``Refusal`` for a token that it never knew.
        """
        self._tokens.revoke(token)

    def fail_next(self, path: str, fault: Fault | int, times: int = 1) -> None:
        """The next requests for a path (with or without ``/v1``) get the fault, or the error of this status.

        Faults of one path happen in the order of asking. Raises ``ValueError`` for less than one time.
        """
        self._faults.add(path, Fault.status(fault) if isinstance(fault, int) else fault, times)

    def _make_app(self) -> Any:
        config = Configurator()
        config.registry.before_answering = self._before_answering
        # A path that cannot be read is told by an exception view.
        config.add_tween("cliquet_like_fxa.testing.oauth_server.watching", under=EXCVIEW)
        add_endpoints(config, Endpoints(self._client, self._codes, self._tokens))
        return config.make_wsgi_app()

    def _before_answering(self, request: Request) -> Response | None:
        """The answer of a fault, or None for the ordinary one."""
        self.calls.append((request.method, request.path))
        fault = self._faults.take(request.path)
        if fault is None:
            return None
        self._stopping.wait(fault.delay_s)
        if fault.closes:
            close_connection(request.environ[CONNECTION])
            return Response()
        return fault.response()


def watching(handler: Callable[[Request], Response], registry: Any) -> Callable[[Request], Response]:
    """Tween that asks the server before each answer."""

    def answer(request: Request) -> Response:
        response: Response | None = registry.before_answering(request)
        return handler(request) if response is None else response

    return answer
