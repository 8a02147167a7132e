"""What Cornice gives to each request, and does with its answer, at the price of what is asked for.

Cornice looks for filters and for the origin each time. Nearly every request has neither, and
what its answer carries then is known at the start.
"""

from collections.abc import Iterator
from typing import Any, Final

from cornice.errors import Errors
from cornice.pyramidhook import apply_filters

from cliquet_like.web.routing import current_service

_NO_VIEW: Final[tuple[dict[str, Any], None]] = ({}, None)

_NO_GUESSING: Final = ("X-Content-Type-Options", "nosniff")

Headers = tuple[tuple[str, str], ...]
HeadersByMethod = dict[str, Headers]


def prepare_request(event: Any) -> None:
    """Subscriber: see :func:`prepare`."""
    prepare(event.request)


def prepare(request: Any) -> None:
    """Give a request a response callback, ``validated``, ``errors`` and ``info``, unless it has its own.

    Once: somebody may begin to subscribe between the two moments at which it is called.
    """
    if finish in request.response_callbacks:
        return
    request.add_response_callback(finish)
    if not hasattr(request, "validated"):
        request.validated = {}
    if not hasattr(request, "errors"):
        languages = request.registry.settings.get("available_languages")
        request.errors = Errors(localizer=request.localizer) if languages else Errors()
    if not hasattr(request, "info"):
        request.info = {}


def finish(request: Any, response: Any) -> None:
    """Response callback: what the service wants, its filters and CORS headers; and no guessing of types."""
    service = current_service(request)
    known = () if service is None else _headers_of(service, request, response)
    headers = response.headerlist
    # In one pass: each look into the mapping of the headers is another one.
    present = {name.lower() for name, _ in headers}
    for name, value in known:
        if name.lower() in present:
            response.headers[name] = value
        else:
            headers.append((name, value))
    if _NO_GUESSING[0].lower() not in present:
        headers.append(_NO_GUESSING)


def _headers_of(service: Any, request: Any, response: Any) -> Headers:
    """CORS headers to be added; where they are not known beforehand, Cornice has done it."""
    known: Headers | None = None
    if "HTTP_ORIGIN" not in request.environ:
        known = (getattr(service, "headers_without_origin", None) or {}).get(request.method)
    if known is None or getattr(request, "cornice_args", _NO_VIEW)[0].get("filters"):
        apply_filters(request, response)
        return ()
    return known


def headers_without_origin(service: Any) -> HeadersByMethod:
    """CORS headers of an answer to a request without ``Origin``, by its method.

    A method that is not there depends on what else was sent: Cornice looks at that.
    """
    if not service.cors_enabled:
        return dict.fromkeys(service.defined_methods, ())
    methods = (method for method in service.defined_methods if method != "OPTIONS")
    return {method: tuple(_cors_headers(service, method)) for method in methods}


def _cors_headers(service: Any, method: str) -> Iterator[tuple[str, str]]:
    if service.cors_support_credentials_for(method):
        yield "Access-Control-Allow-Credentials", "true"
    if exposed := service.cors_supported_headers_for(method):
        yield "Access-Control-Expose-Headers", ", ".join(exposed)
