"""Contract of a storage: the one order of all values."""
# ruff: noqa: D102 - the name of a test is its sentence

from typing import Any

import pytest

from cliquet_like.storage.query import Sort
from cliquet_like.testing.contracts.storage_base import Shelf, StorageSuite

# Each line sorts before the next; ids are given so that they do not sort by chance.
ORDERED: list[tuple[str, Any]] = [
    ("z-null", None), ("y-false", False), ("x-true", True),
    ("w-negative", -10), ("v-half", -0.5), ("u-zero", 0), ("t-two", 2), ("s-more", 2.5), ("r-ten", 10),
    ("q-huge", 1e300), ("p-empty", ""), ("o-digits", "10"), ("n-digit", "2"), ("m-upper", "Z"),
    ("l-word", "a"), ("k-longer", "a "), ("j-next", "ab"), ("i-accent", "é"), ("h-wide", "\uff5e"),
    ("g-face", "\U0001f600"), ("f-array", []), ("e-object", {}),
]  # fmt: skip


class SortingContract(StorageSuite):
    """In which order a list stands."""

    @pytest.mark.parametrize("direction", [1, -1])
    def test_values_of_all_types_have_one_order(self, books: Shelf, direction: int) -> None:
        books.create({"id": "zz-missing"})
        for object_id, value in ORDERED[::2] + ORDERED[1::2]:
            books.create({"id": object_id, "value": value})
        expected = ["zz-missing", *(object_id for object_id, _ in ORDERED)]

        assert books.ids(sorting=[Sort("value", direction)]) == expected[::direction]

    def test_equal_values_stand_by_id_in_the_direction_of_the_last_key(self, books: Shelf) -> None:
        books.put_values(b=1, c=1.0, a=1)

        assert books.ids(sorting=[Sort("value", 1)]) == ["a", "b", "c"]
        assert books.ids(sorting=[Sort("value", -1)]) == ["c", "b", "a"]
        assert books.ids(sorting=[Sort("value", 1), Sort("other", -1)]) == ["c", "b", "a"]
        assert books.ids(sorting=[Sort("value", -1), Sort("id", 1)]) == ["a", "b", "c"]

    def test_arrays_are_equal_among_themselves_and_so_are_objects(self, books: Shelf) -> None:
        books.put_values(d=[9], a=[], e={"x": 1}, b={}, c=[1, 2])

        assert books.ids(sorting=[Sort("value", 1)]) == ["a", "c", "d", "b", "e"]

    def test_without_keys_the_id_decides(self, books: Shelf) -> None:
        books.put_values(b=1, a=3, Z=2)

        assert books.ids() == ["Z", "a", "b"]
        assert books.ids(sorting=[]) == ["Z", "a", "b"]

    def test_a_later_key_decides_where_the_earlier_are_equal(self, books: Shelf) -> None:
        for object_id, author, year in [("1", "b", 1), ("2", "a", 1), ("3", "b", 2), ("4", "a", 2)]:
            books.create({"id": object_id, "author": author, "year": year})

        assert books.ids(sorting=[Sort("author", 1), Sort("year", -1)]) == ["4", "2", "3", "1"]
        assert books.ids(sorting=[Sort("year", -1), Sort("author", 1)]) == ["4", "3", "2", "1"]
        assert books.ids(sorting=[Sort("id", -1), Sort("year", 1)]) == ["4", "3", "2", "1"]

    def test_a_dot_in_a_sort_key_goes_inside_of_objects(self, books: Shelf) -> None:
        books.put_values(two={"a": 2}, one={"a": 1}, text="a", null={"a": None})

        assert books.ids(sorting=[Sort("value.a", 1)]) == ["text", "null", "one", "two"]

    @pytest.mark.parametrize("field", ["it's", 'a"b', "%s", "é", "a b", "$"])
    def test_a_sort_key_may_have_any_name(self, books: Shelf, field: str) -> None:
        for object_id, value in (("a", 2), ("b", 1)):
            books.create({"id": object_id, field: value})

        assert books.ids(sorting=[Sort(field, 1)]) == ["b", "a"]

    def test_the_newest_come_first(self, books: Shelf) -> None:
        books.put_values(b=1, a=2, c=3)

        assert books.ids(sorting=[Sort("last_modified", -1)]) == ["c", "a", "b"]
        assert books.ids(sorting=[Sort("last_modified", 1)]) == ["b", "a", "c"]

    def test_equal_timestamps_stand_by_the_next_key(self, books: Shelf) -> None:
        for object_id, value in (("a", 1), ("b", 2), ("c", 1)):
            books.create({"id": object_id, "value": value, "last_modified": 1_000})
        books.create({"id": "d", "value": 0, "last_modified": 2_000})

        assert books.ids(sorting=[Sort("last_modified", -1)]) == ["d", "c", "b", "a"]
        assert books.ids(sorting=[Sort("last_modified", -1), Sort("value", 1)]) == ["d", "a", "c", "b"]
        assert books.ids(sorting=[Sort("last_modified", 1), Sort("value", -1)]) == ["b", "c", "a", "d"]
