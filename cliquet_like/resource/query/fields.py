"""Names of fields in a query string, and ``_fields``: which of them an answer shows."""

from collections.abc import Callable
from typing import Final

from cliquet_like.resource.query.errors import QueryError

FieldCheck = Callable[[str], bool]
"""Whether records may have a field; the resource's ``is_known_field``."""

MAX_FIELD_DEPTH: Final = 32
"""Levels that a dotted field name may go inside of objects."""


def is_known_path(path: str, is_known: FieldCheck) -> bool:
    """Whether a dotted path can exist: each part is named, its root is a known field."""
    parts = path.split(".")
    return "" not in parts and len(parts) <= MAX_FIELD_DEPTH and "\0" not in path and is_known(parts[0])


def parse_fields(text: str, is_known: FieldCheck) -> tuple[str, ...]:
    """Fields of ``_fields=a,b.c``, in their order; empty names are left out.

    Raises :class:`QueryError` for a field that records cannot have.
    """
    fields = tuple(dict.fromkeys(name for name in map(str.strip, text.split(",")) if name))
    for field in fields:
        if not is_known_path(field, is_known):
            raise QueryError("_fields", f"Unknown field '{field}'")
    return fields
