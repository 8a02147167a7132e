"""Writes that need no transaction around them, and a replacement that tells what it replaced."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import transaction

from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.url import parse_url
from cliquet_like.drivers.transactions import joining
from cliquet_like.kernel.metrics import Timed
from cliquet_like.storage import memory, sqlite
from cliquet_like.storage.exceptions import RecordNotFoundError
from cliquet_like.storage.sql.backend import SQLStorage
from cliquet_like.storage.whole import WholeWrites
from tests.contracts.backends import TRANSACTIONAL, new_settings, opened

PLACE = ("notes", "ada")
NAMES = {"id_field": "key", "modified_field": "changed"}


@pytest.fixture(params=TRANSACTIONAL)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with new_settings(request.param, tmp_path) as settings, opened(request.param, settings) as made:
        yield made


def test_what_replaces_nothing_is_created(storage: SQLStorage) -> None:
    stored, before = storage.replace(*PLACE, "a", {"text": "new"})

    assert before is None
    assert stored == storage.get(*PLACE, "a")
    assert (stored["id"], stored["text"]) == ("a", "new")
    assert storage.collection_timestamp(*PLACE) == stored["last_modified"]
    assert storage.get_page(*PLACE).total == 1


def test_what_replaces_a_record_tells_of_it(storage: SQLStorage) -> None:
    created = storage.create(*PLACE, {"text": "old", "number": 2**62, "small": 1e-9})

    stored, before = storage.replace(*PLACE, created["id"], {"text": "new"})

    assert before == created
    assert stored == {"id": created["id"], "text": "new", "last_modified": stored["last_modified"]}
    assert stored == storage.get(*PLACE, created["id"])
    assert stored["last_modified"] > created["last_modified"]
    assert storage.get_page(*PLACE).total == 1


def test_what_replaces_a_tombstone_replaces_nothing(storage: SQLStorage) -> None:
    created = storage.create(*PLACE, {"text": "old"})
    storage.delete(*PLACE, created["id"])

    stored, before = storage.replace(*PLACE, created["id"], {"text": "new"})

    assert before is None
    assert storage.get_page(*PLACE, include_deleted=True).records == [stored]
    assert storage.get_page(*PLACE).total == 1


@pytest.mark.parametrize("ahead", [-10, 10])
def test_a_timestamp_that_is_given_is_kept_and_never_moves_the_clock_back(
    storage: SQLStorage, ahead: int
) -> None:
    created = storage.create(*PLACE, {})
    given = created["last_modified"] + ahead

    replaced, before = storage.replace(*PLACE, created["id"], {"last_modified": given})
    updated = storage.update(*PLACE, "b", {"last_modified": given})

    assert (replaced["last_modified"], before) == (given, created)
    assert storage.get(*PLACE, created["id"])["last_modified"] == given
    assert storage.collection_timestamp(*PLACE) > max(created["last_modified"], given)
    assert updated["last_modified"] == given


def test_own_fields_may_have_other_names(storage: SQLStorage) -> None:
    created = storage.create(*PLACE, {"id": "mine", "last_modified": "never"}, **NAMES)

    stored, before = storage.replace(*PLACE, created["key"], {"id": "yours"}, **NAMES)

    assert before == created
    assert stored == {"key": created["key"], "id": "yours", "changed": stored["changed"]}
    assert stored == storage.get(*PLACE, created["key"], **NAMES)


def test_neither_what_is_given_nor_what_is_answered_is_shared(storage: SQLStorage) -> None:
    given: dict[str, Any] = {"inside": ["a"]}

    stored, _ = storage.replace(*PLACE, "a", given)
    stored["inside"].append("b")
    _, before = storage.replace(*PLACE, "a", {})

    assert (given, before and before["inside"]) == ({"inside": ["a"]}, ["a"])


def test_other_collections_and_parents_stay_as_they_are(storage: SQLStorage) -> None:
    others = [("notes", "bob"), ("tasks", "ada")]
    records = [storage.replace(*place, "a", {"of": place[1]})[0] for place in others]

    _, before = storage.replace(*PLACE, "a", {})

    assert before is None
    assert [storage.get(*place, "a") for place in others] == records


def test_threads_that_replace_one_record_replace_one_another(storage: SQLStorage) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda number: storage.replace(*PLACE, "a", {"n": number}), range(40)))

    in_order = sorted(answers, key=lambda answer: answer[0]["last_modified"])
    assert [before for _, before in in_order] == [None, *(stored for stored, _ in in_order[:-1])]
    assert len({stored["last_modified"] for stored, _ in answers}) == 40
    assert storage.get_page(*PLACE).total == 1


def test_in_a_transaction_it_is_undone_with_all_else(storage: SQLStorage) -> None:
    created = storage.create(*PLACE, {"text": "old"})
    manager = transaction.TransactionManager(explicit=True)

    with joining(manager):
        manager.begin()
        stored, before = storage.replace(*PLACE, created["id"], {"text": "new"})
        again = storage.replace(*PLACE, created["id"], {"text": "newer"})
        storage.replace(*PLACE, "b", {})
        manager.abort()

    assert (before, again[1]) == (created, stored)
    assert storage.get_page(*PLACE).records == [created]
    with pytest.raises(RecordNotFoundError):
        storage.get(*PLACE, "b")


def test_what_cannot_be_stored_replaces_nothing(storage: SQLStorage) -> None:
    created = storage.create(*PLACE, {"text": "old"})

    with pytest.raises(TypeError):
        storage.replace(*PLACE, created["id"], {"text": object()})

    assert storage.get(*PLACE, created["id"]) == created


# Who writes whole


class Own(sqlite.Storage):
    """Writes in its own way, maybe twice."""

    update = sqlite.Storage.update


class OwnReading(sqlite.Storage):
    get = sqlite.Storage.get


class OwnAll(Own):
    """Says again what it means to replace."""

    replace = sqlite.Storage.replace


class Other(sqlite.Storage):
    def get_title(self) -> None:
        """Nothing that a record depends on."""


class _Creates:
    create = sqlite.Storage.create


class Mixed(_Creates, sqlite.Storage):
    pass


class Child(Own):
    pass


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (sqlite.Storage, True),
        (Other, True),
        (OwnAll, True),
        (Own, False),
        (OwnReading, False),
        (Mixed, False),
        (Child, False),
    ],
)
def test_who_reads_or_writes_in_its_own_way_does_not_write_whole(
    kind: type[sqlite.Storage], expected: bool, tmp_path: Path
) -> None:
    database = SQLite(parse_url(f"sqlite:///{tmp_path}/records.db", kind="storage"))

    assert kind(database).writes_whole is expected


@pytest.mark.parametrize("name", ["get", "create", "update", "delete", "delete_all"])
def test_an_object_whose_methods_were_replaced_does_not_write_whole(storage: SQLStorage, name: str) -> None:
    measured: Any = Timed(storage, None, "storage")  # type: ignore[arg-type]
    before = (storage.writes_whole, measured.writes_whole)

    setattr(storage, name, getattr(storage, name))

    assert before == (True, True)
    assert (storage.writes_whole, measured.writes_whole) == (False, False)


def test_what_stands_in_for_a_storage_has_its_abilities(storage: SQLStorage) -> None:
    measured: Any = Timed(storage, None, "storage")  # type: ignore[arg-type]

    assert isinstance(measured, WholeWrites)
    assert not isinstance(Timed(memory.Storage(), None, "storage"), WholeWrites)  # type: ignore[arg-type]
