"""The statements that list records: a page with its total and timestamp, or the ids to be deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.kernel.codec import INT64_MAX, INT64_MIN
from cliquet_like.storage.matching import page_rules, with_tie_breaker
from cliquet_like.storage.query import COMPARISON, Filter, Rules, Sort
from cliquet_like.storage.sql.conditions import condition_of, condition_of_rules, last_values, order_of
from cliquet_like.storage.sql.dialect import Dialect
from cliquet_like.storage.sql.rows import Place
from cliquet_like.storage.sql.terms import Values

Statement = tuple[str, dict[str, Any]]
"""SQL with named placeholders, and its values."""

_ALIVE: Final = "NOT r.deleted"
_ALL: Final = "coalesce((SELECT c.total FROM collections AS c WHERE {clock}), 0)"
_COUNT: Final = "(SELECT count(*) FROM records AS r WHERE {where})"
_CLOCK: Final = "c.parent_id = :parent AND c.collection_id = :collection"
_STAMP: Final = "(SELECT c.last_modified FROM collections AS c WHERE {clock})"
_NEWEST: Final = "coalesce((SELECT max(r.last_modified) FROM records AS r WHERE {where}), 0)"
_IDS: Final = "SELECT r.id FROM records AS r WHERE {where} ORDER BY {order}{limit}"


class Selection(NamedTuple):
    """What a list is asked for; ``limit`` None is no limit, ``newest_of`` None no second question."""

    filters: Sequence[Filter]
    sorting: Sequence[Sort] | None
    rules: Rules | None
    limit: int | None
    include_deleted: bool = False
    newest_of: Sequence[Filter] | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    """Conditions of a list, and its order: expressions, each with its direction."""

    filtered: list[str]
    paged: list[str]
    order: list[tuple[str, str]]
    limit: str


def page_statement(selection: Selection, place: Place, dialect: Dialect) -> Statement:
    """Statement whose rows the dialect makes a page of: timestamp (NULL for none), total, newest, records."""
    sorting = tuple(with_tie_breaker(selection.sorting, place.id_field))
    last = _last_before(selection, sorting, place)
    if last is None or selection.filters or selection.newest_of is not None:
        return _page_statement(selection, place, dialect)
    columns, key = (place.id_field, place.modified_field), place.key
    text, values = _plain_page(
        dialect, columns, sorting, selection.limit, selection.include_deleted, bool(last)
    )
    if last:
        return text, dict(zip(values, (*key.values(), *last), strict=True))
    return text, {**values, **key}


def _last_before(selection: Selection, sorting: Sequence[Sort], place: Place) -> Sequence[Any] | None:
    """Values of the record before the page by the keys of ``sorting``, none before the first page.

    None where the rules say something else, or some are not of the types of their columns.
    """
    if not selection.rules:
        return ()
    last = last_values(selection.rules, sorting)
    if last is None:
        return None
    for (field, _), value in zip(sorting, last, strict=True):
        is_id = field == place.id_field and type(value) is str
        if not is_id and not (field == place.modified_field and _fits(value)):
            return None
    return last


@lru_cache(maxsize=128)
def _plain_page(
    dialect: Dialect,
    columns: tuple[str, str],
    sorting: tuple[Sort, ...],
    limit: int | None,
    include_deleted: bool,
    is_later: bool,
) -> Statement:
    """Statement of a list without filters, the same for all collections and, on later pages, all records."""
    rules = page_rules(sorting, dict(zip(columns, ("", 0), strict=True))) if is_later else None
    selection = Selection((), sorting, rules, limit, include_deleted=include_deleted)
    return _page_statement(selection, Place("", "", *columns), dialect)


def _page_statement(selection: Selection, place: Place, dialect: Dialect) -> Statement:
    bind = dialect.values(**place.key)
    parts = _parts(selection, place, dialect, bind)
    stamp, total = _templates(dialect)
    if selection.filters:
        total = _COUNT.format(where=" AND ".join((*parts.filtered, _ALIVE)))
    text = dialect.page.format(
        stamp=stamp,
        total=total,
        newest=_newest(selection, place, dialect, bind),
        where=_where(parts, selection),
        order=", ".join(f"{key} {direction}" for key, direction in parts.order),
        keys=", ".join(f"{key} AS k{number}" for number, (key, _) in enumerate(parts.order)),
        order_of_keys=", ".join(f"k{number} {way}" for number, (_, way) in enumerate(parts.order)),
        limit=parts.limit,
    )
    return FixedStatement(text) if _is_by_columns(selection, place) else text, bind.named


def _is_by_columns(selection: Selection, place: Place) -> bool:
    """Whether one plan is good for all values, and they are of the types of their columns.

    JSON has indexes that a plan knows only together with the name of a field.
    """
    rules = [rule for group in selection.rules or () for rule in group]
    fields = [key.field for key in selection.sorting or ()] + [rule.field for rule in rules]
    return (
        not selection.filters
        and not selection.newest_of
        and all(field in (place.id_field, place.modified_field) for field in fields)
        and all(isinstance(rule.value, str) or _fits(rule.value) for rule in rules)
    )


def _fits(value: Any) -> bool:
    return type(value) is int and INT64_MIN <= value <= INT64_MAX


def ids_statement(selection: Selection, place: Place, dialect: Dialect) -> Statement:
    """Statement whose rows are the ids of the list, in order."""
    bind = dialect.values(**place.key)
    parts = _parts(selection, place, dialect, bind)
    order = ", ".join(f"{key} {direction}" for key, direction in parts.order)
    return _IDS.format(where=_where(parts, selection), order=order, limit=parts.limit), bind.named


def _newest(selection: Selection, place: Place, dialect: Dialect, bind: Values) -> str:
    if selection.newest_of is None:
        return "NULL"
    parts = _parts(Selection(selection.newest_of, None, None, None), place, dialect, bind)
    return _NEWEST.format(where=" AND ".join((*parts.filtered, _ALIVE)))


@cache
def _templates(dialect: Dialect) -> tuple[str, str]:
    clock = dialect.statement(_CLOCK)
    return _STAMP.format(clock=clock), _ALL.format(clock=clock)


def _hints(
    selection: Selection, sorting: Sequence[Sort], place: Place, dialect: Dialect
) -> tuple[list[str], list[str]]:
    """Conditions that say in which collection, and lead the planner to the right index.

    Without statistics it knows no better than to count how many conditions an index serves.
    """
    own = (place.id_field, place.modified_field)
    if any(
        condition.field == place.id_field and condition.operator in (COMPARISON.EQ, COMPARISON.IN)
        for condition in selection.filters
    ):
        return [dialect.statement(dialect.in_collection_by_id)], []
    conditions = [dialect.statement(dialect.in_collection)]
    asked = [*(condition.field for condition in selection.filters), sorting[0].field]
    if dialect.any_id and any(field.partition(".")[0] not in own for field in asked):
        conditions.append(dialect.any_id)
    whole = not selection.filters and not selection.rules and sorting[0].field == place.modified_field
    return conditions, [dialect.any_timestamp] if whole and dialect.any_timestamp else []


def _where(parts: _Parts, selection: Selection) -> str:
    alive = [] if selection.include_deleted else [_ALIVE]
    return " AND ".join((*parts.filtered, *alive, *parts.paged))


def _parts(selection: Selection, place: Place, dialect: Dialect, bind: Values) -> _Parts:
    term_of = dialect.terms_of(place)
    sorting = with_tie_breaker(selection.sorting, place.id_field)
    filtered, paged = _hints(selection, sorting, place, dialect)
    if selection.filters:
        filtered.append(condition_of(selection.filters, term_of, bind))
    if selection.rules:
        paged.append(condition_of_rules(selection.rules, sorting, term_of, bind))
    return _Parts(
        filtered=filtered,
        paged=paged,
        order=order_of(sorting, term_of, bind),
        limit="" if selection.limit is None else f" LIMIT {min(selection.limit, INT64_MAX):d}",
    )
