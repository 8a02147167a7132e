"""Contract of a storage: each filter operator, over values of every type, missing and nested."""
# ruff: noqa: D102 - the name of a test is its sentence

from math import inf, nan
from typing import Any

import pytest

from cliquet_like.storage.query import COMPARISON, Filter
from cliquet_like.testing.contracts.storage_base import Shelf, StorageSuite, where

EQ, NOT, IN, EXCLUDE = COMPARISON.EQ, COMPARISON.NOT, COMPARISON.IN, COMPARISON.EXCLUDE
LT, MAX, GT, MIN = COMPARISON.LT, COMPARISON.MAX, COMPARISON.GT, COMPARISON.MIN

VALUES: dict[str, Any] = {
    "null": None, "false": False, "true": True, "zero": 0, "one": 1, "more": 1.5, "empty": "", "digit": "1",
    "padded": "0033", "upper": "Z", "lower": "a", "accent": "é", "face": "\U0001f600",
    "array": [1], "arrays": [True], "object": {"a": 1, "b": None}, "objects": {"a": "1"},
}  # fmt: skip


def _name(value: Any) -> str:
    """Name of a parameter, the same in every process."""
    return "+".join(sorted(value)) if isinstance(value, set) else repr(value)


EQUAL: list[tuple[Any, set[str]]] = [
    (None, {"null"}),
    (False, {"false"}),
    (True, {"true"}),
    (0, {"zero"}),
    (1, {"one"}),
    (1.0, {"one"}),
    (1.5, {"more"}),
    ("", {"empty"}),
    ("1", {"digit"}),
    ("33", set()),
    (33, set()),
    ("z", set()),
    ("é", {"accent"}),
    ([1.0], {"array"}),
    ([], set()),
    ({"b": None, "a": 1}, {"object"}),
    ({"a": 1}, set()),
    ({}, set()),
]

BETWEEN: list[tuple[COMPARISON, Any, set[str]]] = [
    (LT, True, {"false"}),
    (MAX, False, {"false"}),
    (GT, False, {"true"}),
    (MIN, False, {"false", "true"}),
    (LT, 1, {"zero"}),
    (LT, 1.25, {"zero", "one"}),
    (MAX, 1, {"zero", "one"}),
    (GT, 1.0, {"more"}),
    (MIN, 1.0, {"one", "more"}),
    (LT, "1", {"empty", "padded"}),
    (MAX, "1", {"empty", "padded", "digit"}),
    (GT, "Z", {"lower", "accent", "face"}),
    (GT, "\uff5e", {"face"}),
    (MIN, "a", {"lower", "accent", "face"}),
    *((operator, value, set()) for operator in (LT, MAX, GT, MIN) for value in (None, [0], {"a": 0})),
]


class FiltersContract(StorageSuite):
    """Which records a list holds."""

    @pytest.fixture
    def mixed(self, books: Shelf) -> Shelf:
        """Records of every type, named after their value, and one without."""
        books.put_values(**VALUES)
        books.create({"id": "missing", "other": 1})
        return books

    @pytest.mark.parametrize(("value", "ids"), EQUAL, ids=_name)
    def test_eq_finds_the_same_type_and_value(self, mixed: Shelf, value: Any, ids: set[str]) -> None:
        assert set(mixed.ids(filters=where("value", EQ, value))) == ids
        assert set(mixed.ids(filters=where("value", IN, [value]))) == ids
        assert mixed.total(filters=where("value", EQ, value)) == len(ids)

    @pytest.mark.parametrize(("value", "ids"), EQUAL, ids=_name)
    def test_not_finds_exactly_the_others(self, mixed: Shelf, value: Any, ids: set[str]) -> None:
        others = {*VALUES, "missing"} - ids

        assert set(mixed.ids(filters=where("value", NOT, value))) == others
        assert set(mixed.ids(filters=where("value", EXCLUDE, [value]))) == others

    @pytest.mark.parametrize(("operator", "value", "ids"), BETWEEN, ids=_name)
    def test_order_is_asked_within_one_type(
        self, mixed: Shelf, operator: COMPARISON, value: Any, ids: set[str]
    ) -> None:
        assert set(mixed.ids(filters=where("value", operator, value))) == ids

    def test_in_takes_values_of_several_types(self, mixed: Shelf) -> None:
        found = mixed.ids(filters=where("value", IN, (None, 1, "a", [1])))

        assert set(found) == {"null", "one", "lower", "array"}

    def test_in_nothing_finds_nothing_and_exclude_nothing_everything(self, mixed: Shelf) -> None:
        assert mixed.ids(filters=where("value", IN, [])) == []
        assert len(mixed.ids(filters=where("value", EXCLUDE, []))) == len(VALUES) + 1

    def test_a_field_that_no_record_has(self, mixed: Shelf) -> None:
        assert mixed.ids(filters=where("nothing", EQ, None)) == []
        assert mixed.total(filters=where("nothing", NOT, 1)) == len(VALUES) + 1

    def test_all_filters_must_hold(self, mixed: Shelf) -> None:
        filters = [Filter("value", 0, GT), Filter("value", 1, NOT), Filter("id", "more", EQ)]

        assert mixed.ids(filters=filters) == ["more"]
        assert mixed.ids(filters=[*filters, Filter("other", 1, EQ)]) == []

    def test_ids_are_filtered_like_any_text(self, mixed: Shelf) -> None:
        assert set(mixed.ids(filters=where("id", IN, ["one", "zero", "nobody"]))) == {"one", "zero"}
        assert len(mixed.ids(filters=where("id", EXCLUDE, ["one", "zero"]))) == len(VALUES) - 1
        assert set(mixed.ids(filters=where("id", GT, "padded"))) == {"true", "zero", "upper"}
        assert mixed.ids(filters=where("id", EQ, 1)) == []
        assert mixed.ids(filters=where("id", GT, 1)) == []

    @pytest.mark.parametrize(
        ("operator", "ids"),
        [(EQ, "b"), (NOT, "acd"), (LT, "a"), (MAX, "ab"), (GT, "cd"), (MIN, "bcd")],
        ids=repr,
    )
    def test_timestamps_are_filtered_like_any_number(
        self, books: Shelf, operator: COMPARISON, ids: str
    ) -> None:
        books.put_values(a=1, b=2, c=3, d=4)
        second = books.get("b")["last_modified"]

        assert books.ids(filters=where("last_modified", operator, second)) == list(ids)
        assert books.total(filters=where("last_modified", operator, second)) == len(ids)
        assert books.ids(filters=where("last_modified", EQ, str(second))) == []
        assert books.ids(filters=where("last_modified", operator, "9")) == (
            [*"abcd"] if operator == NOT else []
        )

    def test_several_filters_on_the_timestamp_narrow_each_other(self, books: Shelf) -> None:
        books.put_values(a=1, b=2, c=3, d=4)
        first, last = books.get("a")["last_modified"], books.get("d")["last_modified"]
        between = [Filter("last_modified", first, GT), Filter("last_modified", last, LT)]
        never = [Filter("last_modified", last, GT), Filter("last_modified", first, LT)]

        assert (books.ids(filters=between), books.total(filters=between)) == (["b", "c"], 2)
        assert (books.ids(filters=never), books.total(filters=never)) == ([], 0)
        assert books.ids(filters=where("last_modified", LT, last - 0.5)) == ["a", "b", "c"]

    def test_infinity_is_beyond_every_number_and_equal_to_none(self, mixed: Shelf) -> None:
        numbers = {"zero", "one", "more"}

        assert set(mixed.ids(filters=where("value", LT, inf))) == numbers
        assert set(mixed.ids(filters=where("value", MIN, -inf))) == numbers
        assert set(mixed.ids(filters=where("value", LT, 10**400))) == numbers
        assert mixed.ids(filters=where("value", IN, [inf, nan])) == []
        assert mixed.ids(filters=where("value", LT, nan)) == []

    @pytest.mark.parametrize("text", ["a\0b", "\ud800"], ids=repr)
    def test_what_cannot_be_stored_is_found_nowhere(self, mixed: Shelf, text: str) -> None:
        for field in ("id", "value", "last_modified"):
            assert mixed.ids(filters=where(field, IN, [text, 2**70, [text]])) == []
            assert mixed.ids(filters=where(field, EQ, {"a": text})) == []
            assert mixed.ids(filters=where(field, LT, text)) == []
            assert len(mixed.ids(filters=where(field, NOT, text))) == len(VALUES) + 1
        assert len(mixed.ids(filters=where("last_modified", LT, 2**70))) == len(VALUES) + 1
        assert mixed.ids(filters=where("last_modified", LT, -(2**70))) == []

    def test_a_float_equals_an_integer_of_its_value(self, books: Shelf) -> None:
        books.put_values(whole=2**60, float=2.0**60, more=2**60 + 1)

        assert books.ids(filters=where("value", EQ, 2**60)) == ["float", "whole"]
        assert books.ids(filters=where("value", EQ, 2.0**60)) == ["float", "whole"]
        assert books.ids(filters=where("value", GT, 2.0**60)) == ["more"]

    def test_in_takes_as_many_values_as_there_are(self, mixed: Shelf) -> None:
        many = [*(f"x{number}" for number in range(40_000)), "one", "Z"]

        assert mixed.ids(filters=where("id", IN, many)) == ["one"]
        assert mixed.ids(filters=where("value", IN, many)) == ["upper"]

    def test_nothing_is_inside_of_ids_and_timestamps(self, mixed: Shelf) -> None:
        assert mixed.ids(filters=where("id.x", EQ, None)) == []
        assert mixed.ids(filters=where("last_modified.x", LT, 1)) == []
        assert len(mixed.ids(filters=where("id.x", NOT, 1))) == len(VALUES) + 1

    def test_a_dot_goes_inside_of_objects_and_of_nothing_else(self, books: Shelf) -> None:
        books.put_values(
            deep={"a": {"b": 1}}, null={"a": {"b": None}}, array={"a": [1]}, text={"a": "b"}, no=None
        )
        books.create({"id": "flat", "value.a.b": 1})

        assert books.ids(filters=where("value.a.b", EQ, 1)) == ["deep"]
        assert books.ids(filters=where("value.a.b", EQ, None)) == ["null"]
        assert set(books.ids(filters=where("value.a.b", NOT, 1))) == {"null", "array", "text", "no", "flat"}
        assert books.ids(filters=where("value.a.0", EQ, 1)) == []

    @pytest.mark.parametrize("field", ["it's", 'a"b', "%s", "é", "a b", "$", "[0]", "--", "\\"])
    def test_a_filtered_field_may_have_any_name(self, books: Shelf, field: str) -> None:
        books.create({"id": "a", field: 1, "nested": {field: 2}})
        books.create({"id": "b", field: 2})

        assert books.ids(filters=where(field, EQ, 1)) == ["a"]
        assert books.ids(filters=where(f"nested.{field}", EQ, 2)) == ["a"]
