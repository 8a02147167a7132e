"""Contract of a storage: create, get, update, and what is copied."""
# ruff: noqa: D102 - the name of a test is its sentence

import json
from typing import Any

import pytest

from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.exceptions import RecordNotFoundError, UnicityError
from cliquet_like.storage.generators import UUID4
from cliquet_like.testing.contracts.storage_base import Shelf, StorageSuite

VALUES: list[Any] = [
    None, False, True, 0, 1, -1, 1.0, 1.5, 0.1, 1e300, 2**63 - 1, -(2**63),
    "", "33", "0033", "été ☃ \U0001f600", "quo\"te ' \\ % %s ; --",
    [], {}, [1, [None, {"a": []}]], {"a": {"b": {"c": [1, "x"]}}}, {"": 1, "a.b": 2, "é": 3},
]  # fmt: skip


class RecordsContract(StorageSuite):
    """One record at a time."""

    def test_a_created_record_has_an_id_and_a_timestamp(self, books: Shelf) -> None:
        created = books.create({"title": "Emma"})

        assert created.keys() == {"id", "last_modified", "title"}
        assert UUID4().match(created["id"])
        assert type(created["last_modified"]) is int
        assert books.get(created["id"]) == created

    def test_a_given_id_is_kept(self, books: Shelf) -> None:
        assert books.create({"id": "emma"})["id"] == "emma"

    def test_an_id_of_null_is_no_id(self, books: Shelf) -> None:
        assert UUID4().match(books.create({"id": None})["id"])

    def test_the_generator_of_the_call_makes_the_id(self, books: Shelf) -> None:
        assert books.create({}, id_generator=lambda: "next")["id"] == "next"

    @pytest.mark.parametrize("value", VALUES, ids=repr)
    def test_a_value_comes_back_as_it_was_sent(self, books: Shelf, value: Any) -> None:
        books.create({"id": "a", "value": value})

        assert _as_sent(books.get("a")["value"]) == _as_sent(value)
        assert _as_sent(books.list()[0]["value"]) == _as_sent(value)

    def test_zero_has_no_sign(self, books: Shelf) -> None:
        sent = {"value": -0.0, "deep": {"list": [-0.0, (-0.0,)]}}

        created = books.create({"id": "a", **sent})
        updated = books.update("b", sent)

        for record in (created, updated, books.get("a"), books.get("b"), *books.list()):
            assert repr(record["value"]) == "0.0"
            assert repr(record["deep"]) == "{'list': [0.0, [0.0]]}"

    def test_what_is_given_is_neither_changed_nor_shared(self, books: Shelf) -> None:
        created, updated = {"tags": ["x"]}, {"id": "other", "tags": ["y"]}

        object_id = books.create(created)["id"]
        books.update("b", updated)
        assert created == {"tags": ["x"]}
        assert updated == {"id": "other", "tags": ["y"]}
        created["tags"].append("later")
        updated["tags"] = []

        assert books.get(object_id)["tags"] == ["x"]
        assert books.get("b")["tags"] == ["y"]

    def test_what_comes_out_is_not_shared(self, books: Shelf) -> None:
        created = books.create({"id": "a", "tags": ["x"]})

        created["tags"].append("created")
        books.get("a")["tags"].append("got")
        books.list()[0]["tags"].append("listed")
        books.update("a", {"tags": ["x"]})["tags"].append("updated")

        assert books.get("a")["tags"] == ["x"]

    def test_an_unknown_id_is_not_found(self, books: Shelf) -> None:
        with pytest.raises(RecordNotFoundError):
            books.get("nobody")

    def test_creating_a_live_id_again_is_refused_with_the_record_that_has_it(self, books: Shelf) -> None:
        first = books.create({"id": "a", "title": "Emma"})
        before = books.timestamp()

        with pytest.raises(UnicityError) as refusal:
            books.create({"id": "a", "title": "Persuasion"})

        assert (refusal.value.field, refusal.value.record) == ("id", first)
        assert books.get("a") == first
        assert books.timestamp() == before

    def test_an_update_replaces_the_whole_record(self, books: Shelf) -> None:
        created = books.create({"id": "a", "title": "Emma", "year": 1815})

        updated = books.update("a", {"title": "Persuasion"})

        assert updated == {"id": "a", "title": "Persuasion", "last_modified": updated["last_modified"]}
        assert updated["last_modified"] > created["last_modified"]
        assert books.get("a") == updated
        assert books.total() == 1

    def test_an_update_creates_what_is_not_there(self, books: Shelf) -> None:
        updated = books.update("a", {"title": "Emma"})

        assert books.list() == [updated]

    def test_an_update_forces_the_id(self, books: Shelf) -> None:
        assert books.update("a", {"id": "b"})["id"] == "a"
        assert books.ids() == ["a"]

    def test_a_deleted_mark_in_a_live_record_is_dropped(self, books: Shelf) -> None:
        books.create({"id": "a", "deleted": True})
        books.update("b", {"deleted": "yes", "kept": 1})

        assert [record.get("deleted") for record in books.list()] == [None, None]
        assert books.total() == 2
        assert books.get("b")["kept"] == 1

    def test_another_parent_or_collection_is_another_place(self, storage: StorageBase, books: Shelf) -> None:
        mine = books.create({"id": "a", "owner": "alice"})
        others = [
            Shelf(storage, "books", "bob"),
            Shelf(storage, "films", "alice"),
            Shelf(storage, "book", "salice"),
        ]

        for other in others:
            assert other.list() == []
            with pytest.raises(RecordNotFoundError):
                other.delete("a")
            other.update("a", {"owner": "other"})
            assert other.delete_all()[0]["id"] == "a"

        assert books.list() == [mine]

    def test_names_may_be_any_text(self, storage: StorageBase) -> None:
        shelf = Shelf(storage, "bücher ☃", "/päth/'quoted'%s\U0001f600")

        created = shelf.create({"id": "ïd-\U0001f600 'x'"})

        assert shelf.get("ïd-\U0001f600 'x'") == created
        assert shelf.ids() == ["ïd-\U0001f600 'x'"]

    def test_our_fields_may_have_other_names(self, books: Shelf) -> None:
        names = {"id_field": "uid", "modified_field": "changed"}

        created = books.create({"uid": "a", "id": "free", "last_modified": "old"}, **names)
        updated = books.update("a", {"id": "free"}, **names)
        tombstone = books.delete("a", deleted_field="gone", **names)

        assert created == {"uid": "a", "id": "free", "last_modified": "old", "changed": created["changed"]}
        assert updated == {"uid": "a", "id": "free", "changed": updated["changed"]}
        assert tombstone == {"uid": "a", "gone": True, "changed": tombstone["changed"]}
        assert created["changed"] < updated["changed"] < tombstone["changed"]

    def test_a_flush_leaves_nothing(self, storage: StorageBase, books: Shelf) -> None:
        future = books.create({"last_modified": 2**45})["last_modified"]

        storage.flush()
        storage.initialize_schema()

        assert books.page().records == []
        assert books.timestamp() < future


def _as_sent(value: Any) -> str:
    """Text that tells 1 from 1.0 and from true; the members of an object have no order (RFC 8259)."""
    return json.dumps(value, sort_keys=True)
