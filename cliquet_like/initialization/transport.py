"""What every response carries and every request must have, whatever view answers.

One tween, outside of all others, does it: the steps below only tell it what is wanted, so that a
step left out of ``initialization_sequence`` costs nothing.
"""

import random
import sys
from collections.abc import Callable
from typing import Any, Final

from pyramid.settings import asbool, aslist
from pyramid.tweens import EXCVIEW, INGRESS

from cliquet_like.errors import invalid_request
from cliquet_like.settings.forms import is_host
from cliquet_like.settings.running import header_seconds, running_value
from cliquet_like.web.cors import reapply_cors
from cliquet_like.web.headers import add_to_vary

TRANSPORT_TWEEN: Final = "cliquet_like.initialization.transport.transport_tween_factory"
TRANSACTION_TWEEN: Final = "pyramid_tm.tm_tween_factory"

_SECURITY_HEADERS: Final = {
    "x-content-type-options": ("X-Content-Type-Options", "nosniff"),
    "content-security-policy": (
        "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    ),
}
_UNSET: Final = (None, "")
_INVALID_HOST: Final = ("header", "Host", "It is no host name with an optional port.")


def setup_transport(config: Any) -> None:
    """Add the tween; the steps of this room are optional, the tween is not."""
    config.registry.url_overrides = {}
    config.registry.vary_headers = ()
    config.registry.sends_backoff = False
    config.registry.chance = random.random
    config.registry.version_redirection = False
    config.add_tween(TRANSPORT_TWEEN, under=INGRESS, over=(TRANSACTION_TWEEN, EXCVIEW))


def setup_requests_scheme(config: Any) -> None:
    """Step: ``http_scheme`` and ``http_host`` override what the request says."""
    settings = config.get_settings()
    overrides = {"wsgi.url_scheme": settings["http_scheme"], "HTTP_HOST": settings["http_host"]}
    config.registry.url_overrides = {key: value for key, value in overrides.items() if value}


def setup_vary_headers(config: Any) -> None:
    """Step: ``Vary`` names the headers of the setting ``vary``, by default Authorization."""
    vary = " ".join(aslist(config.get_settings().get("vary", "Authorization") or ""))
    config.registry.vary_headers = tuple(vary.replace(",", " ").split())


def setup_backoff(config: Any) -> None:
    """Step: ``Backoff`` on every response while the setting is set, or on a share of them.

    Which ones is up to ``registry.chance()`` (at least 0, below 1), asked once a response.
    """
    config.registry.sends_backoff = True


def setup_version_redirection(config: Any) -> None:
    """Step: paths without version are redirected below the current one, unless disabled."""
    enabled = asbool(config.get_settings()["version_prefix_redirect_enabled"])
    config.registry.version_redirection = enabled and bool(config.registry.route_prefix)


def transport_tween_factory(handler: Callable[[Any], Any], registry: Any) -> Callable[[Any], Any]:
    """Tween: the URL's overrides on the way in, the common headers on the way out."""
    settings = registry.settings
    overrides = registry.url_overrides
    varying = registry.vary_headers
    if "*" not in aslist(settings.get("cors_origins") or "*"):
        # Who may read the answer depends on the origin, even when none was sent.
        varying = (*varying, "Origin")
    # One look at the headers of an answer is enough: no name comes twice, in whatever case.
    names: dict[str, str] = {}
    for name in varying:
        names.setdefault(name.lower(), name)
    varying = tuple(names.values())

    def tween(request: Any) -> Any:
        environ = request.environ
        # Both may be absent when they are empty (PEP 3333).
        environ.setdefault("PATH_INFO", "")
        environ.setdefault("SCRIPT_NAME", "")
        if overrides:
            environ.update(overrides)
        response = _answer(handler, request) if _host_is_valid(environ) else invalid_request(*_INVALID_HOST)
        _complete(response, varying)
        if registry.sends_backoff and (backoff := _backoff_of(settings, registry.chance)):
            response.headers["Backoff"] = backoff
        return reapply_cors(request, response)

    return tween


def _complete(response: Any, varying: tuple[str, ...]) -> None:
    """Add the security headers that are not there, and name what the answer varies by."""
    headers = response.headerlist
    present = {name.lower() for name, _ in headers}
    headers += [header for name, header in _SECURITY_HEADERS.items() if name not in present]
    if "vary" in present:
        for name in varying:
            add_to_vary(response.headers, name)
    elif varying:
        headers.append(("Vary", ", ".join(varying)))


def _backoff_of(settings: Any, chance: Callable[[], float]) -> str | None:
    """Value of the header, None for none.

    Both settings may change while the application runs. Nearly always there is none: that is seen first.
    """
    if settings.get("backoff") in _UNSET or (seconds := header_seconds(settings, "backoff")) is None:
        return None
    percentage = running_value(settings, "backoff_percentage")
    return seconds if percentage is None or chance() * 100 < percentage else None


def _answer(handler: Callable[[Any], Any], request: Any) -> Any:
    """Answer of the application; what a tween outside of the exception views raised is one too."""
    try:
        return handler(request)
    except Exception:  # noqa: BLE001 - the exception view logs and answers it, or it is raised again
        return request.invoke_exception_view(sys.exc_info(), reraise=True)


def _host_is_valid(environ: dict[str, Any]) -> bool:
    """Whether the ``Host`` header may become a part of a URL; an empty one is the server's name."""
    host = environ.get("HTTP_HOST")
    if not host:
        environ.pop("HTTP_HOST", None)
        return True
    return is_host(host)
