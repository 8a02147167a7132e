"""The statements that list records: a page with its total and timestamp, or the ids to be deleted."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cache
from typing import Any, Final

from cliquet_like.storage.matching import with_tie_breaker
from cliquet_like.storage.query import Filter, Rules, Sort
from cliquet_like.storage.sql.conditions import condition_of, condition_of_rules, order_of
from cliquet_like.storage.sql.dialect import Dialect
from cliquet_like.storage.sql.rows import Place
from cliquet_like.storage.sql.terms import Term, Values

Statement = tuple[str, dict[str, Any]]
"""SQL with named placeholders, and its values."""

_ALIVE: Final = "NOT r.deleted"
_ALL: Final = "coalesce((SELECT c.total FROM collections AS c WHERE {clock}), 0)"
_COUNT: Final = "(SELECT count(*) FROM records AS r WHERE {where})"
_CLOCK: Final = "c.parent_id = :parent AND c.collection_id = :collection"
_STAMP: Final = "(SELECT c.last_modified FROM collections AS c WHERE {clock})"
_IDS: Final = "SELECT r.id FROM records AS r WHERE {where} ORDER BY {order}{limit}"


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is asked for; ``limit`` None is no limit."""

    filters: Sequence[Filter]
    sorting: Sequence[Sort] | None
    rules: Rules | None
    limit: int | None
    _: KW_ONLY
    include_deleted: bool = False


@dataclass(frozen=True, slots=True)
class _Parts:
    """Conditions of a list, and its order: expressions, each with its direction."""

    filtered: list[str]
    paged: list[str]
    order: list[tuple[str, str]]
    limit: str


def page_statement(listing: Listing, place: Place, dialect: Dialect) -> Statement:
    """Statement whose rows the dialect makes a page of: timestamp (NULL for none), total, records."""
    bind = dialect.values(**place.key)
    parts = _parts(listing, place, dialect, bind)
    stamp, total, page = _templates(dialect)
    if listing.filters:
        total = _COUNT.format(where=" AND ".join((*parts.filtered, _ALIVE)))
    text = page.format(
        stamp=stamp,
        total=total,
        where=_where(parts, listing),
        order=", ".join(f"{key} {direction}" for key, direction in parts.order),
        keys=", ".join(f"{key} AS k{number}" for number, (key, _) in enumerate(parts.order)),
        order_of_keys=", ".join(f"k{number} {way}" for number, (_, way) in enumerate(parts.order)),
        limit=parts.limit,
    )
    return text, bind.named


def ids_statement(listing: Listing, place: Place, dialect: Dialect) -> Statement:
    """Statement whose rows are the ids of the list, in order."""
    bind = dialect.values(**place.key)
    parts = _parts(listing, place, dialect, bind)
    order = ", ".join(f"{key} {direction}" for key, direction in parts.order)
    return _IDS.format(where=_where(parts, listing), order=order, limit=parts.limit), bind.named


@cache
def _templates(dialect: Dialect) -> tuple[str, str, str]:
    clock = dialect.statement(_CLOCK)
    return _STAMP.format(clock=clock), _ALL.format(clock=clock), dialect.page


def _where(parts: _Parts, listing: Listing) -> str:
    alive = [] if listing.include_deleted else [_ALIVE]
    return " AND ".join((*parts.filtered, *alive, *parts.paged))


def _parts(listing: Listing, place: Place, dialect: Dialect, bind: Values) -> _Parts:
    def term_of(field: str) -> Term:
        return dialect.term(field, place.id_field, place.modified_field)

    sorting = with_tie_breaker(listing.sorting, place.id_field)
    filtered = [dialect.place(listing.filters, place.id_field)]
    if listing.filters:
        filtered.append(condition_of(listing.filters, term_of, bind))
    return _Parts(
        filtered=filtered,
        paged=[condition_of_rules(listing.rules, sorting, term_of, bind)] if listing.rules else [],
        order=order_of(sorting, term_of, bind),
        limit="" if listing.limit is None else f" LIMIT {bind(listing.limit)}",
    )
