"""The OAuth server: what we ask of one, and PyFxA's client as the one that asks.

PyFxA believes what it is answered, and may raise anything when that is nonsense. Here three things
remain: an answer, a refusal, and a server that is of no use at the moment.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import jwt
from fxa.errors import ClientError, TrustError
from fxa.oauth import APIClient, Client

from cliquet_like.logs import logger
from cliquet_like_fxa.settings import FxASettings
from cliquet_like_fxa.transport import UnusableAnswer, bounded_session, time_limit

# Becomes a part of keys and ids. The accounts server's are 32 hexadecimal digits.
_USER: Final = re.compile(r"[A-Za-z0-9_-]{1,255}", re.ASCII)
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)
_MAX_TOKEN_LENGTH: Final = 8192
_LATEST_S: Final = 2**53


class Refused(Exception):
    """The server, or a signature, says that a token or a code is not good for what we need."""


class ServerUnavailable(Exception):
    """The server cannot be reached, is too slow, or answers nonsense; the same call may succeed later."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token says: whose it is, what for, and until when (seconds since the epoch, None if unknown)."""

    user: str
    scopes: tuple[str, ...]
    client_id: str
    expires_at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """Both sides of a PKCE challenge (RFC 7636): what the browser carries, and the secret behind it."""

    parameters: dict[str, str]
    verifier: str


class OAuthServer(Protocol):
    """What the plugin asks of a server. Each question may raise :class:`ServerUnavailable`."""

    url: str
    """Where it is, with its version, and without a slash at the end."""

    def verify(self, token: str, scopes: Sequence[str]) -> Verified:
        """Whose token it is. Raises :class:`Refused`, also when it lacks one of the scopes."""

    def trade(self, code: str, verifier: str | None) -> str:
        """Token for a code that a login brought. Raises :class:`Refused`."""

    def challenge(self) -> Challenge:
        """New challenge, without asking the server."""


def is_token(text: str) -> bool:
    """Whether a text can be a bearer token (``b64token``, RFC 6750, section 2.1) of a length we take."""
    return len(text) <= _MAX_TOKEN_LENGTH and _TOKEN.fullmatch(text) is not None


class PyFxAServer:
    """A server asked by PyFxA's client; one for each application, and its threads share it.

    Connections are made at the first question, so that a process may fork before. PyFxA's own
    cache is not used: it would keep what we cannot read, for longer than it is true.
    """

    def __init__(self, settings: FxASettings) -> None:
        self._timeout_s = settings.timeout_seconds
        self._client = Client(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            server_url=settings.oauth_uri,
            cache=None,
        )
        self._client.apiclient = APIClient(self._client.server_url, session=bounded_session())
        # The time limit is the session's, for all calls of a question together.
        self._client.apiclient.timeout = None
        self.url: str = self._client.server_url

    def verify(self, token: str, scopes: Sequence[str]) -> Verified:
        """See :class:`OAuthServer`."""
        expires_at_s = _expiry_of(token)
        with self._asking("verify"):
            return _parse_verified(self._client.verify_token(token=token, scope=list(scopes)), expires_at_s)

    def trade(self, code: str, verifier: str | None) -> str:
        """See :class:`OAuthServer`."""
        proof = {} if verifier is None else {"code_verifier": verifier}
        with self._asking("trade"):
            return _parse_token(self._client.trade_code(code, **proof)["access_token"])

    def challenge(self) -> Challenge:
        """See :class:`OAuthServer`."""
        parameters, proof = self._client.generate_pkce_challenge()
        return Challenge(parameters, proof["code_verifier"])

    @contextmanager
    def _asking(self, question: str) -> Iterator[None]:
        try:
            with time_limit(self._timeout_s):
                yield
        except (ClientError, TrustError) as error:
            raise Refused(type(error).__name__) from error
        except Exception as error:
            # Its text may quote what was sent: a token, a code, the secret of the client.
            reason = str(error) if isinstance(error, UnusableAnswer) else None
            cause = type(error).__name__
            logger.error("OAuth server is of no use", question=question, cause=cause, reason=reason)
            raise ServerUnavailable(question) from error


def _parse_verified(answer: Any, expires_at_s: float | None) -> Verified:
    """Raises :class:`UnusableAnswer` for types and user ids that no server of use answers."""
    user, scopes, client_id = (answer[name] for name in ("user", "scope", "client_id"))
    if not (isinstance(user, str) and _USER.fullmatch(user)):
        raise UnusableAnswer("no user id")
    if not (isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes)):
        raise UnusableAnswer("no list of scopes")
    if not isinstance(client_id, str):
        raise UnusableAnswer("no client id")
    return Verified(user, tuple(scopes), client_id, expires_at_s)


def _parse_token(token: Any) -> str:
    if not (isinstance(token, str) and is_token(token)):
        raise UnusableAnswer("no token")
    return token


def _expiry_of(token: str) -> float | None:
    """When a token ends that is a JWT, before anybody has verified it; None when it does not say."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return None
    expires_at = claims.get("exp")
    if isinstance(expires_at, int | float) and abs(expires_at) < _LATEST_S:
        return float(expires_at)
    return None
