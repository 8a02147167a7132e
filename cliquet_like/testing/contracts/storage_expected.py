"""Contract of a storage: writes that expect a timestamp, or nothing, to be there."""
# ruff: noqa: D102 - the name of a test is its sentence

from collections.abc import Callable
from typing import Any

import pytest

from cliquet_like.storage.exceptions import ModifiedMeanwhileError, RecordNotFoundError
from cliquet_like.storage.query import ABSENT, COMPARISON, Expected
from cliquet_like.testing.contracts.storage_base import Shelf, StorageSuite, where
from cliquet_like.testing.contracts.threads import THREADS, in_threads


class ExpectedContract(StorageSuite):
    """Of two writers who saw the same, one wins."""

    def refused(self, books: Shelf, write: Callable[..., Any], *args: Any, **options: Any) -> bool:
        """Whether the write is refused and has changed nothing."""
        before = books.page(include_deleted=True)
        try:
            write(*args, **options)
        except ModifiedMeanwhileError:
            assert books.page(include_deleted=True) == before
            return True
        return False

    def test_an_update_takes_place_at_the_expected_timestamp_only(self, books: Shelf) -> None:
        stamp = books.create({"id": "a"})["last_modified"]

        assert self.refused(books, books.update, "a", {}, expected=stamp - 1)
        assert self.refused(books, books.update, "a", {}, expected=stamp + 1)
        assert self.refused(books, books.update, "a", {}, expected=ABSENT)
        assert not self.refused(books, books.update, "a", {}, expected=stamp)
        assert self.refused(books, books.update, "a", {}, expected=stamp)

    def test_an_update_that_expects_nothing_creates(self, books: Shelf) -> None:
        books.create({"id": "gone"})
        tombstone = books.delete("gone")["last_modified"]

        assert self.refused(books, books.update, "new", {}, expected=tombstone)
        assert self.refused(books, books.update, "gone", {}, expected=tombstone)
        assert not self.refused(books, books.update, "new", {}, expected=ABSENT)
        assert not self.refused(books, books.update, "gone", {}, expected=ABSENT)
        assert books.ids() == ["gone", "new"]

    def test_a_deletion_takes_place_at_the_expected_timestamp_only(self, books: Shelf) -> None:
        stamp = books.create({"id": "a"})["last_modified"]

        assert self.refused(books, books.delete, "a", expected=stamp - 1)
        assert self.refused(books, books.delete, "a", expected=ABSENT)
        assert not self.refused(books, books.delete, "a", expected=stamp)

    @pytest.mark.parametrize("expected", [1, ABSENT])
    def test_deleting_an_unknown_id_stays_not_found(self, books: Shelf, expected: Expected) -> None:
        with pytest.raises(RecordNotFoundError):
            books.delete("nobody", expected=expected)

    def test_a_creation_may_expect_the_collection_as_it_was(self, books: Shelf) -> None:
        empty = books.timestamp()

        assert not self.refused(books, books.create, {"id": "a"}, expected=empty)
        assert self.refused(books, books.create, {"id": "b"}, expected=empty)
        assert self.refused(books, books.create, {"id": "a"}, expected=empty)
        assert not self.refused(books, books.create, {"id": "b"}, expected=books.timestamp())

    def test_deleting_a_list_may_expect_the_collection_as_it_was(self, books: Shelf) -> None:
        books.put_values(a=1, b=2)
        stamp = books.timestamp()
        none = where("value", COMPARISON.EQ, 3)

        assert self.refused(books, books.delete_all, expected=stamp - 1)
        assert self.refused(books, books.delete_all, expected=stamp - 1, filters=none)
        assert not self.refused(books, books.delete_all, expected=stamp, filters=none)
        assert not self.refused(books, books.delete_all, expected=stamp)
        assert books.list() == []

    def test_a_collection_never_seen_is_not_as_expected(self, books: Shelf) -> None:
        with pytest.raises(ModifiedMeanwhileError):
            books.create({}, expected=1)
        with pytest.raises(ModifiedMeanwhileError):
            books.delete_all(expected=1)

    def test_a_write_that_expects_wrongly_is_refused_before_unique_fields(self, books: Shelf) -> None:
        books.create({"id": "a", "isbn": 1})
        unique = {"unique_fields": ("isbn",)}

        assert self.refused(books, books.update, "b", {"isbn": 1}, expected=1, **unique)
        assert self.refused(books, books.create, {"isbn": 1}, expected=1, **unique)

    def test_a_counter_of_threads_loses_no_update(self, books: Shelf) -> None:
        first = books.create({"id": "counter", "value": 0})

        def count(_: int) -> None:
            seen, done = first, 0
            while done < 10:
                change = {"value": seen["value"] + 1}
                stamp = seen["last_modified"]
                done += not _is_refused(books.update, "counter", change, expected=stamp)
                seen = books.get("counter")

        in_threads(count)

        assert books.get("counter")["value"] == THREADS * 10

    def test_one_thread_creates_what_all_expect_to_be_absent(self, books: Shelf) -> None:
        def create(_: int) -> bool:
            return not _is_refused(books.update, "a", {}, expected=ABSENT)

        assert sum(in_threads(create)) == 1

    def test_one_thread_deletes_what_all_have_seen(self, books: Shelf) -> None:
        stamp = books.create({"id": "a"})["last_modified"]

        def delete(_: int) -> bool:
            return not _is_refused(books.delete, "a", expected=stamp)

        assert sum(in_threads(delete)) == 1

    def test_one_thread_writes_to_the_collection_all_have_seen(self, books: Shelf) -> None:
        stamp = books.timestamp()

        def create(_: int) -> bool:
            return not _is_refused(books.create, {}, expected=stamp)

        assert sum(in_threads(create)) == 1
        assert books.total() == 1


def _is_refused(write: Callable[..., Any], *args: Any, **options: Any) -> bool:
    try:
        write(*args, **options)
    except (ModifiedMeanwhileError, RecordNotFoundError):
        return True
    return False
