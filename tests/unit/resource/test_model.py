from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.url import parse_url
from cliquet_like.resource.model import Model
from cliquet_like.storage import sqlite
from cliquet_like.storage.exceptions import ModifiedMeanwhileError, RecordNotFoundError, UnicityError
from cliquet_like.storage.generators import UUID4
from cliquet_like.storage.memory import Storage
from cliquet_like.storage.query import ABSENT, COMPARISON, Filter, Page, Sort
from cliquet_like.storage.texts import RecordTexts, TextPage, TextStorage


@pytest.fixture
def model() -> Model:
    return Model(Storage(), UUID4(), collection_id="notes", parent_id="ada")


def test_records_come_back_as_created(model: Model) -> None:
    created = model.create_record({"text": "a"})

    assert model.get_record(created["id"]) == created
    assert model.get_records() == ([created], 1)
    assert model.timestamp() == created["last_modified"]


def test_an_anonymous_parent_is_the_empty_text() -> None:
    assert Model(Storage(), parent_id=None).parent_id == ""


def test_a_parent_of_the_call_replaces_the_model_s_own(model: Model) -> None:
    created = model.create_record({"text": "a"}, parent_id="bob")

    assert model.get_records() == ([], 0)
    assert model.get_record(created["id"], parent_id="bob") == created
    assert model.get_page(parent_id="bob").records == [created]


def test_a_page_has_total_and_timestamp(model: Model) -> None:
    records = [model.create_record({"n": n}) for n in range(3)]

    page = model.get_page(sorting=[Sort("n", 1)], limit=2)

    assert page == Page(records[:2], 3, records[-1]["last_modified"])


def test_a_page_asks_an_overridden_list(model: Model) -> None:
    class Odd(Model):
        def get_records(
            self,
            filters: Sequence[Filter] | None = None,
            sorting: Any = None,
            pagination_rules: Any = None,
            limit: int | None = None,
            include_deleted: bool = False,
            parent_id: str | None = None,
        ) -> tuple[list[dict[str, Any]], int]:
            odd = Filter("n", [1, 3], COMPARISON.IN)
            return super().get_records([*(filters or ()), odd], sorting, pagination_rules, limit)

    for n in range(4):
        model.create_record({"n": n})
    page = Odd(model.storage, None, "notes", "ada").get_page(sorting=[Sort("n", 1)])

    assert [record["n"] for record in page.records] == [1, 3]
    assert page.total == 2
    assert page.timestamp == model.timestamp()
    assert page.newest is None


@pytest.mark.parametrize(("known", "newest"), [([0, 1], 1), ([2], None)])
def test_the_newest_of_a_part_is_asked_of_an_overridden_list(
    model: Model, known: list[int], newest: int | None
) -> None:
    class Small(Model):
        def get_records(self, filters: Any = None, *args: Any, **options: Any) -> Any:
            small = Filter("n", 2, COMPARISON.LT)
            return super().get_records([*(filters or ()), small], *args, **options)

    stamps = [model.create_record({"n": n})["last_modified"] for n in range(3)]
    page = Small(model.storage, None, "notes", "ada").get_page(
        filters=[Filter("n", 0, COMPARISON.EQ)], newest_of=[Filter("n", known, COMPARISON.IN)]
    )

    assert [record["n"] for record in page.records] == [0]
    assert page.newest == (0 if newest is None else stamps[newest])


def test_writes_keep_what_they_expect(model: Model) -> None:
    created = model.create_record({"text": "a"})
    stale = created["last_modified"] - 1

    with pytest.raises(ModifiedMeanwhileError):
        model.update_record(created, expected=stale)
    with pytest.raises(ModifiedMeanwhileError):
        model.update_record(created, expected=ABSENT)
    with pytest.raises(ModifiedMeanwhileError):
        model.delete_record(created, expected=stale)
    with pytest.raises(ModifiedMeanwhileError):
        model.create_record({}, expected=stale)
    with pytest.raises(ModifiedMeanwhileError):
        model.delete_records(expected=stale)
    assert model.get_records() == ([created], 1)


def test_unique_fields_are_kept(model: Model) -> None:
    model.create_record({"text": "a"}, unique_fields=["text"])

    with pytest.raises(UnicityError):
        model.create_record({"text": "a"}, unique_fields=["text"])
    with pytest.raises(UnicityError):
        model.update_record({"id": "b", "text": "a"}, unique_fields=["text"])


def test_deleting_leaves_tombstones(model: Model) -> None:
    first, second = (model.create_record({"n": n}) for n in range(2))
    later = second["last_modified"] + 1000

    tombstone = model.delete_record(first, last_modified=later)
    others = model.delete_records(filters=[Filter("n", 1, COMPARISON.EQ)], sorting=[Sort("id", 1)], limit=5)

    assert tombstone == {"id": first["id"], "last_modified": later, "deleted": True}
    assert [entry["id"] for entry in others] == [second["id"]]
    with pytest.raises(RecordNotFoundError):
        model.get_record(first["id"])
    assert len(model.get_records(include_deleted=True)[0]) == 2


class Texts(Storage, TextStorage):
    """Lists as texts, of which there is one."""

    lists_texts = True

    def get_page_texts(self, collection_id: str, parent_id: str, *args: Any, **criteria: Any) -> TextPage:
        return TextPage(RecordTexts([f'{{"id": "{collection_id} of {parent_id}"}}']), 1, 7)


class OwnPage(Model):
    def get_page(self, **criteria: Any) -> Page:
        return super().get_page(**criteria)


def test_texts_are_asked_of_a_storage_that_has_some() -> None:
    page = Model(Texts(), None, "notes", "ada").get_page_texts(limit=1)

    assert page is not None
    assert list(page.records) == [{"id": "notes of ada"}]


class OwnPageOfObject(Model):
    def __init__(self, storage: Storage) -> None:
        super().__init__(storage)
        vars(self)["get_page"] = lambda **criteria: None


@pytest.mark.parametrize(
    "model",
    [Model(Storage()), OwnPage(Texts()), OwnPageOfObject(Texts())],
    ids=["no texts", "class", "object"],
)
def test_there_are_no_texts_where_a_list_is_another(model: Model) -> None:
    assert model.get_page_texts() is None


@pytest.fixture
def whole(tmp_path: Path) -> sqlite.Storage:
    """Storage that tells what it replaced."""
    storage = sqlite.Storage(SQLite(parse_url(f"sqlite:///{tmp_path}/records.db", kind="storage")))
    storage.initialize_schema()
    return storage


class OtherNames(Model):
    id_field = "key"
    modified_field = "changed"


@pytest.mark.parametrize("kind", [Model, OtherNames])
def test_a_replacement_tells_what_was_there(whole: sqlite.Storage, kind: type[Model]) -> None:
    model = kind(whole, None, "notes", "ada")

    first = model.replace_record({model.id_field: "a", "text": "old"})
    second = model.replace_record({model.id_field: "a", "text": "new"})

    assert first is not None
    assert second is not None
    assert first[1] is None
    assert second == (model.get_record("a"), first[0])
    assert [record["text"] for record in (first[0], second[0])] == ["old", "new"]


class OwnReading(Model):
    def get_record(self, record_id: str, parent_id: str | None = None) -> dict[str, Any]:
        return super().get_record(record_id, parent_id)


class OwnUpdate(Model):
    def update_record(self, *args: Any, **options: Any) -> dict[str, Any]:
        return super().update_record(*args, **options)


class OwnCreationOfObject(Model):
    def __init__(self, storage: Any) -> None:
        super().__init__(storage)
        vars(self)["create_record"] = lambda record, **options: None


class OwnStorage(sqlite.Storage):
    get = sqlite.Storage.get


@pytest.mark.parametrize("kind", [OwnReading, OwnUpdate, OwnCreationOfObject])
def test_who_reads_or_writes_otherwise_replaces_nothing_in_one_step(
    whole: sqlite.Storage, kind: type[Model]
) -> None:
    model = kind(whole)

    replaced = model.replace_record({"id": "a"})

    assert (replaced, model.get_records()) == (None, ([], 0))


def test_what_a_storage_cannot_do_in_one_step_is_not_asked_of_it(model: Model, whole: sqlite.Storage) -> None:
    other = Model(OwnStorage(whole.database))

    replaced = [model.replace_record({"id": "a"}), other.replace_record({"id": "a"})]

    assert (replaced, model.get_records(), other.get_records()) == ([None, None], ([], 0), ([], 0))
