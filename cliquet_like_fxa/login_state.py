"""A login between its beginning and its end: kept once, taken once, for one browser."""

import hashlib
import hmac
import re
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Protocol

from cliquet_like.kernel.text import random_bytes_hex

KEY_PREFIX: Final = "fxa-oauth:login:1:"
"""The number is that of the shape in which a login is kept: to be counted up with every other one."""

_RANDOM_BYTES: Final = 32
_STATE: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Cache(Protocol):
    """What is asked of the library's cache; each method may raise ``BackendError``."""

    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        """Keep a value for so many seconds."""

    def get(self, key: str) -> Any:
        """Value of a key; None when it is absent."""

    def pop(self, key: str) -> Any:
        """Value of a key, which only one caller gets; None when it is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Where the browser goes in the end, and what proves that it is the same login and browser."""

    redirect: str
    verifier: str | None = None
    """Secret of the challenge; None without one."""
    browser: str | None = None
    """Digest of the secret that the browser has; None when any browser may end it."""

    def belongs_to(self, secret: str | None) -> bool:
        """Whether a browser with this secret, None for none, may end the login."""
        if self.browser is None:
            return True
        return hmac.compare_digest(self.browser, digest_of(secret or ""))


def new_secret() -> str:
    """Random text that nobody guesses: a state, or what a browser keeps."""
    return random_bytes_hex(_RANDOM_BYTES)


def digest_of(secret: str) -> str:
    """What may be kept of a browser's secret, or of what a client sent instead."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def is_state(text: str) -> bool:
    """Whether a text can be a state of ours."""
    return _STATE.fullmatch(text) is not None


def keep_login(cache: Cache, state: str, login: Login, *, ttl_s: float) -> None:
    """Keep a login under its state for so many seconds."""
    cache.set(KEY_PREFIX + state, asdict(login), ttl=ttl_s)


def take_login(cache: Cache, state: str, secret: str | None) -> Login | None:
    """The login of a state, for the first who asks with its browser's secret; None for any other text.

    It stays for its browser when another one asks, which gets None.
    """
    if not is_state(state):
        return None
    key = KEY_PREFIX + state
    kept = _parse_login(cache.get(key))
    if kept is None or not kept.belongs_to(secret):
        return None
    return _parse_login(cache.pop(key))


def _parse_login(kept: Any) -> Login | None:
    """What was kept, or None when it is not in the shape of a login."""
    if not isinstance(kept, dict) or kept.keys() != {field.name for field in fields(Login)}:
        return None
    proofs = kept["verifier"], kept["browser"]
    if not isinstance(kept["redirect"], str) or not all(isinstance(proof, str | None) for proof in proofs):
        return None
    return Login(**kept)
