"""Who sends a request: Basic authentication open to everybody, and the prefixed user id."""

import base64
import binascii
import re
from typing import Any, Final

from pyramid.authentication import CallbackAuthenticationPolicy

from cliquet_like.kernel.text import hmac_digest

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class BasicAuthAuthenticationPolicy(CallbackAuthenticationPolicy):
    """Takes any credentials (RFC 7617): who sends the same ones again is the same user.

    The user id is the HMAC of user name and password with the setting ``userid_hmac_secret``.
    """

    def __init__(self, realm: str = "Realm") -> None:
        """Keep the realm that clients are shown."""
        self.callback = None
        self.realm = realm

    def unauthenticated_userid(self, request: Any) -> str | None:
        """User id of the ``Authorization`` header, or None when it holds no usable credentials."""
        credentials = _basic_credentials(request.headers.get("Authorization"))
        if credentials is None:
            return None
        secret = request.registry.settings["userid_hmac_secret"]
        return hmac_digest(str(secret), credentials)

    def remember(self, request: Any, userid: Any, **kw: Any) -> list[tuple[str, str]]:
        """No header: the client sends its credentials each time."""
        return []

    def forget(self, request: Any) -> list[tuple[str, str]]:
        """Header by which the client is asked for credentials."""
        return [("WWW-Authenticate", f'Basic realm="{self.realm}"')]


def _basic_credentials(header: str | None) -> str | None:
    """Text ``user:password`` of an ``Authorization`` header, or None when it is malformed.

    A user name is not empty and has no control character; a password may be empty.
    """
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        raw = base64.b64decode(encoded.strip().encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    try:
        credentials = raw.decode("utf-8")
    except UnicodeDecodeError:
        credentials = raw.decode("latin-1")
    user, colon, _ = credentials.partition(":")
    return credentials if user and colon and not _CONTROL.search(user) else None


def prefixed_userid(request: Any) -> str | None:
    """``<policy>:<user id>``, the policy by its name in the settings; None when anonymous."""
    # While a groupfinder runs, the user is selected but not authenticated yet: asking would go round.
    userid = getattr(request, "selected_userid", None) or request.authenticated_userid
    return None if userid is None else f"{request.authn_type}:{userid}"
