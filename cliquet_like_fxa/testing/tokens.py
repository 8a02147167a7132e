"""Access tokens: issued, verified and revoked, as opaque text or as signed JWT."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from cliquet_like.kernel.text import random_bytes_hex
from cliquet_like_fxa.testing.refusals import EXPIRED_TOKEN, INVALID_TOKEN, Refusal

Kind = Literal["opaque", "jwt"]

_KEY_BITS = 2048
_GENERATION = 1


@dataclass(frozen=True)
class Grant:
    """What a token stands for; the scopes are separated by blanks."""

    user_id: str
    client_id: str
    scope: str
    expires_ms: int


def user_id_of(name: str) -> str:
    """The 32 hexadecimal digits of a user: always the same ones for an e-mail, however it is capitalised."""
    return hashlib.sha256(name.strip().lower().encode()).hexdigest()[:32]


def refuse_unknown(kind: str) -> None:
    """Raise ``ValueError`` for what is no kind of token."""
    if kind not in get_args(Kind):
        raise ValueError(f"a token is {' or '.join(get_args(Kind))}, not {kind!r}")


class Tokens:
    """The tokens of one server, with the key that signs them. Safe for threads."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._grants: dict[str, Grant] = {}
        self._key_id = random_bytes_hex(8)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)

    def issue(
        self, user_id: str, client_id: str, scope: str, *, kind: Kind, ttl_s: float, issuer: str
    ) -> str:
        """A new token, expired already with a time of zero or less.

        Raises ``ValueError`` for an unknown kind.
        """
        refuse_unknown(kind)
        grant = Grant(user_id, client_id, scope, self._clock() + int(ttl_s * 1000))
        token = self._sign(grant, issuer) if kind == "jwt" else random_bytes_hex(32)
        with self._lock:
            self._grants[token] = grant
        return token

    def verify(self, token: str) -> Grant:
        """Raises ``Refusal`` when the token is unknown, revoked or expired."""
        with self._lock:
            grant = self._grants.get(token)
        if grant is None:
            raise Refusal(INVALID_TOKEN, "Invalid token")
        if grant.expires_ms <= self._clock():
            raise Refusal(EXPIRED_TOKEN, "Expired token")
        return grant

    def revoke(self, token: str) -> None:
        """Forget it. Raises ``Refusal`` when there is none; who knows the key still believes a signed one."""
        with self._lock:
            if self._grants.pop(token, None) is None:
                raise Refusal(INVALID_TOKEN, "Invalid token")

    def public_keys(self) -> list[dict[str, Any]]:
        """What verifies a signature (RFC 7517)."""
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return [{**key, "kid": self._key_id, "use": "sig", "alg": "RS256"}]

    def _sign(self, grant: Grant, issuer: str) -> str:
        # RFC 9068, with the two claims that the accounts server adds.
        claims = {
            "iss": issuer,
            "aud": grant.client_id,
            "sub": grant.user_id,
            "client_id": grant.client_id,
            "scope": grant.scope,
            "iat": self._clock() // 1000,
            "exp": grant.expires_ms // 1000,
            "jti": random_bytes_hex(16),
            "fxa-generation": _GENERATION,
            "fxa-profileChangedAt": _GENERATION,
        }
        headers = {"typ": "at+jwt", "kid": self._key_id}
        return jwt.encode(claims, self._key, algorithm="RS256", headers=headers)
