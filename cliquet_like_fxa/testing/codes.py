"""Authorization codes: one use, a short life, and the proof of who asked for them (RFC 7636)."""

import base64
import hashlib
import hmac
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from cliquet_like.kernel.text import random_bytes_hex
from cliquet_like_fxa.testing.refusals import (
    EXPIRED_CODE,
    INVALID_PARAMETER,
    MISSING_CHALLENGE,
    UNKNOWN_CODE,
    WRONG_CHALLENGE,
    Refusal,
)

CODE_TTL_S = 600  # the longest that RFC 6749, section 4.1.2, recommends

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636, section 4.1
_S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Consent:
    """What a user agreed to; ``challenge`` is empty when the client sent none."""

    user_id: str
    scope: str
    challenge: str


def parse_challenge(challenge: str, method: str) -> str:
    """The challenge, or ``""`` without one. Raises ``Refusal`` for any method but S256."""
    if not challenge and not method:
        return ""
    if method != "S256" or not _S256_CHALLENGE.fullmatch(challenge):
        raise Refusal(INVALID_PARAMETER, "Invalid request parameter: code_challenge and its method S256")
    return challenge


class Codes:
    """The codes of one server that nobody has traded yet. Safe for threads."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._consents: dict[str, tuple[Consent, int]] = {}

    def issue(self, consent: Consent) -> str:
        """A code that is good for :data:`CODE_TTL_S`."""
        code = random_bytes_hex(32)
        with self._lock:
            self._consents[code] = consent, self._clock() + CODE_TTL_S * 1000
        return code

    def redeem(self, code: str, verifier: str) -> Consent:
        """What the code stands for; whatever comes of it, the code is used up. Raises ``Refusal``."""
        with self._lock:
            consent, expires_ms = self._consents.pop(code, (None, 0))
        if consent is None:
            raise Refusal(UNKNOWN_CODE, "Unknown code")
        if expires_ms <= self._clock():
            raise Refusal(EXPIRED_CODE, "Expired code")
        _refuse_wrong_verifier(consent.challenge, verifier)
        return consent


def _refuse_wrong_verifier(challenge: str, verifier: str) -> None:
    if not challenge and not verifier:
        return
    if not verifier:
        raise Refusal(MISSING_CHALLENGE, "Missing PKCE parameter: code_verifier")
    # A verifier without a challenge is a sign of a code from elsewhere (RFC 9700, section 4.8.2).
    if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(_s256(verifier), challenge):
        raise Refusal(WRONG_CHALLENGE, "Incorrect code_challenge")


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
