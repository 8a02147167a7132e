"""Contract of a storage: timestamps grow, are kept when given, and survive threads."""
# ruff: noqa: D102 - the name of a test is its sentence

from typing import Any

import pytest

from cliquet_like.kernel.clock import msec_time
from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.query import COMPARISON, Sort
from cliquet_like.testing.contracts.storage_base import Shelf, StorageSuite, where
from cliquet_like.testing.contracts.threads import THREADS, in_threads

DAY_MS = 24 * 3600 * 1000
HOUR_MS = 3600 * 1000
EACH = 25


class TimestampsContract(StorageSuite):
    """When things were written."""

    def test_an_empty_collection_keeps_the_time_of_its_first_reading(self, books: Shelf) -> None:
        first = books.timestamp()

        assert type(first) is int
        assert abs(first - msec_time()) < HOUR_MS
        assert books.timestamp() == first
        assert books.create({})["last_modified"] > first

    def test_deleting_all_of_nothing_is_no_write(self, books: Shelf) -> None:
        assert books.delete_all() == []

        first = books.timestamp()

        assert abs(first - msec_time()) < HOUR_MS
        assert books.timestamp() == first
        assert books.create({})["last_modified"] > first

    def test_timestamps_are_milliseconds_of_real_time(self, books: Shelf) -> None:
        assert abs(books.create({})["last_modified"] - msec_time()) < HOUR_MS

    def test_every_write_has_a_later_timestamp_than_all_before(self, books: Shelf) -> None:
        stamps = []
        for _ in range(20):
            created = books.create({})
            updated = books.update(created["id"], {})
            deleted = books.delete(created["id"])
            stamps += [record["last_modified"] for record in (created, updated, deleted)]

        assert stamps == sorted(set(stamps))
        assert books.timestamp() == stamps[-1]

    def test_each_parent_and_collection_has_its_own_timestamp(
        self, storage: StorageBase, books: Shelf
    ) -> None:
        others = [Shelf(storage, "books", "bob"), Shelf(storage, "films", "alice")]
        before = [other.timestamp() for other in others]

        books.create({"last_modified": msec_time() + DAY_MS})

        assert [other.timestamp() for other in others] == before

    def test_a_page_tells_how_new_a_part_of_the_collection_is(self, books: Shelf) -> None:
        books.put_values(a=1, b=2, c=1)
        newest = {record["id"]: record["last_modified"] for record in books.list()}
        ones = where("value", COMPARISON.EQ, 1)

        assert books.page().newest is None
        assert books.page(newest_of=[]).newest == newest["c"]
        assert books.page(newest_of=where("id", COMPARISON.IN, ["a", "b"])).newest == newest["b"]
        assert books.page(newest_of=where("id", COMPARISON.IN, ["b"]), filters=ones, limit=0) == (
            [], 2, newest["c"], newest["b"],
        )  # fmt: skip

    def test_tombstones_and_what_is_not_there_make_no_part_newer(self, books: Shelf) -> None:
        books.put_values(a=1, b=1)
        first = books.get("a")["last_modified"]
        books.delete("b")
        part = where("id", COMPARISON.IN, ["a", "b", "missing"])

        page = books.page(newest_of=part, include_deleted=True, sorting=[Sort("last_modified", 1)], limit=1)

        assert (page.newest, len(page.records)) == (first, 1)
        assert page.timestamp > first
        assert books.page(newest_of=where("id", COMPARISON.IN, ["b", "missing"])).newest == 0
        assert books.page(newest_of=where("id", COMPARISON.IN, [])).newest == 0

    def test_reading_moves_no_timestamp(self, books: Shelf) -> None:
        books.put_values(a=1)
        before = books.timestamp()

        books.get("a")
        books.list()
        books.page()

        assert books.timestamp() == before

    def test_a_timestamp_in_the_future_is_kept_and_the_collection_follows(self, books: Shelf) -> None:
        future = msec_time() + DAY_MS

        created = books.create({"last_modified": future})

        assert (
            created["last_modified"]
            == books.get(created["id"])["last_modified"]
            == books.timestamp()
            == future
        )
        assert books.create({})["last_modified"] == future + 1

    def test_a_timestamp_in_the_past_is_kept_and_the_collection_grows_by_one(self, books: Shelf) -> None:
        before = books.create({"id": "a"})["last_modified"]

        assert books.create({"last_modified": 1_000})["last_modified"] == 1_000
        assert books.update("a", {"last_modified": 2_000})["last_modified"] == 2_000
        assert books.timestamp() == before + 2
        assert books.ids(filters=where("last_modified", COMPARISON.EQ, 2_000)) == ["a"]

    def test_the_first_record_brings_its_timestamp_to_a_collection_that_has_none(self, books: Shelf) -> None:
        books.create({"last_modified": 1_000})

        assert books.timestamp() == 1_000

    def test_a_timestamp_given_as_it_is_stored_is_kept(self, books: Shelf) -> None:
        created = books.create({"id": "a"})

        updated = books.update("a", {**created, "title": "Emma"})

        assert updated["last_modified"] == created["last_modified"]
        assert books.timestamp() == created["last_modified"] + 1

    @pytest.mark.parametrize("stamp", [None, True, "1000", 1000.0, [1000]], ids=repr)
    def test_what_is_no_integer_is_no_timestamp(self, books: Shelf, stamp: Any) -> None:
        first = books.create({"id": "a", "last_modified": stamp})["last_modified"]
        second = books.update("a", {"last_modified": stamp})["last_modified"]
        third = books.delete("a", last_modified=stamp)["last_modified"]

        assert DAY_MS < first < second < third

    def test_a_deletion_takes_a_later_timestamp(self, books: Shelf) -> None:
        future = msec_time() + DAY_MS
        books.put_values(a=1, b=1)
        books.create({"id": "old", "last_modified": 1_000})
        before = books.timestamp()

        assert books.delete("old", last_modified=2_000)["last_modified"] == 2_000
        assert books.timestamp() == before + 1
        assert books.delete("a", last_modified=future)["last_modified"] == books.timestamp() == future
        assert books.delete("b")["last_modified"] == future + 1

    def test_a_deletion_ignores_a_timestamp_that_is_not_later(self, books: Shelf) -> None:
        books.put_values(a=1, b=1)
        before = books.timestamp()

        first = books.delete("b", last_modified=books.get("b")["last_modified"])
        second = books.delete("a", last_modified=1_000)

        assert before < first["last_modified"] < second["last_modified"] == books.timestamp()

    def test_threads_lose_nothing_and_share_no_timestamp(self, books: Shelf) -> None:
        def write(_: int) -> list[int]:
            return [books.create({})["last_modified"] for _ in range(EACH)]

        written = in_threads(write)

        stamps = [stamp for stamps in written for stamp in stamps]
        assert all(own == sorted(own) for own in written)
        assert len(set(stamps)) == THREADS * EACH == books.total()
        assert books.timestamp() == max(stamps)

    def test_who_polls_while_threads_write_misses_no_change(self, books: Shelf) -> None:
        seen: set[str] = set()

        def poll(since: int) -> int:
            newer = where("last_modified", COMPARISON.GT, since)
            page = books.page(filters=newer, sorting=[Sort("last_modified", 1)], include_deleted=True)
            seen.update(record["id"] for record in page.records)
            return page.timestamp

        def work(number: int) -> None:
            since = 0
            for turn in range(EACH):
                if number:
                    books.create({"id": f"{number}-{turn}"})
                else:
                    since = poll(since)
            if not number:
                ends.append(since)

        ends: list[int] = []
        in_threads(work)
        poll(ends[0])

        assert len(seen) == (THREADS - 1) * EACH
