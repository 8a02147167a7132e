"""Filters, page rules and sort keys as SQL; what they mean is written in ``storage.matching``."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from math import inf
from typing import Any, Final

from cliquet_like.kernel.codec import INT64_MAX, INT64_MIN
from cliquet_like.storage.matching import is_bound, rank
from cliquet_like.storage.query import COMPARISON, Filter, Rules, Sort
from cliquet_like.storage.sql.terms import FALSE, NOWHERE, OPERATORS, TRUE, Term, Values

TermOf = Callable[[str], Term]
"""The term of a field's name."""

_STATIC: Final = {
    COMPARISON.EQ: lambda found, wanted: found == wanted,
    COMPARISON.NOT: lambda found, wanted: found != wanted,
    COMPARISON.LT: lambda found, wanted: found < wanted,
    COMPARISON.MAX: lambda found, wanted: found <= wanted,
    COMPARISON.GT: lambda found, wanted: found > wanted,
    COMPARISON.MIN: lambda found, wanted: found >= wanted,
}


def condition_of(filters: Iterable[Filter], term_of: TermOf, bind: Values) -> str:
    """Condition that all filters hold; see ``matching.matcher``."""
    return " AND ".join(_filter(condition, term_of, bind) for condition in filters) or TRUE


def _filter(condition: Filter, term_of: TermOf, bind: Values) -> str:
    field, value, operator = condition
    term = term_of(field)
    match operator:
        case COMPARISON.EQ:
            return term.among([value], bind)
        case COMPARISON.IN:
            return term.among(value, bind)
        case COMPARISON.NOT:
            return f"({term.among([value], bind)}) IS NOT TRUE"
        case COMPARISON.EXCLUDE:
            return f"({term.among(value, bind)}) IS NOT TRUE"
    return term.compares(operator, _within_64_bits(value), bind) if is_bound(value) else FALSE


def _within_64_bits(value: Any) -> Any:
    """A value that no stored number is beyond, where an integer has too many bits for a driver."""
    if isinstance(value, int) and not INT64_MIN <= value <= INT64_MAX:
        return inf if value > 0 else -inf
    return value


def order_of(sorting: Sequence[Sort], term_of: TermOf, bind: Values) -> list[tuple[str, str]]:
    """Expressions to sort by, each with its direction as SQL."""
    return [
        (key, "ASC" if direction > 0 else "DESC")
        for field, direction in sorting
        for key in term_of(field).keys(bind)
    ]


def condition_of_rules(rules: Rules, sorting: Sequence[Sort], term_of: TermOf, bind: Values) -> str:
    """Condition of page rules; see ``matching.page_matcher``.

    Rules that say "after this record, in this order", as all of ours do, become comparisons of
    rows, in which an index can begin at that record.
    """
    last = last_values(rules, sorting)
    if last is not None and all(
        _is_placed(term_of(key.field), value) for key, value in zip(sorting, last, strict=True)
    ):
        return _beyond(sorting, last, term_of, bind)
    groups = [" AND ".join(_rule(rule, term_of, bind) for rule in group) or TRUE for group in rules]
    return "(" + " OR ".join(f"({group})" for group in groups) + ")"


def last_values(rules: Rules, sorting: Sequence[Sort]) -> list[Any] | None:
    """Values of the record after which the page begins, or None when that is not what the rules say."""
    if len(rules) != len(sorting):
        return None
    same: list[Filter] = []
    for (field, direction), group in zip(sorting, rules, strict=True):
        value = group[-1].value if group else None
        beyond = Filter(field, value, COMPARISON.GT if direction > 0 else COMPARISON.LT)
        if [*group] != [*same, beyond]:
            return None
        same.append(Filter(field, value, COMPARISON.EQ))
    return [rule.value for rule in same]


def _is_placed(term: Term, value: Any) -> bool:
    """Whether a value has a place among the keys of a term: its type is one that occurs there."""
    return term.rank != NOWHERE and term.rank in (None, rank(value))


def _beyond(sorting: Sequence[Sort], last: Sequence[Any], term_of: TermOf, bind: Values) -> str:
    """Condition that a record comes after these values: one row comparison for each run of one direction."""
    runs = [
        (direction, list(run))
        for direction, run in groupby(zip(sorting, last, strict=True), lambda pair: pair[0].direction)
    ]
    rows = []
    for direction, run in runs:
        terms = [(term_of(key.field), _within_64_bits(value)) for key, value in run]
        keys = ", ".join(key for term, _ in terms for key in term.keys(bind))
        places = ", ".join(place for term, value in terms for place in term.position(value, bind))
        rows.append((f"({keys})", ">" if direction > 0 else "<", f"({places})"))
    keys, operator, places = rows[-1]
    condition = f"{keys} {operator} {places}"
    for keys, operator, places in reversed(rows[:-1]):
        # The first comparison bounds the walk through an index, which OR does not.
        condition = f"({keys} {operator}= {places} AND ({keys} {operator} {places} OR {condition}))"
    return condition


def _rule(rule: Filter, term_of: TermOf, bind: Values) -> str:
    field, value, operator = rule
    term = term_of(field)
    if not _is_placed(term, value):
        return TRUE if _STATIC[operator](term.rank, rank(value)) else FALSE
    keys, places = ", ".join(term.keys(bind)), ", ".join(term.position(_within_64_bits(value), bind))
    return f"({keys}) {OPERATORS[operator]} ({places})"
