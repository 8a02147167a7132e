"""Contract of a storage: unique fields, and who is blamed."""
# ruff: noqa: D102 - the name of a test is its sentence

from typing import Any

import pytest

from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.exceptions import UnicityError
from cliquet_like.testing.contracts.storage_base import Shelf, StorageSuite
from cliquet_like.testing.contracts.threads import THREADS, in_threads

ISBN = {"unique_fields": ("isbn",)}


class UnicityContract(StorageSuite):
    """A unique field has a value once, among the live records of one parent's collection."""

    def test_a_taken_value_is_refused_with_the_record_that_has_it(self, books: Shelf) -> None:
        first = books.create({"isbn": "x"}, **ISBN)
        other = books.create({"isbn": "y"}, **ISBN)
        before = books.timestamp()

        for write in (books.create, lambda record, **options: books.update(other["id"], record, **options)):
            with pytest.raises(UnicityError) as refusal:
                write({"isbn": "x"}, **ISBN)
            assert (refusal.value.field, refusal.value.record) == ("isbn", first)

        assert books.timestamp() == before
        assert books.total() == 2
        assert books.get(other["id"]) == other

    def test_the_record_of_the_error_is_not_shared(self, books: Shelf) -> None:
        books.create({"id": "a", "isbn": "x"})

        for record in ({"id": "a"}, {"isbn": "x"}):
            with pytest.raises(UnicityError) as refusal:
                books.create(record, **ISBN)
            refusal.value.record["isbn"] = "changed"

        assert books.get("a")["isbn"] == "x"

    def test_fields_are_blamed_in_order_the_id_first(self, books: Shelf) -> None:
        books.put_values(a=1)
        books.create({"id": "b", "isbn": "x"})
        books.create({"id": "c", "shelf": 7})
        taken = {"isbn": "x", "shelf": 7}

        blamed = []
        for record, fields in [
            ({**taken, "id": "a"}, ("isbn", "shelf")),
            (taken, ("isbn", "shelf")),
            (taken, ("shelf", "isbn")),
            ({**taken, "id": "a"}, ("isbn", "id")),
        ]:
            with pytest.raises(UnicityError) as refusal:
                books.create(record, unique_fields=fields)
            blamed.append((refusal.value.field, refusal.value.record["id"]))

        assert blamed == [("id", "a"), ("isbn", "b"), ("shelf", "c"), ("id", "a")]

    def test_only_the_fields_of_the_call_are_unique(self, books: Shelf) -> None:
        for _ in range(2):
            books.create({"isbn": "x", "title": "Emma"}, unique_fields=())
            books.create({"isbn": "x", "title": "Emma"})

        with pytest.raises(UnicityError):
            books.create({"isbn": "x"}, **ISBN)

    def test_a_record_does_not_stand_in_its_own_way(self, books: Shelf) -> None:
        books.create({"id": "a", "isbn": "x"}, **ISBN)

        assert books.update("a", {"isbn": "x", "id": "a"}, unique_fields=("id", "isbn"))["isbn"] == "x"

    def test_null_and_missing_values_may_repeat(self, books: Shelf) -> None:
        for record in ({"isbn": None}, {}, {"isbn": None}, {}):
            books.create(record, **ISBN)

        assert books.total() == 4

    @pytest.mark.parametrize(
        ("value", "same", "other"),
        [
            (1, 1.0, "1"),
            (1, 1, True),
            ("é", "é", "É"),
            (0, 0, False),
            (0, -0.0, ""),
            (False, False, 0),
            ([1, "a"], [1.0, "a"], ["a", 1]),
            ({"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 1}),
        ],
        ids=repr,
    )
    def test_values_are_equal_as_in_a_filter(self, books: Shelf, value: Any, same: Any, other: Any) -> None:
        books.create({"isbn": value}, **ISBN)

        books.create({"isbn": other}, **ISBN)
        with pytest.raises(UnicityError):
            books.create({"isbn": same}, **ISBN)

    def test_a_unique_field_may_be_inside_of_an_object(self, books: Shelf) -> None:
        nested = {"unique_fields": ("codes.isbn",)}
        books.create({"codes": {"isbn": 1}}, **nested)

        books.create({"codes": {"isbn": 2}, "codes.isbn": 1}, **nested)
        with pytest.raises(UnicityError) as refusal:
            books.create({"codes": {"isbn": 1, "x": 2}}, **nested)

        assert refusal.value.field == "codes.isbn"

    def test_a_value_is_free_again_after_deletion_or_change(self, books: Shelf) -> None:
        books.create({"id": "a", "isbn": "x"}, **ISBN)
        books.create({"id": "b", "isbn": "y"}, **ISBN)
        books.delete("a")
        books.update("b", {"isbn": "z"}, **ISBN)

        for value in ("x", "y"):
            books.create({"isbn": value}, **ISBN)
        with pytest.raises(UnicityError):
            books.create({"isbn": "z"}, **ISBN)

    def test_a_deleted_id_is_free_again(self, books: Shelf) -> None:
        books.create({"id": "a", "isbn": "x"}, **ISBN)
        books.delete("a")

        assert books.create({"id": "a", "isbn": "x"}, **ISBN)["isbn"] == "x"

    def test_another_parent_or_collection_may_have_the_value(
        self, storage: StorageBase, books: Shelf
    ) -> None:
        for shelf in (books, Shelf(storage, "books", "bob"), Shelf(storage, "films", "alice")):
            shelf.create({"id": "a", "isbn": "x"}, **ISBN)

        assert books.total() == 1

    def test_threads_cannot_take_one_value_twice(self, books: Shelf) -> None:
        def claim(number: int) -> int:
            won = 0
            for value in range(10):
                try:
                    books.create({"isbn": value, "by": number}, **ISBN)
                    won += 1
                except UnicityError:
                    pass
            return won

        assert sum(in_threads(claim)) == 10 == books.total()

    def test_threads_cannot_create_one_id_twice(self, books: Shelf) -> None:
        def create(number: int) -> int | None:
            try:
                return int(books.create({"id": "a", "by": number})["by"])
            except UnicityError:
                return None

        winners = [number for number in in_threads(create) if number is not None]

        assert len(winners) == 1 <= THREADS
        assert books.get("a")["by"] == winners[0]
