"""CORS of the answers that no service makes: errors, redirects, unknown URLs (Fetch standard)."""

import fnmatch
from collections.abc import Iterable
from typing import Any, Final

from pyramid.settings import aslist

from cliquet_like.web.headers import add_to_vary
from cliquet_like.web.routing import current_service

EXPOSED_HEADERS: Final = ("Alert", "Backoff", "Retry-After", "Content-Length", "Vary")
"""Response headers that pages of other origins may read on any answer."""

_EXPOSED: Final = ", ".join(EXPOSED_HEADERS)


def reapply_cors(request: Any, response: Any) -> Any:
    """Write the CORS headers of the request's service, else of the application, on a rebuilt response.

    Nothing is written without ``Origin``, or for an origin that is not allowed. An origin that is
    echoed is named in ``Vary`` too. Returns the response.
    """
    origin = request.environ.get("HTTP_ORIGIN")
    if not origin:
        return response
    allowed = allowed_origin(origin, _origins_of(request))
    if allowed is None:
        return response
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = allowed
    if request.method != "OPTIONS":
        headers.setdefault("Access-Control-Expose-Headers", _EXPOSED)
    if allowed != "*":
        add_to_vary(headers, "Origin")
    return response


def allowed_origin(origin: str, patterns: Iterable[str]) -> str | None:
    """Value of ``Access-Control-Allow-Origin``: ``*``, the origin itself, or None when refused."""
    patterns = tuple(patterns)
    if "*" in patterns:
        return "*"
    return origin if any(fnmatch.fnmatchcase(origin, pattern) for pattern in patterns) else None


def _origins_of(request: Any) -> Iterable[str]:
    service = current_service(request)
    if service is None:
        origins: list[str] = aslist(request.registry.settings.get("cors_origins") or "")
        return origins
    return tuple(service.cors_origins_for(_method_of(request))) if service.cors_enabled else ()


def _method_of(request: Any) -> str:
    """Method that CORS is about: a preflight asks for another one."""
    method: str = request.method
    if method == "OPTIONS":
        method = request.headers.get("Access-Control-Request-Method", method)
    return method
