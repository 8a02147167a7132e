"""The whole query string of a collection, from parameters to one frozen value."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cliquet_like.resource.query.errors import QueryError
from cliquet_like.resource.query.fields import FieldCheck, parse_fields
from cliquet_like.resource.query.filters import TIME_BOUNDS, parse_filter, parse_time_bound
from cliquet_like.resource.query.pagination import Position, parse_limit, parse_token
from cliquet_like.resource.query.sorting import parse_sorting
from cliquet_like.storage.query import Filter, Sort

MAX_FILTERS: Final = 100
_SINGLE: Final = ("_sort", "_limit", "_token", "_fields")

Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FieldNames:
    """What a query string may speak of: the check of fields, and the names of our own two."""

    is_known: FieldCheck
    id_field: str = "id"
    modified_field: str = "last_modified"


@dataclass(frozen=True, slots=True)
class Query:
    """What a client asks of a collection."""

    filters: tuple[Filter, ...] = ()
    sorting: tuple[Sort, ...] = ()
    limit: int | None = None
    position: Position | None = None
    fields: tuple[str, ...] = ()
    include_deleted: bool = False
    retired: tuple[str, ...] = field(default=())
    """Retired parameters that were used."""


def parse_query(parameters: Parameters, names: FieldNames) -> Query:
    """Query of the parameters, in their order.

    Tombstones are included when a filter bounds the timestamp. Raises :class:`QueryError` for
    the first parameter that cannot be understood; nothing is guessed.
    """
    single, others = _single_values(parameters)
    filters = tuple([_parse_any_filter(name, text, names) for name, text in others])
    if len(filters) > MAX_FILTERS:
        raise QueryError("querystring", f"{MAX_FILTERS} filters at most")
    own = {"id_field": names.id_field, "modified_field": names.modified_field}
    sorting = parse_sorting(single.get("_sort", ""), names.is_known, **own)
    return Query(
        filters=filters,
        sorting=sorting,
        limit=parse_limit(single["_limit"]) if "_limit" in single else None,
        position=parse_token(single["_token"], sorting, **own) if "_token" in single else None,
        fields=parse_fields(single["_fields"], names.is_known) if "_fields" in single else (),
        include_deleted=any(condition.field == names.modified_field for condition in filters),
        retired=("_to",) if any(name == "_to" for name, _ in others) else (),
    )


def _single_values(parameters: Parameters) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Values of the parameters that are given once, and all others."""
    values: dict[str, str] = {}
    others = []
    for name, text in parameters:
        if name not in _SINGLE:
            others.append((name, text))
        elif name in values:
            raise QueryError(name, f"{name} is given more than once")
        else:
            values[name] = text
    return values, others


def _parse_any_filter(name: str, text: str, names: FieldNames) -> Filter:
    if name in TIME_BOUNDS:
        return parse_time_bound(name, text, names.modified_field)
    return parse_filter(
        name, text, names.is_known, id_field=names.id_field, modified_field=names.modified_field
    )
