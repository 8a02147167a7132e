"""What filters, sort keys and page rules mean: the written meaning, for every backend.

Values are ordered by the rank of their JSON type first: missing, null, booleans, numbers, texts,
arrays, objects. False comes before True, numbers go by value (1 and 1.0 are one number), texts by
code point. Arrays are equal among themselves in this order, and so are objects: the id decides.

A dot in the name of a field goes inside of objects, and of nothing else. All functions here
are pure, and keep the records they are given uncopied.
"""

import operator
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from types import NoneType
from typing import Any, Final

from cliquet_like.kernel.codec import find_unstorable
from cliquet_like.storage.query import COMPARISON, MISSING, Filter, Missing, Record, Rules, Sort

ValueTest = Callable[[Any], bool]
RecordTest = Callable[[Mapping[str, Any]], bool]
_Table = Mapping[COMPARISON, Callable[[Any], ValueTest]]

_TEXT: Final = 4
_ARRAY: Final = 5
_OBJECT: Final = 6
_RANKS: Final[Mapping[type, int]] = {
    Missing: 0, NoneType: 1, bool: 2, int: 3, float: 3, str: _TEXT, list: _ARRAY, tuple: _ARRAY,
    dict: _OBJECT,
}  # fmt: skip
COMPARABLE: Final = frozenset({2, 3, 4})


def rank(value: Any) -> int:
    """Place of the value's JSON type in the order of types. Raises ``TypeError`` for what is no JSON."""
    found = _RANKS.get(type(value))
    if found is not None:
        return found
    for kind, kind_rank in _RANKS.items():
        if isinstance(value, kind):
            return kind_rank
    raise TypeError(f"not a JSON value: {value!r}")


def order_key(value: Any) -> tuple[int, Any]:
    """What to compare a value by, in sorting and in page rules."""
    value_rank = rank(value)
    return value_rank, value if value_rank in COMPARABLE else 0


def identity(value: Any) -> Hashable:
    """What two values share when they are equal: 1 and 1.0 do; 1, True and '1' do not.

    Arrays and objects are compared in depth, by the same rule.
    """
    value_rank = rank(value)
    if value_rank == _ARRAY:
        return value_rank, tuple([identity(item) for item in value])
    if value_rank == _OBJECT:
        return value_rank, frozenset([(key, identity(item)) for key, item in value.items()])
    return value_rank, value


def field_getter(field: str) -> Callable[[Mapping[str, Any]], Any]:
    """Make the reader of a field, which answers ``MISSING`` where a record has no such field."""
    if "." not in field:
        return lambda record: record.get(field, MISSING)
    keys = field.split(".")

    def value_at(record: Mapping[str, Any]) -> Any:
        value: Any = record
        for key in keys:
            if not isinstance(value, dict):
                return MISSING
            value = value.get(key, MISSING)
        return value

    return value_at


def _never(_found: Any) -> bool:
    return False


def _always(_record: Mapping[str, Any]) -> bool:
    return True


def _equal(value: Any) -> ValueTest:
    return _among([value])


def _among(values: Iterable[Any]) -> ValueTest:
    values = list(values)
    wanted = {identity(value) for value in values if value is not MISSING}
    texts = {value for value in values if rank(value) == _TEXT}
    # Most values are texts, and most filters visit all records.
    return lambda found: found in texts if type(found) is str else identity(found) in wanted


def _different(value: Any) -> ValueTest:
    return _outside([value])


def _outside(values: Iterable[Any]) -> ValueTest:
    among = _among(values)
    return lambda found: not among(found)


def is_bound(value: Any) -> bool:
    """Whether other values can lie before or behind this one: booleans, numbers, texts that can be stored."""
    value_rank = rank(value)
    if value_rank == _TEXT:
        return find_unstorable(value) is None
    return value_rank in COMPARABLE and value == value


def _compared(compare: Callable[[Any, Any], bool], bound: Any) -> ValueTest:
    bound_rank = rank(bound)
    if not is_bound(bound):
        return _never
    return lambda found: rank(found) == bound_rank and compare(found, bound)


def _ordered(compare: Callable[[Any, Any], bool], bound: Any) -> ValueTest:
    bound_key = order_key(bound)
    return lambda found: compare(order_key(found), bound_key)


_FILTERS: Final[_Table] = {
    COMPARISON.EQ: _equal,
    COMPARISON.NOT: _different,
    COMPARISON.IN: _among,
    COMPARISON.EXCLUDE: _outside,
    COMPARISON.LT: partial(_compared, operator.lt),
    COMPARISON.MAX: partial(_compared, operator.le),
    COMPARISON.GT: partial(_compared, operator.gt),
    COMPARISON.MIN: partial(_compared, operator.ge),
}

_RULES: Final[_Table] = {
    COMPARISON.EQ: partial(_ordered, operator.eq),
    COMPARISON.NOT: partial(_ordered, operator.ne),
    COMPARISON.LT: partial(_ordered, operator.lt),
    COMPARISON.MAX: partial(_ordered, operator.le),
    COMPARISON.GT: partial(_ordered, operator.gt),
    COMPARISON.MIN: partial(_ordered, operator.ge),
}


def _all_of(conditions: Iterable[Filter], table: _Table) -> RecordTest:
    tests = [(field_getter(field), table[wanted](value)) for field, value, wanted in conditions]
    if not tests:
        return _always
    if len(tests) == 1:
        value_of, test = tests[0]
        return lambda record: test(value_of(record))
    return lambda record: all(test(value_of(record)) for value_of, test in tests)


def matcher(filters: Iterable[Filter] | None) -> RecordTest:
    """Make the test of a client's filters, which must all hold; no filter lets every record pass.

    * ``EQ``: same type and value. A missing field equals nothing, not even null.
    * ``IN``: equal to one of the values.
    * ``NOT``, ``EXCLUDE``: exactly what ``EQ`` and ``IN`` leave, missing fields included.
    * ``LT``, ``MAX``, ``GT``, ``MIN``: only within one type, which is boolean, number or text.

    A text that no backend can hold (NUL, lone surrogates) compares with nothing.
    """
    return _all_of(filters or (), _FILTERS)


def page_matcher(rules: Rules | None) -> RecordTest:
    """Make the test of page rules: one group at least must hold wholly; no rules let every record pass.

    They compare by the order of all values, in which missing equals missing (value ``MISSING``).
    ``IN`` and ``EXCLUDE`` have no meaning here: ``KeyError``.
    """
    if not rules:
        return _always
    groups = [_all_of(group, _RULES) for group in rules]
    return lambda record: any(holds(record) for holds in groups)


def with_tie_breaker(sorting: Sequence[Sort] | None, id_field: str) -> list[Sort]:
    """Sort keys with the id as the last one, in the direction of the key before (ascending if alone).

    Keys that stand behind the id are dropped: no two records get that far.
    """
    keys: list[Sort] = []
    for key in sorting or ():
        keys.append(key)
        if key.field == id_field:
            return keys
    return [*keys, Sort(id_field, keys[-1].direction if keys else 1)]


def page_rules(sorting: Sequence[Sort], last_values: Mapping[str, Any]) -> list[list[Filter]]:
    """Rules of the page that follows a record, given its values by the name of the sort key.

    ``sorting`` ends with the tie breaker. A key that is absent in ``last_values`` was missing in
    the record.
    """
    values = [last_values.get(key.field, MISSING) for key in sorting]
    same = [Filter(key.field, value, COMPARISON.EQ) for key, value in zip(sorting, values, strict=True)]
    beyond = [
        Filter(key.field, value, COMPARISON.GT if key.direction > 0 else COMPARISON.LT)
        for key, value in zip(sorting, values, strict=True)
    ]
    return [[*same[:place], beyond[place]] for place in range(len(beyond))]


def filter_records(records: Iterable[Record], filters: Iterable[Filter] | None) -> list[Record]:
    """Records that satisfy all filters, in the order they came."""
    return list(filter(matcher(filters), records))


def sort_records(records: Iterable[Record], sorting: Sequence[Sort]) -> list[Record]:
    """Records in the order of the keys, the first one above all; equal ones as they came."""
    result = list(records)
    for field, direction in reversed(sorting):
        result.sort(key=_sort_key(field), reverse=direction < 0)
    return result


def _sort_key(field: str) -> Callable[[Record], tuple[int, Any]]:
    value_of = field_getter(field)
    return lambda record: order_key(value_of(record))


def page_records(records: Iterable[Record], rules: Rules | None, limit: int | None) -> list[Record]:
    """Records that satisfy the rules, ``limit`` at most (None: all of them), in the order they came."""
    return list(islice(filter(page_matcher(rules), records), limit))
