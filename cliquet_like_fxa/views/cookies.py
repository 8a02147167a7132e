"""The cookie of a login: a secret that only the browser has in which it began."""

import math
import re
from typing import Any, Final

from cliquet_like_fxa.login_state import new_secret

KEPT: Final = 8
"""Logins that may be under way in one browser: the cookies of older ones are taken back.

Without a bound they would pile up, until the header of every request is too large for the server.
"""

_NAME: Final = "fxa-oauth-"
_DIGITS: Final = 16
# Over https alone: browsers take it from this very host only, not from one beside it (RFC 6265bis, 4.1.3.2).
_HOST_ONLY: Final = "__Host-"
# What others have put into the header is none of our business, nor in which encoding.
_OURS: Final = re.compile(
    rf"(?:^|;)\s*((?:{_HOST_ONLY})?{_NAME}[0-9a-f]{{{_DIGITS}}})=([0-9a-f]{{64}})(?=\s*(?:;|$))", re.ASCII
)
# Segments that every browser and every server write in the same way.
_PLAIN_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~-]+(?=/|$))*", re.ASCII)


def give_secret(request: Any, response: Any, state: str, *, ttl_s: float) -> str:
    """New secret, which the browser is given for the login of a state, for whole seconds at least as long."""
    secret = new_secret()
    own = _prefix(request)
    # Those of one path come in the order of their making (RFC 6265, section 5.4).
    under_way = [name for name in _secrets(request) if name.startswith(own)]
    for name in under_way[: 1 - KEPT]:
        _set(request, response, name, "", max_age_s=0)
    _set(request, response, _name(request, state), secret, max_age_s=math.ceil(ttl_s))
    return secret


def secret_of(request: Any, state: str) -> str | None:
    """What the browser has for the login of a state; None when it has nothing of ours."""
    return _secrets(request).get(_name(request, state))


def take_secret_back(request: Any, response: Any, state: str) -> None:
    """Have the browser forget the secret of a login."""
    _set(request, response, _name(request, state), "", max_age_s=0)


def _secrets(request: Any) -> dict[str, str]:
    return dict(_OURS.findall(request.headers.get("Cookie", "")))


def _name(request: Any, state: str) -> str:
    """Each login has its own, so that two may be under way in one browser."""
    return f"{_prefix(request)}{state[:_DIGITS]}"


def _prefix(request: Any) -> str:
    return f"{_HOST_ONLY}{_NAME}" if _is_secure(request) else _NAME


def _set(request: Any, response: Any, name: str, value: str, *, max_age_s: int) -> None:
    """Set a cookie that a browser sends back also when it comes from another site (RFC 6265, 4.1).

    Names, values and paths are plain here. WebOb's own way warns of a retired function of Python 3.12.
    """
    secure = _is_secure(request)
    path = "/" if secure else _common_path(request.environ)
    cookie = f"{name}={value}; Max-Age={max_age_s}; Path={path}; HttpOnly; SameSite=Lax"
    response.headers.add("Set-Cookie", f"{cookie}; secure" if secure else cookie)


def _is_secure(request: Any) -> bool:
    return bool(request.scheme == "https")


def _common_path(environ: dict[str, Any]) -> str:
    """Path of our two endpoints, or as much of it as a browser can be relied on to find in its own URL."""
    path = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
    plain = _PLAIN_PATH.match(path.rpartition("/")[0])
    return plain[0] or "/" if plain else "/"
