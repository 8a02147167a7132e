"""Lines for people."""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from cliquet_like.logs.entry import PLAIN, Event, printable, text_of


class _Colours(NamedTuple):
    reset: str
    bright: str
    yellow: str
    cyan: str
    magenta: str


_ANSI: Final = _Colours("\x1b[0m", "\x1b[1m", "\x1b[33m", "\x1b[36m", "\x1b[35m")
_NONE: Final = _Colours("", "", "", "", "")
_LIBRARY: Final = logging.getLogger("cliquet_like")


class ClassicLogRenderer:
    """Lines for people, with ANSI colours: ``"GET   /v1/?a=b" 200 (3 ms) event key=value``.

    ``is_coloured`` is asked for each line. By default there are colours; the renderer of an
    application has them when its lines end in a terminal (:func:`ends_in_terminal`).
    """

    is_coloured: Callable[[], bool] = staticmethod(lambda: True)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Take the application's settings, of which none is needed."""

    def __call__(self, logger: Any, method_name: str, event_dict: Event) -> str:
        """Line of an entry; the request's part is left out when there is no ``path``."""
        colours = _ANSI if self.is_coloured() else _NONE
        entry = dict(event_dict)
        request = _request_part(entry, colours) if "path" in entry else ""
        event = printable(entry.pop("event", "?"))
        return f"{request}{event} {_context(entry, colours)}".rstrip()


def _context(entry: dict[str, Any], colours: _Colours) -> str:
    """Fields of an entry, by name."""
    fields = sorted(entry.items())
    if colours is _NONE and PLAIN.issuperset(map(type, entry.values())):
        # Most lines: looked at once, not name by name and value by value.
        line = " ".join([f"{key}={value}" for key, value in fields])
        if line.isprintable():
            return line
    reset, cyan, magenta = colours.reset, colours.cyan, colours.magenta
    return " ".join(
        f"{cyan}{printable(key)}{reset}={magenta}{printable(value)}{reset}" for key, value in fields
    )


def _request_part(entry: dict[str, Any], colours: _Colours) -> str:
    """Take the fields of a request out of an entry; ``?`` stands for a missing one."""
    method, path = printable(entry.pop("method", "?")), printable(entry.pop("path", "?"))
    code, duration_ms = printable(entry.pop("code", "?")), printable(entry.pop("t", "?"))
    query = _query_part(entry.pop("querystring", None))
    reset, bright, yellow = colours.reset, colours.bright, colours.yellow
    return f'{bright}"{method:<5} {path}{query}"{reset}{yellow} {code} ({duration_ms} ms){reset} '


def _query_part(query: Any) -> str:
    if isinstance(query, Mapping):
        query = "&".join(f"{text_of(key)}={text_of(value)}" for key, value in query.items())
    return f"?{printable(query)}" if query else ""


def ends_in_terminal() -> bool:
    """Whether all that takes the library's entries writes to a terminal, and ``NO_COLOR`` is not set.

    A line is made once for all handlers: one file among them, and nothing is coloured.
    """
    streams = list(_streams()) or [sys.stderr]
    return all(map(_is_terminal, streams)) and not os.environ.get("NO_COLOR")


def _streams() -> Iterator[Any]:
    """Stream of each handler that an entry reaches; None for one that has none."""
    logger: logging.Logger | None = _LIBRARY
    while logger is not None:
        for handler in logger.handlers:
            if not isinstance(handler, logging.NullHandler):
                yield getattr(handler, "stream", None)
        logger = logger.parent if logger.propagate else None


def _is_terminal(stream: Any) -> bool:
    return hasattr(stream, "isatty") and not getattr(stream, "closed", False) and bool(stream.isatty())
