"""How the application's log entries are written, and the one that each request leaves."""

import logging
from collections.abc import Callable
from typing import Any, Final

from pyramid.tweens import INGRESS
from pyramid_retry import is_error_retryable

from cliquet_like.initialization.dotted import make
from cliquet_like.initialization.transport import TRANSPORT_TWEEN
from cliquet_like.logs.binding import REQUEST_ID, answered_request, bind_request, unbind_request
from cliquet_like.logs.classic import ClassicLogRenderer, ends_in_terminal
from cliquet_like.logs.structured import is_written, structlog_logger
from cliquet_like.logs.summary import Begin, begin, begin_subrequest, log_request, log_subrequest

Handler = Callable[[Any], Any]

_TWEEN: Final = "cliquet_like.initialization.request_log.request_log_tween_factory"

_RENDERER: Final = (
    "a class or function that takes the settings and gives a renderer, as in "
    "cliquet_like.logs.ClassicLogRenderer"
)

_BEGUN: Final = "cliquet_like.begun"
"""Key of the environ, which all attempts of a request share: the application, and when the first began."""


def setup_logging(config: Any) -> None:
    """Step: make the renderer that ``logging_renderer`` names, as ``registry.log_renderer``.

    Each request leaves one entry, made outside of all other tweens: whatever answers it, and
    however often it is attempted.
    """
    settings = config.get_settings()
    name = settings["logging_renderer"]
    renderer = make(config, "logging_renderer", name, settings, expected=_RENDERER)
    if isinstance(renderer, ClassicLogRenderer):
        renderer.is_coloured = ends_in_terminal
    config.registry.log_renderer = renderer
    structlog_logger()
    config.add_tween(_TWEEN, under=INGRESS, over=TRANSPORT_TWEEN)


def request_log_tween_factory(handler: Handler, registry: Any) -> Handler:
    """Tween: the request's summary, its id in what is logged meanwhile, and in the answer.

    ``X-Request-Id`` is answered when an entry carries it: whenever INFO is written.
    """

    def tween(request: Any) -> Any:
        outer = answered_request()
        if outer is not None and outer.registry is registry:
            return _answer_inside(handler, request)
        token = bind_request(request)
        try:
            written = is_written(logging.INFO)
            response = _answer_and_log(handler, request) if written else handler(request)
        finally:
            unbind_request(token)
        if REQUEST_ID in request.environ:
            response.headers["X-Request-Id"] = request.environ[REQUEST_ID]
        return response

    return tween


def _answer_inside(handler: Handler, request: Any) -> Any:
    """Answer of a request that this application makes to itself, with all its tweens."""
    begun = begin_subrequest()
    try:
        response = handler(request)
    except BaseException:
        log_subrequest(request, None, begun)
        raise
    log_subrequest(request, response, begun)
    return response


def _answer_and_log(handler: Handler, request: Any) -> Any:
    begun = _first_begin(request)
    try:
        response = handler(request)
    except BaseException as error:
        if not is_error_retryable(request, error):
            log_request(request, None, begun)
        raise
    # What an exception view answered is thrown away when there is another attempt.
    answered = getattr(request, "exception", None)
    if answered is None or not is_error_retryable(request, answered):
        log_request(request, response, begun)
    return response


def _first_begin(request: Any) -> Begin:
    """When the first attempt began; an environ may come from another application, with its own."""
    registry, begun = request.environ.get(_BEGUN, (None, None))
    if registry is not request.registry:
        begun = begin()
        request.environ[_BEGUN] = (request.registry, begun)
    first: Begin = begun
    return first
