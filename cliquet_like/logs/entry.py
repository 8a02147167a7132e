"""What the renderers share: texts on one line, JSON of whatever an entry holds, times."""

import json
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from cliquet_like.kernel.codec import dumps_text

Event = MutableMapping[str, Any]
Renderer = Callable[[Any, str, Event], str]

PLAIN: Final = frozenset({str, int, float, bool, type(None)})
"""Types of most values of most entries: the others are looked at more closely."""


# What JSON leaves as it is, and many a reader takes for the end of a line.
_LINE_ENDS: Final = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def text_of(value: Any) -> str:
    """Text of a value, whatever its methods do: an entry is written whatever it holds."""
    if type(value) is str:
        return value
    try:
        # A text of exactly the built-in type.
        return "".join((str(value),))
    except Exception:  # noqa: BLE001 - the methods of what is logged may raise anything
        return unprintable(value)


def unprintable(value: Any) -> str:
    """What stands for a value that has no text."""
    return f"<unprintable {type(value).__name__}>"


def printable(value: Any) -> str:
    """Text of a value on one line: what does not print is escaped, so nobody forges a log line."""
    text = value.decode("utf-8", "replace") if type(value) is bytes else text_of(value)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def flat(value: Any) -> Any:
    """Field of a flat JSON object: lists of texts stay, other lists and mappings become JSON texts."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return list(value)
    return json_line(value) if isinstance(value, dict | list | tuple) else value


def json_line(value: Any) -> str:
    """JSON of a value, on one line, whatever it holds."""
    try:
        return _one_line(dumps_text(value))
    except TypeError:
        # Lone surrogates, long integers, foreign objects.
        pass
    try:
        return json.dumps(value, default=text_of, skipkeys=True)
    except (ValueError, RecursionError):
        # It holds itself, or an integer of thousands of digits.
        return json.dumps(text_of(value))


def _one_line(text: str) -> str:
    """JSON text whose ends of lines are escaped."""
    if not text.isascii():
        for sign, escaped in _LINE_ENDS.items():
            text = text.replace(sign, escaped)
    return text


def iso_time(moment_ms: int) -> str:
    """ISO 8601 text of a moment, with milliseconds, in UTC."""
    return f"{_iso_second(moment_ms // 1000)}.{moment_ms % 1000:03d}+00:00"


@lru_cache(maxsize=2)
def _iso_second(moment_s: int) -> str:
    """Text up to the second, which the requests of that second share."""
    return datetime.fromtimestamp(moment_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")
