"""The loggers: structured entries that end in the standard library's ``cliquet_like`` logger."""

import logging
import traceback
from typing import Any, Final

import structlog
from pyramid.threadlocal import get_current_registry

from cliquet_like.logs.binding import answered_request, request_id
from cliquet_like.logs.classic import ClassicLogRenderer, ends_in_terminal
from cliquet_like.logs.entry import Event, Renderer
from cliquet_like.logs.masking import mask_entry, mask_text

_STDLIB: Final = logging.getLogger("cliquet_like")
_OF_NOBODY: Final = ClassicLogRenderer({})
_OF_NOBODY.is_coloured = ends_in_terminal


def _renderer_of(request: Any) -> Renderer:
    """Renderer of the current application, or of the one whose request this thread works for."""
    renderer: Renderer | None = getattr(get_current_registry(), "log_renderer", None)
    if renderer is None and request is not None:
        renderer = getattr(request.registry, "log_renderer", None)
    return _OF_NOBODY if renderer is None else renderer


def _render(logger: Any, method_name: str, event_dict: Event) -> tuple[tuple[str], dict[str, Any]]:
    """Last processor: the entry as its application writes it, with the request's id and without secrets."""
    request = answered_request()
    renderer = _renderer_of(request)
    if getattr(renderer, "keeps_traceback", False):
        event_dict = structlog.processors.format_exc_info(logger, method_name, event_dict)
    exc_info = event_dict.pop("exc_info", None)
    entry = mask_entry(event_dict)
    if request is not None:
        entry.setdefault("rid", request_id(request.environ))
    return (renderer(logger, method_name, entry),), {"exc_info": exc_info}


def _mask_traceback(record: logging.LogRecord) -> bool:
    """Write the traceback as every formatter does, for all handlers, without the secrets of its messages."""
    if record.exc_info and record.exc_info[0] is not None and not record.exc_text:
        record.exc_text = mask_text("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
    return True


_STDLIB.addFilter(_mask_traceback)

logger: Any = structlog.wrap_logger(
    _STDLIB,
    processors=[structlog.stdlib.filter_by_level, _render],
    wrapper_class=structlog.stdlib.BoundLogger,
    context_class=dict,
    cache_logger_on_first_use=False,
)
"""Structured logger of the library: ``logger.info("event", key=value)``."""


def is_written(level: int) -> bool:
    """Whether entries of a level of ``logging`` are written at all."""
    return _STDLIB.isEnabledFor(level)


def write_entry(method_name: str, level: int, entry: Event) -> None:
    """Write an entry that holds no secret, without the way through structlog: each request makes one.

    Whether its level :func:`is_written` is for the caller to ask.
    """
    line = _renderer_of(answered_request())(_STDLIB, method_name, entry)
    _STDLIB.handle(_STDLIB.makeRecord(_STDLIB.name, level, __file__, 0, line, (), None))
