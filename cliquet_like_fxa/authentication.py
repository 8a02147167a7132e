"""Who sends a request: whoever the OAuth server says that a bearer token belongs to."""

import re
from typing import Any, Final

from pyramid.authentication import CallbackAuthenticationPolicy
from pyramid.httpexceptions import HTTPServiceUnavailable

from cliquet_like.web.headers import encode_header
from cliquet_like_fxa.oauth import ServerUnavailable, is_token
from cliquet_like_fxa.settings import settings_of
from cliquet_like_fxa.verification import TokenVerificationCache, verifier_of

__all__ = ["FxAOAuthAuthenticationPolicy", "TokenVerificationCache"]

_SPECIAL: Final = re.compile(r'(["\\])')


class FxAOAuthAuthenticationPolicy(CallbackAuthenticationPolicy):
    """Takes ``Authorization: Bearer <token>`` (RFC 6750) of Firefox Accounts.

    The user id is the account's. A token that is malformed, unknown, expired, not for the scopes of
    the setting ``fxa-oauth.required_scope``, or not given to one of the clients of
    ``fxa-oauth.allowed_client_ids`` where it has any, is nobody's.
    """

    def __init__(self, realm: str = "Realm") -> None:
        """Keep the realm that clients are shown."""
        self.callback = None
        self.realm = str(realm)

    def unauthenticated_userid(self, request: Any) -> str | None:
        """User id of the token, or None.

        Raises ``HTTPServiceUnavailable`` when the OAuth server is of no use.
        """
        token = _bearer_token(request.headers.get("Authorization"))
        if token is None:
            return None
        try:
            verified = verifier_of(request.registry).verify_within(request, token)
        except ServerUnavailable as error:
            raise HTTPServiceUnavailable() from error
        if verified is None or not _is_allowed(request.registry, verified.client_id):
            return None
        return verified.user

    def remember(self, request: Any, userid: Any, **kw: Any) -> list[tuple[str, str]]:
        """No header: the client sends its token each time."""
        return []

    def forget(self, request: Any) -> list[tuple[str, str]]:
        """Header by which the client is asked for a token (RFC 6750, section 3)."""
        realm = _SPECIAL.sub(r"\\\1", encode_header(self.realm))
        return [("WWW-Authenticate", f'Bearer realm="{realm}"')]


def _is_allowed(registry: Any, client_id: str) -> bool:
    allowed = settings_of(registry).allowed_client_ids
    return not allowed or client_id in allowed


def _bearer_token(header: str | None) -> str | None:
    """Token of an ``Authorization`` header, or None when it is malformed or of another scheme."""
    scheme, _, credentials = (header or "").partition(" ")
    token = credentials.strip(" ")
    return token if scheme.lower() == "bearer" and is_token(token) else None
