"""The one choice of JSON codec, and what JSON we take from outside.

A number or text that comes in leaves again exactly as it was sent, or is refused: orjson reads
an integer beyond 64 bits as a float, loses digits, and turns ``1e-400`` into zero, silently.
Bodies in which that could happen take a second, slower reading.
"""

import json
import math
import re
from decimal import Decimal
from typing import Any, Final

import orjson

MAX_DEPTH: Final = 100
"""Levels of arrays and objects that a text from outside may have."""

INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1

# Sixteen digits or more, or an exponent of three digits: a float may not hold it.
_SUSPECT_NUMBER = re.compile(rb"[0-9][0-9.]{15}|[0-9][eE][-+]?[0-9]{3}")
_NUMBER_MAX_LENGTH = 400
_UNSTORABLE_CHARACTER = re.compile("[\0\ud800-\udfff]")


class InvalidJSON(ValueError):
    """The text is not JSON that we store; its message says why, for the client to read."""


def dumps(value: Any) -> bytes:
    """JSON of a value, as UTF-8.

    Raises ``TypeError`` for what JSON cannot hold. Floats that are not finite become ``null``.
    """
    return orjson.dumps(value)


def dumps_text(value: Any) -> str:
    """JSON of a value, as text."""
    return orjson.dumps(value).decode()


def as_is(text: str | bytes) -> Any:
    """What :func:`dumps` writes as this JSON text, at whatever place of a value; it is not checked."""
    return orjson.Fragment(text)


def loads(text: bytes | str) -> Any:
    """Value of a JSON text that we wrote ourselves. Raises ``ValueError`` when it is not JSON."""
    return orjson.loads(text)


def loads_strictly(body: bytes) -> Any:
    """Value of a JSON text from outside (RFC 8259), read without loss.

    Raises :class:`InvalidJSON` when it is no JSON, holds NUL or a lone surrogate, an integer
    beyond 64 bits, a number that a double cannot hold exactly as sent, or more than
    :data:`MAX_DEPTH` levels.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidJSON(str(error)) from error
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _refuse_deep(value)
    if _SUSPECT_NUMBER.search(body):
        value = json.loads(body, parse_int=_exact_int, parse_float=_exact_float)
    if b"\\u0000" in body:
        _refuse_nul(value)
    return value


def _exact_int(digits: str) -> int:
    if len(digits) > 20 or not INT64_MIN <= (number := int(digits)) <= INT64_MAX:
        raise InvalidJSON(f"integer out of 64 bits: {digits[:40]}")
    return number


def _exact_float(digits: str) -> float:
    if len(digits) <= _NUMBER_MAX_LENGTH:
        number = float(digits)
        if Decimal(repr(number)) == Decimal(digits):
            return number
    raise InvalidJSON(f"number cannot be kept exactly: {digits[:40]}")


def _refuse_nul(value: Any) -> None:
    """Raise :class:`InvalidJSON` when a text or key inside of the value holds U+0000."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if "\0" in item:
                raise InvalidJSON("text holds a NUL character (U+0000)")
        elif isinstance(item, dict):
            pending.extend(item)
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)


def find_unstorable(value: Any) -> tuple[str, str] | None:
    """Dotted place and reason of the first number or text that no backend can keep exactly.

    A schema may make one out of JSON that was fine: an integer out of ``"999..."``, infinity
    out of ``"inf"``. None when there is none; what is no JSON type is not looked into.
    """
    if isinstance(value, dict):
        items: Any = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    else:
        reason = _reason_against(value)
        return None if reason is None else ("", reason)
    for key, item in items:
        # Nearly every value is a text like that.
        if type(item) is str and item.isascii() and "\0" not in item:
            continue
        if found := find_unstorable(item):
            return f"{key}.{found[0]}".rstrip("."), found[1]
    return None


def _reason_against(value: Any) -> str | None:
    if isinstance(value, int) and not INT64_MIN <= value <= INT64_MAX:
        return "Should be an integer of 64 bits"
    if isinstance(value, float) and not math.isfinite(value):
        return "Should be a finite number"
    if isinstance(value, str) and _UNSTORABLE_CHARACTER.search(value):
        return "Should be a text without NUL and lone surrogates"
    return None


def _refuse_deep(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise InvalidJSON(f"more than {MAX_DEPTH} levels of arrays and objects")


def _children(item: Any) -> Any:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()
