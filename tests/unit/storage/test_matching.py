from itertools import pairwise

import pytest

from cliquet_like.storage.matching import (
    field_getter,
    filter_records,
    identity,
    order_key,
    page_matcher,
    page_records,
    page_rules,
    rank,
    sort_records,
    with_tie_breaker,
)
from cliquet_like.storage.query import COMPARISON, MISSING, Filter, Sort


class Title(str):
    __slots__ = ()


def test_types_are_ranked_from_missing_to_objects():
    values = [MISSING, None, True, 1, "a", [], {}]

    ranks = [rank(value) for value in values]

    assert ranks == sorted(set(ranks))


def test_int_and_float_share_a_rank_and_so_do_list_and_tuple():
    assert rank(1) == rank(1.5)
    assert rank([]) == rank(())


def test_a_subclass_ranks_as_its_base():
    assert rank(Title("a")) == rank("a")
    assert order_key(Title("a")) == order_key("a")


@pytest.mark.parametrize("value", [{1, 2}, b"x", 1j, object])
def test_what_is_no_json_has_no_rank(value):
    with pytest.raises(TypeError, match="not a JSON value"):
        rank(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, "1"),
        (0, False),
        (None, MISSING),
        ([1], [True]),
        ({"a": 1}, {"a": "1"}),
        ([1], (1, 2)),
        ([], {}),
    ],
)
def test_values_of_different_types_are_different_at_any_depth(one, other):
    assert identity(one) != identity(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), ([1], (1.0,)), ({"a": [1], "b": 2}, {"b": 2.0, "a": [1]}), (2**53 + 1, 2**53 + 1)],
)
def test_equal_values_share_an_identity_and_its_hash(one, other):
    assert identity(one) == identity(other)
    assert hash(identity(one)) == hash(identity(other))


def test_large_numbers_are_compared_exactly():
    values = [2.0**53, 2**53 + 1, 2.0**54]

    assert all(order_key(one) < order_key(other) for one, other in pairwise(values))


def test_a_path_through_what_is_no_object_is_missing():
    value_of = field_getter("a.b.c")

    found = [
        value_of(record)
        for record in ({"a": {"b": {"c": 1}}}, {"a": {"b": [1]}}, {"a": {}}, {}, {"a.b.c": 1})
    ]

    assert found == [1, MISSING, MISSING, MISSING, MISSING]


@pytest.mark.parametrize("operator", COMPARISON)
def test_missing_as_a_value_of_a_filter_is_equal_to_nothing(operator):
    value = [MISSING] if operator in (COMPARISON.IN, COMPARISON.EXCLUDE) else MISSING
    found = filter_records([{"a": None}, {}], [Filter("a", value, operator)])

    assert len(found) == (2 if operator in (COMPARISON.NOT, COMPARISON.EXCLUDE) else 0)


@pytest.mark.parametrize(
    ("operator", "ids"),
    [("EQ", "b"), ("NOT", "ac"), ("LT", "a"), ("MAX", "ab"), ("GT", "c"), ("MIN", "bc")],
)
def test_page_rules_may_use_every_order(operator, ids):
    records = [{"id": "a"}, {"id": "b", "value": None}, {"id": "c", "value": {}}]

    kept = filter(page_matcher([[Filter("value", None, COMPARISON[operator])]]), records)

    assert "".join(record["id"] for record in kept) == ids


@pytest.mark.parametrize("operator", [COMPARISON.IN, COMPARISON.EXCLUDE])
def test_page_rules_cannot_ask_for_one_of_many(operator):
    with pytest.raises(KeyError):
        page_matcher([[Filter("value", [1], operator)]])


@pytest.mark.parametrize(
    ("sorting", "expected"),
    [
        (None, [("id", 1)]),
        ([], [("id", 1)]),
        ([("a", -1)], [("a", -1), ("id", -1)]),
        ([("a", -1), ("b", 1)], [("a", -1), ("b", 1), ("id", 1)]),
        ([("a", 1), ("id", -1), ("b", 1)], [("a", 1), ("id", -1)]),
    ],
)
def test_the_id_is_the_last_key(sorting, expected):
    keys = sorting and [Sort(*key) for key in sorting]

    assert with_tie_breaker(keys, "id") == [Sort(*key) for key in expected]


def test_the_next_page_is_beyond_on_one_key_and_equal_on_those_before():
    sorting = [Sort("a", -1), Sort("b", 1), Sort("id", 1)]

    rules = page_rules(sorting, {"a": 5, "id": "x"})

    assert rules == [
        [Filter("a", 5, COMPARISON.LT)],
        [Filter("a", 5, COMPARISON.EQ), Filter("b", MISSING, COMPARISON.GT)],
        [
            Filter("a", 5, COMPARISON.EQ),
            Filter("b", MISSING, COMPARISON.EQ),
            Filter("id", "x", COMPARISON.GT),
        ],
    ]


def test_sorting_keeps_the_order_of_equal_records():
    records = [{"n": 1, "k": 1}, {"n": 2, "k": 0}, {"n": 3, "k": 1}]

    assert [record["n"] for record in sort_records(records, [Sort("k", -1)])] == [1, 3, 2]
    assert sort_records(records, []) == records


def test_a_page_stops_at_its_limit():
    records = [{"n": number} for number in range(5)]
    rules = [[Filter("n", 1, COMPARISON.GT)]]

    assert page_records(records, rules, 2) == [{"n": 2}, {"n": 3}]
    assert page_records(records, None, None) == records
    assert filter_records(records, None) == records
