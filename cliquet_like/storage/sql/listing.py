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

_PAGE: Final = """
SELECT c.last_modified, {total}, p.id, p.last_modified, {data}
FROM (SELECT 1 AS one) AS once
LEFT JOIN collections AS c ON c.parent_id = :parent AND c.collection_id = :collection
LEFT JOIN ({rows}) AS p ON 1 = 1
ORDER BY {order}"""
_COUNT: Final = "(SELECT count(*) FROM records AS r WHERE {place} AND NOT r.deleted AND {condition})"
_ROWS: Final = """
SELECT r.id, {columns} FROM records AS r
WHERE {place}{alive} AND {condition} AND {rules} ORDER BY {order}{limit}"""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is asked for; ``limit`` None is no limit."""

    filters: Sequence[Filter]
    sorting: Sequence[Sort] | None
    rules: Rules | None
    limit: int | None
    _: KW_ONLY
    include_deleted: bool = False


def page_statement(listing: Listing, place: Place, dialect: Dialect) -> Statement:
    """Statement whose rows are: collection's timestamp, total, and one record's id, timestamp, JSON.

    An empty page is one row without record; a collection never seen has no timestamp.
    """
    bind = dialect.values(**place.key)
    rows, condition, order = _rows(listing, place, dialect, bind, columns="r.last_modified, r.data, ")
    total = "coalesce(c.total, 0)"
    if listing.filters:
        in_place = dialect.place(listing.filters, place.id_field)
        total = _COUNT.format(place=in_place, condition=condition)
    text = _page_template(dialect).format(
        total=total,
        data=dialect.json_text.format("p.data"),
        rows=rows,
        order=order,
    )
    return text, bind.named


@cache
def _page_template(dialect: Dialect) -> str:
    return dialect.statement(_PAGE)


def ids_statement(listing: Listing, place: Place, dialect: Dialect) -> tuple[str, dict[str, Any], str]:
    """Statement whose rows begin with the ids of the list, its values, and its order by its columns."""
    bind = dialect.values(**place.key)
    text, _, order = _rows(listing, place, dialect, bind, columns="")
    return text, bind.named, order


def _rows(
    listing: Listing, place: Place, dialect: Dialect, bind: Values, *, columns: str
) -> tuple[str, str, str]:
    """Statement of the page's rows, the condition of its filters, and the order among its columns."""

    def term_of(field: str) -> Term:
        return dialect.term(field, place.id_field, place.modified_field)

    sorting = with_tie_breaker(listing.sorting, place.id_field)
    condition = condition_of(listing.filters, term_of, bind)
    rules = condition_of_rules(listing.rules, sorting, term_of, bind) if listing.rules else "1 = 1"
    keys = order_of(sorting, term_of, bind)
    order = [f"k{number} {direction}" for number, (_, direction) in enumerate(keys)]
    text = _ROWS.format(
        columns=columns + ", ".join(f"{key} AS k{number}" for number, (key, _) in enumerate(keys)),
        place=dialect.place(listing.filters, place.id_field),
        alive="" if listing.include_deleted else " AND NOT r.deleted",
        condition=condition,
        rules=rules,
        order=", ".join(order),
        limit="" if listing.limit is None else f" LIMIT {bind(listing.limit)}",
    )
    return text, condition, ", ".join(order)
