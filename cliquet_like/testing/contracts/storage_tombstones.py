"""Contract of a storage: deletion, tombstones, purge."""
# ruff: noqa: D102 - the name of a test is its sentence

import pytest

from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.exceptions import RecordNotFoundError
from cliquet_like.storage.query import COMPARISON, Filter, Sort
from cliquet_like.testing.contracts.storage_base import Shelf, StorageSuite, where


class TombstonesContract(StorageSuite):
    """What deletion leaves."""

    def test_a_deleted_record_leaves_a_tombstone_of_three_fields(self, books: Shelf) -> None:
        created = books.create({"id": "a", "title": "Emma"})

        tombstone = books.delete("a")

        assert tombstone == {"id": "a", "last_modified": tombstone["last_modified"], "deleted": True}
        assert tombstone["last_modified"] > created["last_modified"]
        assert books.timestamp() == tombstone["last_modified"]
        assert books.list(include_deleted=True) == [tombstone]

    def test_a_tombstone_is_not_a_record(self, books: Shelf) -> None:
        books.create({"id": "a"})
        books.delete("a")

        for call in (books.get, books.delete):
            with pytest.raises(RecordNotFoundError):
                call("a")
        assert books.list() == []
        assert books.delete_all() == []
        assert books.total() == books.total(include_deleted=True) == 0

    def test_a_tombstone_that_comes_out_is_not_shared(self, books: Shelf) -> None:
        books.create({"id": "a"})

        books.delete("a")["title"] = "x"
        books.list(include_deleted=True)[0]["title"] = "y"

        assert "title" not in books.list(include_deleted=True)[0]

    def test_deleting_an_unknown_id_is_not_found_and_changes_nothing(self, books: Shelf) -> None:
        before = books.timestamp()

        with pytest.raises(RecordNotFoundError):
            books.delete("nobody")

        assert books.timestamp() == before
        assert books.list(include_deleted=True) == []

    def test_a_deletion_may_leave_no_tombstone(self, books: Shelf) -> None:
        books.put_values(a=1, b=2)

        tombstone = books.delete("a", with_deleted=False)
        others = books.delete_all(with_deleted=False)

        assert tombstone["deleted"] is True
        assert [other["id"] for other in others] == ["b"]
        assert books.timestamp() == others[0]["last_modified"] > tombstone["last_modified"]
        assert books.list(include_deleted=True) == []

    def test_a_record_created_again_has_no_tombstone(self, books: Shelf) -> None:
        for object_id in ("a", "b"):
            books.create({"id": object_id, "title": "Emma"})
            books.delete(object_id)

        books.create({"id": "a"})
        books.update("b", {})

        assert [record.keys() for record in books.list(include_deleted=True)] == [{"id", "last_modified"}] * 2
        assert books.purge() == 0

    def test_deleting_again_refreshes_the_tombstone(self, books: Shelf) -> None:
        books.create({"id": "a"})
        first = books.delete("a")
        books.create({"id": "a"})

        again = books.delete("a")

        assert again["last_modified"] > first["last_modified"]
        assert books.list(include_deleted=True) == [again]

    def test_all_records_of_a_filter_are_deleted_each_with_its_timestamp(self, books: Shelf) -> None:
        books.put_values(a=1, b=2, c=1, d=1)

        tombstones = books.delete_all(filters=where("value", COMPARISON.EQ, 1), sorting=[Sort("id", -1)])

        stamps = [tombstone["last_modified"] for tombstone in tombstones]
        assert [tombstone["id"] for tombstone in tombstones] == ["d", "c", "a"]
        assert stamps == sorted(set(stamps))
        assert stamps[-1] == books.timestamp()
        assert books.ids() == ["b"]
        assert books.list(include_deleted=True, sorting=[Sort("last_modified", 1)])[1:] == tombstones

    def test_deleting_an_empty_list_moves_no_timestamp(self, books: Shelf) -> None:
        books.put_values(a=1)
        before = books.timestamp()

        assert books.delete_all(filters=where("value", COMPARISON.EQ, 2)) == []
        assert books.timestamp() == before

    def test_tombstones_are_filtered_sorted_and_paged_among_the_records(self, books: Shelf) -> None:
        books.put_values(a=1, b=1, c=1, d=1)
        deleted = [books.delete("b"), books.delete("d")]
        since = where("last_modified", COMPARISON.MIN, deleted[0]["last_modified"])
        marked = where("deleted", COMPARISON.EQ, True)
        sorting = [Sort("last_modified", -1)]

        assert books.ids(include_deleted=True, sorting=sorting) == ["d", "b", "c", "a"]
        assert books.list(include_deleted=True, sorting=sorting[:0], filters=since) == deleted
        assert books.ids(include_deleted=True, filters=marked) == ["b", "d"]
        assert books.ids(include_deleted=True, filters=where("value", COMPARISON.NOT, 1)) == ["b", "d"]
        assert books.walk(sorting, limit=1, include_deleted=True) == ["d", "b", "c", "a"]
        assert books.ids(include_deleted=True, sorting=[Sort("value", 1)], limit=3) == ["b", "d", "a"]
        assert books.ids(filters=marked) == []

    def test_totals_count_live_records_only(self, books: Shelf) -> None:
        books.put_values(a=1, b=1, c=2)
        books.delete("a")
        every = where("id", COMPARISON.NOT, "")
        old = where("last_modified", COMPARISON.GT, 0)

        assert books.total(include_deleted=True) == 2
        assert books.total(include_deleted=True, filters=every) == 2
        assert books.total(include_deleted=True, filters=old) == 2
        assert books.page(include_deleted=True, filters=[*old, Filter("value", 1, COMPARISON.EQ)]).total == 1

    def test_a_purge_forgets_tombstones_and_counts_them(self, books: Shelf) -> None:
        books.put_values(a=1, b=2)
        books.delete("a")
        before = books.timestamp()

        assert books.purge() == 1
        assert books.purge() == 0
        assert books.ids(include_deleted=True) == ["b"]
        assert books.timestamp() == before

    def test_a_purge_leaves_tombstones_of_its_bound_and_later(self, books: Shelf) -> None:
        books.put_values(a=1, b=2, c=3)
        bound = [books.delete(object_id)["last_modified"] for object_id in ("a", "b", "c")][1]

        assert books.purge(before=bound) == 1
        assert books.ids(include_deleted=True) == ["b", "c"]

    def test_a_purge_stays_with_one_parent_and_collection(self, storage: StorageBase, books: Shelf) -> None:
        others = [Shelf(storage, "books", "bob"), Shelf(storage, "films", "alice")]
        for shelf in (books, *others):
            shelf.create({"id": "a"})
            shelf.delete("a")

        assert books.purge() == 1
        assert [other.ids(include_deleted=True) for other in others] == [["a"], ["a"]]
