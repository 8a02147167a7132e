"""Pages: ``_limit``, and the token that says where the last page ended."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cliquet_like.kernel.codec import INT64_MAX, InvalidJSON, dumps_text, loads_strictly
from cliquet_like.kernel.text import decode64, encode64
from cliquet_like.resource.query.errors import QueryError
from cliquet_like.storage.matching import field_getter, page_rules
from cliquet_like.storage.query import MISSING, Filter, Sort

_LIMIT = re.compile(r"\+?[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Position:
    """Where the last page ended: its last record's sort values, and how many records came before.

    A field that the record did not have is absent from ``values``.
    """

    values: Mapping[str, Any]
    offset: int

    def rules(self, sorting: Sequence[Sort]) -> list[list[Filter]]:
        """Page rules for what comes after this position."""
        return page_rules(sorting, self.values)


def parse_limit(text: str) -> int:
    """Records a page; zero is an empty page. Raises :class:`QueryError`."""
    if not _LIMIT.fullmatch(text):
        raise QueryError("_limit", "_limit should be a whole number, zero or more")
    return int(text)


def encode_token(record: Mapping[str, Any], sorting: Sequence[Sort], offset: int) -> str:
    """Token of a page that ended with ``record``; the same page gives the same token."""
    found = {field: field_getter(field)(record) for field, _ in sorting}
    values = {field: value for field, value in found.items() if value is not MISSING}
    return encode64(dumps_text({"last_record": values, "offset": offset}))


def parse_token(text: str, sorting: Sequence[Sort], *, id_field: str, modified_field: str) -> Position:
    """Position of a token. Raises :class:`QueryError` when we cannot have made it for this sorting."""
    try:
        token = loads_strictly(decode64(text).encode())
    except (InvalidJSON, ValueError) as error:
        raise QueryError("_token", "_token should be base64 of JSON, as Next-Page gave it") from error
    if not (isinstance(token, dict) and isinstance(token.get("last_record"), dict)):
        raise QueryError("_token", "_token has not the expected content")
    values, offset = token["last_record"], token.get("offset")
    fields = {key.field for key in sorting}
    own_types = {id_field: str, modified_field: int}
    if (
        type(offset) is not int
        or not 0 <= offset <= INT64_MAX
        or not fields.issuperset(values)
        or any([type(values.get(name)) is not own_types[name] for name in fields if name in own_types])
    ):
        raise QueryError("_token", "_token was not made for this request")
    return Position(values, offset)
