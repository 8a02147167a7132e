"""The OAuth server: what we ask of one, and PyFxA's client as the one that asks.

PyFxA believes what it is answered, and may raise anything when that is nonsense. Here three things
remain: an answer, a refusal, and a server that is of no use at the moment.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
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

# Numbers of the Firefox Accounts OAuth API: what is wrong with us, whoever brings a code.
_MISCONFIGURED: Final[Mapping[int | None, str]] = {
    101: "it does not know fxa-oauth.client_id",
    102: "fxa-oauth.client_secret is not the client's",
    103: "the client is registered with another address of return",
}
_HINTS: Final[Mapping[int | None, str]] = {
    109: "some take no challenge beside a secret, see fxa-oauth.pkce.enabled",
}
_UNEXPECTED: Final = 999


class Refused(Exception):
    """The server, or a signature, says that a token or a code is not good for what we need.

    ``errno`` is the server's number for it, or None.
    """

    def __init__(self, reason: str = "", errno: int | None = None) -> None:
        super().__init__(reason)
        self.errno = errno


class ServerUnavailable(Exception):
    """The server cannot be reached, is too slow, answers nonsense, or refuses this service.

    The same call may succeed later.
    """


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

    A forked process has connections of its own, and leaves those of its parent alone. PyFxA's own
    cache is not used: it would keep what we cannot read, for longer than it is true.
    """

    def __init__(self, settings: FxASettings, *, process_id: Callable[[], int] = os.getpid) -> None:
        self._settings = settings
        self._process_id = process_id
        # In one place, so that a thread never sees the one without the other.
        self._owned = process_id(), self._new_client()
        self.url: str = self._owned[1].server_url

    def verify(self, token: str, scopes: Sequence[str]) -> Verified:
        """See :class:`OAuthServer`."""
        expires_at_s = _expiry_of(token)
        call = partial(self._client_of_process().verify_token, token=token, scope=list(scopes))
        answer = self._ask("verify", call, may_repeat=True)
        with _believing("verify"):
            return parse_verified(answer, expires_at_s)

    def trade(self, code: str, verifier: str | None) -> str:
        """See :class:`OAuthServer`."""
        proof = {} if verifier is None else {"code_verifier": verifier}
        call = partial(self._client_of_process().trade_code, code, **proof)
        try:
            answer = self._ask("trade", call)
        except Refused as refusal:
            _blame(refusal)
            raise
        with _believing("trade"):
            return _parse_token(answer)

    def challenge(self) -> Challenge:
        """See :class:`OAuthServer`."""
        parameters, proof = self._client_of_process().generate_pkce_challenge()
        return Challenge(parameters, proof["code_verifier"])

    def _client_of_process(self) -> Client:
        process_id = self._process_id()
        owner, client = self._owned
        if owner != process_id:
            client = self._new_client()
            self._owned = process_id, client
        return client

    def _new_client(self) -> Client:
        client = Client(
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret,
            server_url=self._settings.oauth_uri,
            cache=None,
        )
        client.apiclient = APIClient(client.server_url, session=bounded_session())
        # The time limit is the session's, for all calls of a question together.
        client.apiclient.timeout = None
        return client

    def _ask(self, question: str, call: Callable[[], Any], *, may_repeat: bool = False) -> Any:
        """What PyFxA answers, which may be anything. Raises ``Refused`` and ``ServerUnavailable``."""
        try:
            with time_limit(self._settings.timeout_seconds, may_repeat=may_repeat):
                return call()
        except (ClientError, TrustError) as error:
            raise Refused(type(error).__name__, _errno_of(error)) from error
        # Broad, as PyFxA stumbles over nonsense with whatever comes of it: KeyError, AttributeError,
        # RecursionError, errors of its cryptography. All of that is the fault of the server.
        except Exception as error:
            raise _of_no_use(question, error) from error


@contextmanager
def _believing(question: str) -> Iterator[None]:
    try:
        yield
    except UnusableAnswer as error:
        raise _of_no_use(question, error) from error


def _of_no_use(question: str, error: Exception) -> ServerUnavailable:
    """What to raise for an error, which is logged."""
    # Its text may quote what was sent: a token, a code, the secret of the client.
    reason = str(error) if isinstance(error, UnusableAnswer) else None
    logger.error("OAuth server is of no use", question=question, cause=type(error).__name__, reason=reason)
    return ServerUnavailable(question)


def _blame(refusal: Refused) -> None:
    """Log why a code was not traded. Raises :class:`ServerUnavailable` when no code would be."""
    reason = _MISCONFIGURED.get(refusal.errno)
    if reason is None:
        hint = _HINTS.get(refusal.errno)
        logger.warning("OAuth server refused a code", errno=refusal.errno, reason=hint)
        return
    logger.error("OAuth server refuses this service", errno=refusal.errno, reason=reason)
    raise ServerUnavailable("trade") from refusal


def _errno_of(error: Exception) -> int | None:
    """Number of a refusal; None where the server gave none of those that there are. Its text is not ours."""
    errno = getattr(error, "errno", None)
    return errno if type(errno) is int and 0 < errno < _UNEXPECTED else None


def parse_verified(answer: Any, expires_at_s: float | None = None) -> Verified:
    """Raises :class:`UnusableAnswer` for shapes, types and user ids that no server of use answers."""
    if not isinstance(answer, dict):
        raise UnusableAnswer("no object")
    user, scopes, client_id = (answer.get(name) for name in ("user", "scope", "client_id"))
    if not (isinstance(user, str) and _USER.fullmatch(user)):
        raise UnusableAnswer("no user id")
    if not (isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes)):
        raise UnusableAnswer("no list of scopes")
    if not isinstance(client_id, str):
        raise UnusableAnswer("no client id")
    return Verified(user, tuple(scopes), client_id, expires_at_s)


def _parse_token(answer: Any) -> str:
    token = answer.get("access_token") if isinstance(answer, dict) else None
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
