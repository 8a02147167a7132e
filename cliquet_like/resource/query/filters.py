"""Filters of a query string: ``field=v``, ``min_field=v`` and their kin, ``_since``, ``_before``."""

import math
import re
from typing import Any, Final

from cliquet_like.kernel.codec import INT64_MAX, INT64_MIN
from cliquet_like.kernel.values import native_value
from cliquet_like.resource.query.errors import QueryError
from cliquet_like.resource.query.fields import FieldCheck, is_known_path
from cliquet_like.storage.query import COMPARISON, Filter

_OPERATOR = re.compile(r"(lt|min|max|not|gt|in|exclude)_(.+)", re.DOTALL)
_LISTS: Final = (COMPARISON.IN, COMPARISON.EXCLUDE)
_TIMESTAMP = re.compile(r'(")?(-?[0-9]{1,19})(?(1)")', re.ASCII)

TIME_BOUNDS: Final = {
    "_since": COMPARISON.GT,
    "_before": COMPARISON.LT,
    "_to": COMPARISON.LT,
}
"""Parameters that bound the timestamp, both ends excluded; ``_to`` is the old name of ``_before``."""


def parse_time_bound(name: str, text: str, modified_field: str) -> Filter:
    """Filter of ``_since``, ``_before`` or ``_to``: a number of milliseconds, in quotes or not."""
    return Filter(modified_field, parse_timestamp(name, text), TIME_BOUNDS[name])


def parse_filter(name: str, text: str, is_known: FieldCheck, *, id_field: str, modified_field: str) -> Filter:
    """Filter of any other parameter.

    A prefix makes an operator when the rest names a field (``in_stock`` is IN on ``stock``, or
    equality on ``in_stock`` where there is no ``stock``). Raises :class:`QueryError`.
    """
    field, operator = _split_name(name, is_known)
    if operator in _LISTS:
        parts = [part.strip() for part in text.split(",")]
        values = [_typed(name, part, field, id_field, modified_field, strict=True) for part in parts]
        return Filter(field, values, operator)
    value = _typed(name, text, field, id_field, modified_field, strict=False)
    return Filter(field, value, operator)


def _split_name(name: str, is_known: FieldCheck) -> tuple[str, COMPARISON]:
    found = _OPERATOR.fullmatch(name)
    if found and is_known_path(found[2], is_known):
        return found[2], COMPARISON[found[1].upper()]
    if is_known_path(name, is_known):
        return name, COMPARISON.EQ
    raise QueryError(name, f"Unknown filter field '{found[2] if found else name}'")


def _typed(name: str, text: str, field: str, id_field: str, modified_field: str, *, strict: bool) -> Any:
    if "\0" in text:
        raise QueryError(name, f"The value of '{name}' holds a NUL character")
    if field == modified_field:
        return parse_timestamp(name, text)
    value = _scalar(name, text)
    if field == id_field and not isinstance(value, str):
        if strict:
            raise QueryError(name, f"'{name}' should be a list of texts")
        return text
    return value


def parse_timestamp(name: str, text: str) -> int:
    """Milliseconds, in quotes or not, of a parameter. Raises :class:`QueryError`."""
    found = _TIMESTAMP.fullmatch(text.strip())
    if not found or not INT64_MIN <= (number := int(found[2])) <= INT64_MAX:
        raise QueryError(name, f"Invalid value for {name}: should be an integer, in milliseconds")
    return number


def _scalar(name: str, text: str) -> Any:
    """Native value of a filter; a text that reads as a list or mapping stays text."""
    value = native_value(text)
    if isinstance(value, int) and not INT64_MIN <= value <= INT64_MAX:
        raise QueryError(name, f"The value of '{name}' is out of 64 bits")
    if isinstance(value, str):
        return _storable(name, value)
    is_scalar = value is None or (isinstance(value, int | float) and math.isfinite(value))
    return value if is_scalar else text


def _storable(name: str, value: str) -> str:
    """The text of a quoted literal may hold escapes that the raw text did not show."""
    if "\0" in value or not _is_unicode(value):
        raise QueryError(name, f"The value of '{name}' is no text that can be stored")
    return value


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
