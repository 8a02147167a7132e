"""Whose token it is, asked of the server as seldom as possible.

What was verified is kept in the library's cache, under a digest of the token, of the scopes that it
was verified for, and of the server that did so. The token itself is kept nowhere.
"""

import time
from collections.abc import Callable
from typing import Any, Final, Protocol

from cliquet_like.drivers.errors import BackendError
from cliquet_like.kernel.text import hmac_digest
from cliquet_like.logs import logger
from cliquet_like.web.subrequests import shared_by
from cliquet_like_fxa.oauth import (
    OAuthServer,
    PyFxAServer,
    Refused,
    ServerUnavailable,
    Verified,
    parse_verified,
)
from cliquet_like_fxa.settings import FxASettings, settings_of
from cliquet_like_fxa.transport import UnusableAnswer

# The number is that of the shape of the values: with another one, older values are not found.
KEY_PREFIX: Final = "fxa-oauth:verified:1:"
COMPLAIN_EVERY_S: Final = 60


class Cache(Protocol):
    """What is asked of the library's cache."""

    def get(self, key: str) -> Any:
        """Value of a key, or None."""

    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        """Keep a value for so many seconds."""

    def delete(self, key: str) -> None:
        """Remove a key, if it is there."""


class TokenVerificationCache:
    """A cache in which all values have the same time to live, in seconds, at the longest."""

    def __init__(self, cache: Cache, ttl: float) -> None:
        """Keep both."""
        self.cache = cache
        self.ttl = ttl

    def get(self, key: str) -> Any:
        """Value of a key; None when it is absent or expired."""
        return self.cache.get(key)

    def set(self, key: str, value: Any, *, at_most_s: float | None = None) -> None:
        """Keep a value for the time to live, or for less; not at all when that is not positive."""
        self.cache.set(key, value, ttl=self.ttl if at_most_s is None else min(self.ttl, at_most_s))

    def delete(self, key: str) -> None:
        """Forget a key; silent when it is absent."""
        self.cache.delete(key)


class Verifier:
    """Verifies tokens for one application; ``cache`` is None where it has none.

    Without the cache, or when it fails, the server is asked each time. ``clock`` answers seconds
    since the epoch.
    """

    def __init__(
        self,
        settings: FxASettings,
        server: OAuthServer,
        cache: Cache | None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.server = server
        self._scopes = settings.required_scope
        self._cache = cache and TokenVerificationCache(cache, settings.cache_ttl_seconds)
        self._clock = clock
        self._silent_until_s = 0.0

    def key_of(self, token: str) -> str:
        """Key under which the cache has what was verified."""
        context = "\n".join((self.server.url, *sorted(self._scopes)))
        return KEY_PREFIX + hmac_digest(context, token)

    def verify_within(self, request: Any, token: str) -> Verified | None:
        """Whose token it is, found out once for a request and all requests of its batch; None if refused.

        Raises :class:`ServerUnavailable`, which is not tried again in the same request either.
        """
        known: dict[str, Verified | ServerUnavailable | None] = shared_by(request)
        key = self.key_of(token)
        outcome = known[key] if key in known else self._outcome_of(token, key)
        known[key] = outcome
        if isinstance(outcome, ServerUnavailable):
            raise outcome
        return outcome

    def _outcome_of(self, token: str, key: str) -> Verified | ServerUnavailable | None:
        if (kept := self._load(key)) is not None:
            return kept
        try:
            verified = self.server.verify(token, self._scopes)
        except Refused:
            return None
        except ServerUnavailable as error:
            return error
        self._keep(key, verified)
        return verified

    def _load(self, key: str) -> Verified | None:
        """What was kept; None for nothing, and for what nobody like us has kept."""
        if not self._cache:
            return None
        try:
            kept = self._cache.get(key)
        except BackendError as error:
            self._complain(error)
            return None
        except ValueError:  # not even JSON
            return None
        try:
            return parse_verified(kept)
        except UnusableAnswer:
            return None

    def _keep(self, key: str, verified: Verified) -> None:
        if not self._cache:
            return
        expires_at_s = verified.expires_at_s
        left_s = None if expires_at_s is None else expires_at_s - self._clock()
        value = {"user": verified.user, "scope": verified.scopes, "client_id": verified.client_id}
        try:
            self._cache.set(key, value, at_most_s=left_s)
        except BackendError as error:
            self._complain(error)

    def _complain(self, error: BackendError) -> None:
        """Log that the cache fails, once in a while: every request notices it."""
        now_s = self._clock()
        if now_s >= self._silent_until_s:
            self._silent_until_s = now_s + COMPLAIN_EVERY_S
            cause = type(error.original or error).__name__
            logger.error("cache failed, each token is verified again", cause=cause)


def verifier_of(registry: Any) -> Verifier:
    """The verifier of an application; a new one where the plugin was not included."""
    found = getattr(registry, "fxa_verifier", None)
    return found if isinstance(found, Verifier) else make_verifier(registry)


def make_verifier(registry: Any) -> Verifier:
    """Verifier of the settings and of the cache of an application."""
    settings = settings_of(registry)
    return Verifier(settings, PyFxAServer(settings), getattr(registry, "cache", None))
