"""Contract of a storage: limits, page rules, totals, and page with timestamp."""
# ruff: noqa: D102 - the name of a test is its sentence

from typing import Any

import pytest

from cliquet_like.storage.matching import page_rules
from cliquet_like.storage.query import COMPARISON, MISSING, Filter, Page, Sort
from cliquet_like.testing.contracts.storage_base import Shelf, StorageSuite, where

EQ, LT, GT = COMPARISON.EQ, COMPARISON.LT, COMPARISON.GT

SORTINGS: list[list[Sort]] = [
    [],
    [Sort("value", 1)],
    [Sort("value", -1)],
    [Sort("group", -1), Sort("value", 1)],
    [Sort("group", 1), Sort("value", -1), Sort("id", 1)],
    [Sort("nested.value", 1), Sort("group", -1)],
    [Sort("last_modified", -1)],
    [Sort("last_modified", 1), Sort("id", -1)],
    [Sort("group", 1), Sort("last_modified", -1)],
]


class PagingContract(StorageSuite):
    """Which part of a list is a page."""

    @pytest.fixture
    def many(self, books: Shelf) -> Shelf:
        """Records with equal, missing, null and mixed values, three of them of one millisecond."""
        values: list[Any] = [1, None, "a", 1.0, True, [], {}, [1], "1", 2, False, "a"]
        for number, value in enumerate(values):
            record = {"id": f"r{number:02}", "value": value, "nested": {"value": value}}
            books.create(record if number % 3 else {**record, "group": number % 2})
        for object_id in ("s3", "s1", "s2"):
            books.create({"id": object_id, "last_modified": 2_000})
        return books

    @pytest.mark.parametrize("limit", [1, 2, 4, 15])
    @pytest.mark.parametrize("sorting", SORTINGS, ids=repr)
    def test_joined_pages_are_the_whole_list(self, many: Shelf, sorting: list[Sort], limit: int) -> None:
        whole = many.ids(sorting=sorting)

        assert len(whole) == 15
        assert many.walk(sorting, limit=limit) == whole

    def test_pages_hold_to_the_filters(self, many: Shelf) -> None:
        filters = [Filter("id", "r03", COMPARISON.GT), Filter("last_modified", 2_000, COMPARISON.GT)]

        for sorting in SORTINGS:
            whole = many.ids(sorting=sorting, filters=filters)
            assert len(whole) == 8
            assert many.walk(sorting, limit=3, filters=filters) == whole

    def test_a_limit_takes_the_first_records(self, many: Shelf) -> None:
        assert many.ids(sorting=[Sort("id", -1)], limit=2) == ["s3", "s2"]

    def test_a_limit_of_zero_is_an_empty_page(self, many: Shelf) -> None:
        assert many.list(limit=0) == []
        assert many.list(limit=0, sorting=[Sort("last_modified", -1)]) == []
        assert many.total(limit=0) == 15

    def test_without_a_limit_the_fetch_size_bounds_and_with_one_it_does_not(self) -> None:
        backend = self.make_backend(max_fetch_size=3)
        backend.initialize_schema()
        backend.flush()
        books = Shelf(backend)
        for _ in range(5):
            books.create({})

        assert (len(books.list()), books.total()) == (3, 5)
        assert len(books.list(limit=4)) == 4
        assert len(books.delete_all()) == 5
        backend.flush()

    def test_a_page_past_the_end_is_empty_and_has_the_total(self, many: Shelf) -> None:
        rules = [where("id", GT, "z")]

        assert many.list(pagination_rules=rules) == []
        assert many.total(pagination_rules=rules) == 15
        assert many.page(pagination_rules=rules).total == 15

    def test_the_total_ignores_page_and_limit_but_not_filters(self, many: Shelf) -> None:
        filters = where("value", EQ, 1)
        rules = [where("id", GT, "r00")]

        assert many.ids(filters=filters, pagination_rules=rules, limit=5) == ["r03"]
        assert many.total(filters=filters, pagination_rules=rules, limit=5) == 2

    def test_no_rules_are_no_bound(self, many: Shelf) -> None:
        assert len(many.ids(pagination_rules=[])) == 15
        assert len(many.ids(pagination_rules=[[]])) == 15

    def test_one_group_of_rules_must_hold_wholly(self, many: Shelf) -> None:
        rules = [
            [Filter("group", 0, EQ), Filter("id", "r06", LT)],
            [Filter("group", 1, EQ), Filter("id", "r03", GT)],
        ]

        assert many.ids(pagination_rules=rules) == ["r00", "r09"]

    def test_rules_compare_by_the_order_of_all_values(self, books: Shelf) -> None:
        books.put_values(null=None, true=True, one=1, text="a", array=[1], object={"a": 1})
        books.create({"id": "missing"})

        assert set(books.ids(pagination_rules=[where("value", LT, 1)])) == {"missing", "null", "true"}
        assert set(books.ids(pagination_rules=[where("value", GT, "a")])) == {"array", "object"}
        assert set(books.ids(pagination_rules=[where("value", LT, {})])) == {*books.ids()} - {"object"}
        assert books.ids(pagination_rules=[where("value", EQ, [])]) == ["array"]
        assert books.ids(pagination_rules=[where("value", EQ, MISSING)]) == ["missing"]
        assert books.ids(pagination_rules=[where("value", LT, MISSING)]) == []
        assert set(books.ids(pagination_rules=[where("value", GT, MISSING)])) == {*books.ids()} - {"missing"}
        assert len(books.ids(pagination_rules=[where("last_modified", GT, None)])) == 7
        assert len(books.ids(pagination_rules=[where("last_modified", LT, 2**70)])) == 7
        assert set(books.ids(pagination_rules=[where("value", GT, 2**70)])) == {"text", "array", "object"}

    def test_rules_on_what_is_inside_of_an_id_compare_missing_values(self, many: Shelf) -> None:
        sorting = [Sort("id.x", 1), Sort("id", 1)]
        rules = page_rules(sorting, {"id": "s1"})

        assert many.ids(sorting=sorting, pagination_rules=rules) == ["s2", "s3"]
        assert many.ids(pagination_rules=[where("id.x", LT, 1)]) == many.ids()
        assert many.ids(pagination_rules=[where("id.x", EQ, 1)]) == []

    def test_a_page_knows_records_total_and_timestamp(self, many: Shelf) -> None:
        sorting = [Sort("last_modified", -1)]

        page = many.page(sorting=sorting, limit=1)

        assert page == Page(many.list(sorting=sorting, limit=1), 15, many.timestamp())

    def test_the_page_of_an_empty_collection_fixes_its_timestamp(self, books: Shelf) -> None:
        page = books.page()

        assert (page.records, page.total) == ([], 0)
        assert books.timestamp() == page.timestamp

    def test_a_list_can_be_deleted_by_pages(self, books: Shelf) -> None:
        books.put_values(a=1, b=2, c=3, d=4, e=5)
        rules = [where("value", LT, 5)]

        tombstones = books.delete_all(sorting=[Sort("value", -1)], pagination_rules=rules, limit=2)

        assert [tombstone["id"] for tombstone in tombstones] == ["d", "c"]
        assert books.ids() == ["a", "b", "e"]
        assert books.delete_all(limit=0) == []
        assert len(books.delete_all(limit=10**30)) == 3
