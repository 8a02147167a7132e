"""The loggers: structured entries that end in the standard library's ``cliquet_like`` logger."""

import logging
import sys
import threading
import traceback
from functools import cache
from typing import Any, Final, Protocol

from pyramid.registry import global_registry
from pyramid.threadlocal import get_current_registry

from cliquet_like.logs.binding import answered_request, request_id
from cliquet_like.logs.classic import ClassicLogRenderer, ends_in_terminal
from cliquet_like.logs.entry import Event, Renderer
from cliquet_like.logs.masking import mask_entry, mask_text

_STDLIB: Final = logging.getLogger("cliquet_like")
_OF_NOBODY: Final = ClassicLogRenderer({})
_OF_NOBODY.is_coloured = ends_in_terminal


_ERROR_LEVELS: Final = {
    "error": logging.ERROR,
    "exception": logging.ERROR,
    "critical": logging.CRITICAL,
}
# Its ``busy`` is true in a thread that makes a report: what is logged meanwhile is not reported.
_reporting: Final = threading.local()


class ErrorReporter(Protocol):
    """Who learns of the entries for errors of an application: ``registry.error_reports``, where there is one.

    What it raises is a warning in the log, and harms nobody.
    """

    def send(self, name: str, *, level: int, exception: BaseException | None) -> None:
        """Take note of an entry, as it was logged: not masked, its level one of ``logging``.

        The exception is the one that the entry was given, or the one that was being handled.
        """


def _registry_of(request: Any) -> Any:
    """Registry of the current application, or of the one whose request this thread works for."""
    current = get_current_registry()
    return current if request is None or current is not global_registry else request.registry


def _renderer_of(registry: Any) -> Renderer:
    renderer: Renderer | None = getattr(registry, "log_renderer", None)
    return _OF_NOBODY if renderer is None else renderer


def _line_of(registry: Any, method_name: str, entry: Event) -> str:
    """Entry as its application writes it; as the classic renderer does, when the application's own fails."""
    renderer = _renderer_of(registry)
    try:
        # A renderer may take out of its entry what it shows.
        return renderer(_STDLIB, method_name, dict(entry))
    except Exception as error:  # noqa: BLE001 - a line that is not pretty is no reason to lose an answer
        _tell_once(registry, renderer, error)
        return _OF_NOBODY(_STDLIB, method_name, entry)


def _tell_once(registry: Any, renderer: Renderer, error: Exception) -> None:
    """Log the first failure of an application's renderer, of which each entry would be one."""
    mark = object()
    if vars(registry).setdefault("_log_renderer_failed", mark) is mark:
        logger.error("log renderer failed", renderer=type(renderer).__name__, exc_info=error)


def _report(registry: Any, method_name: str, entry: Event) -> None:
    """Tell the application's reporter of an entry for an error; of no other."""
    level = _ERROR_LEVELS.get(method_name)
    reporter: ErrorReporter | None = getattr(registry, "error_reports", None)
    if level is None or reporter is None or getattr(_reporting, "busy", False):
        return
    _reporting.busy = True
    try:
        reporter.send(_name_of(entry), level=level, exception=_exception_of(entry))
    except Exception as error:  # noqa: BLE001 - a report that cannot be made is no reason to fail
        logger.warning("error report not made", cause=type(error).__name__)
    finally:
        _reporting.busy = False


def _name_of(entry: Event) -> str:
    """Event of an entry; of one that is no text, as in ``logger.error(exception)``, the type only."""
    event = entry.get("event", "")
    return event if isinstance(event, str) else type(event).__name__


def _exception_of(entry: Event) -> BaseException | None:
    """Exception of an entry; of one that says nothing of any, the one that is being handled."""
    exc_info = entry.get("exc_info", True)
    if isinstance(exc_info, tuple):
        exc_info = exc_info[1]
    if isinstance(exc_info, BaseException):
        return exc_info
    return sys.exception() if exc_info else None


def _mask_traces(record: logging.LogRecord) -> bool:
    """Write the traceback as every formatter does, for all handlers, without the secrets of its messages."""
    if record.exc_info and record.exc_info[0] is not None and not record.exc_text:
        record.exc_text = mask_text("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
    if record.stack_info:
        record.stack_info = mask_text(record.stack_info)
    return True


_STDLIB.addFilter(_mask_traces)


@cache
def structlog_logger() -> Any:
    """Logger of structlog whose entries end in the library's one.

    To import structlog takes long, for it imports asyncio, and rich where that is installed. An application
    does so when it starts: the first error may come when no file can be opened any more.
    """
    import structlog

    with_stack = structlog.processors.StackInfoRenderer(additional_ignores=[__name__])

    def render(logger: Any, method_name: str, event_dict: Event) -> tuple[tuple[str], dict[str, Any]]:
        """Last processor: the entry as its application writes it, with the request's id, without secrets."""
        request = answered_request()
        registry = _registry_of(request)
        _report(registry, method_name, event_dict)
        if getattr(_renderer_of(registry), "keeps_traceback", False):
            event_dict = structlog.processors.format_exc_info(logger, method_name, event_dict)
            event_dict = with_stack(logger, method_name, event_dict)
        passed_on = {key: event_dict.pop(key, None) for key in ("exc_info", "stack_info")}
        entry = mask_entry(event_dict)
        if request is not None:
            entry.setdefault("rid", request_id(request.environ))
        return (_line_of(registry, method_name, entry),), passed_on

    return structlog.wrap_logger(
        _STDLIB,
        processors=[structlog.stdlib.filter_by_level, render],
        wrapper_class=structlog.stdlib.BoundLogger,
        context_class=dict,
        cache_logger_on_first_use=False,
    )


class _Logger:
    """What the library's rooms import: it has all that :func:`structlog_logger` has."""

    def __getattr__(self, name: str) -> Any:
        return getattr(structlog_logger(), name)


logger: Any = _Logger()
"""Structured logger of the library: ``logger.info("event", key=value)``."""


def is_written(level: int) -> bool:
    """Whether entries of a level of ``logging`` are written at all."""
    return _STDLIB.isEnabledFor(level)


def write_entry(method_name: str, level: int, entry: Event) -> None:
    """Write an entry that holds no secret, without the way through structlog: each request makes one.

    Whether its level :func:`is_written` is for the caller to ask. It is not reported: errors are logged.
    """
    try:
        line = _line_of(_registry_of(answered_request()), method_name, entry)
    except _dropped():
        return
    _STDLIB.handle(_STDLIB.makeRecord(_STDLIB.name, level, __file__, 0, line, (), None))


def _dropped() -> type[BaseException]:
    """What a renderer raises to leave an entry out; asked for when something was raised."""
    import structlog

    return structlog.DropEvent
