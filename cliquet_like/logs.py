"""The library's logger, and how an application writes its log entries as lines.

Nothing is configured globally: the logger ends in the standard library's ``cliquet_like`` logger,
and each entry is rendered as the current application wishes (setting ``logging_renderer``).
"""

import json
import logging
import os
import platform
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

import structlog
from pyramid.threadlocal import get_current_registry

from cliquet_like.kernel.clock import msec_time
from cliquet_like.kernel.codec import dumps_text

Event = MutableMapping[str, Any]
Renderer = Callable[[Any, str, Event], str]

_RESET: Final = "\x1b[0m"
_BRIGHT: Final = "\x1b[1m"
_YELLOW: Final = "\x1b[33m"
_CYAN: Final = "\x1b[36m"
_MAGENTA: Final = "\x1b[35m"


def _printable(value: Any) -> str:
    """Text of a value on one line: what does not print is escaped, so nobody forges a log line."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class ClassicLogRenderer:
    """Lines for people, with ANSI colours: ``"GET   /v1/?a=b" 200 (3 ms) event key=value``."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Take the application's settings, of which none is needed."""

    def __call__(self, logger: Any, method_name: str, event_dict: Event) -> str:
        """Line of an entry; the request's part is left out when there is no ``path``."""
        entry = dict(event_dict)
        request = _request_part(entry) if "path" in entry else ""
        event = _printable(entry.pop("event", "?"))
        context = " ".join(
            f"{_CYAN}{_printable(key)}{_RESET}={_MAGENTA}{_printable(value)}{_RESET}"
            for key, value in sorted(entry.items())
        )
        return f"{request}{event} {context}".rstrip()


def _request_part(entry: dict[str, Any]) -> str:
    """Take the fields of a request out of an entry; ``?`` stands for a missing one."""
    method, path, code, duration_ms = (
        _printable(entry.pop(key, "?")) for key in ("method", "path", "code", "t")
    )
    query = entry.pop("querystring", None) or ""
    if isinstance(query, Mapping):
        query = "&".join(f"{key}={value}" for key, value in query.items())
    query = f"?{_printable(query)}" if query else ""
    return f'{_BRIGHT}"{method:<5} {path}{query}"{_RESET}{_YELLOW} {code} ({duration_ms} ms){_RESET} '


class MozillaHekaRenderer:
    """Lines for machines: one JSON object an entry, as Mozilla's Heka reads them.

    A traceback becomes the field ``exception``, for a second line would be no JSON.
    """

    keeps_traceback = True
    ENV_VERSION: Final = "2.0"
    STANDARD: Final = ("Timestamp", "Logger", "Type", "Hostname", "Severity", "Pid", "EnvVersion", "Fields")
    SEVERITIES: Final = {
        "critical": 0,
        "exception": 2,
        "error": 2,
        "warning": 4,
        "warn": 4,
        "info": 6,
        "debug": 7,
    }

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Read the project's name once, for ``Logger``."""
        self.project_name = settings.get("project_name", "")
        self.hostname = os.environ.get("HOSTNAME", platform.node())
        self.pid = os.getpid()

    def __call__(self, logger: Any, method_name: str, event_dict: Event) -> str:
        """JSON of an entry; standard keys that are given win, all others go into ``Fields``."""
        entry = dict(event_dict)
        line = {
            "Timestamp": msec_time() * 1_000_000,
            "Type": entry.pop("event", ""),
            "Logger": self.project_name,
            "Hostname": self.hostname,
            "Severity": self.SEVERITIES.get(method_name, self.SEVERITIES["info"]),
            "Pid": self.pid,
            "EnvVersion": self.ENV_VERSION,
        }
        line.update({key: entry.pop(key) for key in self.STANDARD if key in entry})
        fields = dict(line.get("Fields") or {})
        fields.update({str(key): _flat(value) for key, value in entry.items()})
        return _json_line({**line, "Fields": fields})


def _flat(value: Any) -> Any:
    """Field as Heka takes it: lists of texts stay, other lists and mappings become JSON texts."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return list(value)
    return _json_line(value) if isinstance(value, dict | list | tuple) else value


def _json_line(value: Any) -> str:
    try:
        return dumps_text(value)
    except TypeError:
        # Lone surrogates, long integers, foreign objects: a log entry is written whatever it holds.
        return json.dumps(value, default=str, skipkeys=True)


_DEFAULT_RENDERER: Final = ClassicLogRenderer({})


def _render(logger: Any, method_name: str, event_dict: Event) -> tuple[tuple[str], dict[str, Any]]:
    """Last processor: the entry as the current application writes it, with its traceback."""
    renderer = getattr(get_current_registry(), "log_renderer", None) or _DEFAULT_RENDERER
    if getattr(renderer, "keeps_traceback", False):
        event_dict = structlog.processors.format_exc_info(logger, method_name, event_dict)
    exc_info = event_dict.pop("exc_info", None)
    return (renderer(logger, method_name, event_dict),), {"exc_info": exc_info}


logger: Any = structlog.wrap_logger(
    logging.getLogger("cliquet_like"),
    processors=[structlog.stdlib.filter_by_level, _render],
    wrapper_class=structlog.stdlib.BoundLogger,
    context_class=dict,
    cache_logger_on_first_use=False,
)
"""Structured logger of the library: ``logger.info("event", key=value)``."""
