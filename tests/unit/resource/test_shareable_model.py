"""Records with their permissions, without HTTP."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pyramid.httpexceptions import HTTPForbidden

from cliquet_like.permission.access import Entry, Permissions
from cliquet_like.permission.memory import Permission
from cliquet_like.resource import ShareableModel
from cliquet_like.storage.exceptions import BackendError, ModifiedMeanwhileError, RecordNotFoundError
from cliquet_like.storage.generators import UUID4
from cliquet_like.storage.memory import Storage
from cliquet_like.storage.query import COMPARISON, Filter

ADA, BOB = "basicauth:ada", "basicauth:bob"


@pytest.fixture
def model() -> ShareableModel:
    model = ShareableModel(Storage(), UUID4(), collection_id="thing")
    model.permission = Permission()
    model.current_principal = ADA
    model.get_permission_object_id = "/things/{}".format
    return model


def kept(model: ShareableModel, record: dict[str, Any]) -> Permissions:
    return model.permission.object_permissions(f"/things/{record['id']}")


def test_who_creates_a_record_may_write_it(model: ShareableModel) -> None:
    record = model.create_record({"a": 1})

    assert record["__permissions__"] == kept(model, record) == {"write": {ADA}}
    assert model.get_record(record["id"]) == record


def test_permissions_are_not_kept_in_the_storage(model: ShareableModel) -> None:
    record = model.create_record({"a": 1, "__permissions__": {"read": [BOB]}})

    stored = model.storage.get("thing", "", record["id"])

    assert set(stored) == {"id", "last_modified", "a"}
    assert model.get_records()[0] == [stored]
    assert record["__permissions__"] == {"read": {BOB}, "write": {ADA}}


def test_an_argument_is_not_changed(model: ShareableModel) -> None:
    given = {"id": UUID4()(), "__permissions__": {"read": [BOB]}}
    before = {**given}

    model.create_record(given)
    model.update_record(given)
    model.delete_record(given)

    assert given == before


def test_nobody_in_particular_is_given_nothing(model: ShareableModel) -> None:
    model.current_principal = None

    assert model.create_record({})["__permissions__"] == {}


def test_an_update_replaces_the_given_permissions_only(model: ShareableModel) -> None:
    record = model.create_record({"__permissions__": {"read": [BOB], "fly": [BOB]}})
    model.current_principal = BOB

    updated = model.update_record({"id": record["id"], "__permissions__": {"read": []}})

    assert updated["__permissions__"] == kept(model, record) == {"fly": {BOB}, "write": {ADA, BOB}}


@pytest.mark.parametrize("given", [{}, {"__permissions__": {}}, {"__permissions__": None}])
def test_an_update_without_permissions_leaves_them(model: ShareableModel, given: dict[str, Any]) -> None:
    record = model.create_record({"__permissions__": {"read": [BOB]}})

    updated = model.update_record({"id": record["id"], **given})

    assert updated["__permissions__"] == {"read": {BOB}, "write": {ADA}}


def test_permissions_go_with_the_records(model: ShareableModel) -> None:
    one, two, three = (model.create_record({"n": n}) for n in range(3))

    tombstone = model.delete_record(one)
    tombstones = model.delete_records([Filter("n", 1, COMPARISON.EQ)])

    assert "__permissions__" not in tombstone
    assert [set(found) for found in tombstones] == [{"id", "last_modified", "deleted"}]
    assert (kept(model, one), kept(model, two)) == ({}, {})
    assert kept(model, three) == {"write": {ADA}}


def test_a_record_that_does_not_exist_keeps_what_its_object_has(model: ShareableModel) -> None:
    model.permission.add_principal_to_ace("/things/x", "read", BOB)

    for missing in (model.get_record, lambda record_id: model.delete_record({"id": record_id})):
        with pytest.raises(RecordNotFoundError):
            missing("x")
    assert kept(model, {"id": "x"}) == {"read": {BOB}}


def test_another_parent_may_be_given(model: ShareableModel) -> None:
    record = model.create_record({}, "shelf")

    assert model.get_record(record["id"], "shelf") == record
    with pytest.raises(RecordNotFoundError):
        model.get_record(record["id"])


class Guard:
    """What a request knows: permissions that may be out of date."""

    def __init__(self, known: Permissions, *, lets_in: bool = True) -> None:
        self.known = known
        self.lets_in = lets_in
        self.told: list[Permissions] = []

    def permissions_of(self, object_id: str) -> Permissions:
        return self.known

    def expected_permissions(self, object_id: str) -> Permissions | None:
        return self.known

    def refuse_to_take_over(self, object_id: str, entries: Permissions) -> None:
        self.decide_again(object_id, entries)

    def decide_again(self, object_id: str, current: Permissions) -> None:
        self.told.append(current)
        if not self.lets_in:
            raise HTTPForbidden

    def still_shares(self, entries: Mapping[str, Permissions]) -> bool:
        self.told.extend(entries.values())
        return self.lets_in


def test_what_the_guard_knows_is_not_asked_for_again(model: ShareableModel) -> None:
    record = model.create_record({})
    model.guard = Guard({"fly": {BOB}})

    assert model.get_record(record["id"])["__permissions__"] == {"fly": {BOB}}


def test_the_guard_decides_again_when_permissions_have_changed(model: ShareableModel) -> None:
    record = model.create_record({})
    guard = model.guard = Guard({"write": {BOB}})

    updated = model.update_record({"id": record["id"], "__permissions__": {"read": [BOB]}})

    assert guard.told == [{"write": {ADA}}]
    assert updated["__permissions__"] == {"read": {BOB}, "write": {ADA}}


@pytest.mark.parametrize("method", ["update_record", "delete_record"])
def test_the_guard_may_refuse_then(model: ShareableModel, method: str) -> None:
    record = model.create_record({})
    model.guard = Guard({"write": {BOB}}, lets_in=False)

    with pytest.raises(HTTPForbidden):
        getattr(model, method)({"id": record["id"]})
    assert kept(model, record) == {"write": {ADA}}


@pytest.mark.parametrize("lets_in", [True, False])
def test_the_guard_says_whether_a_new_record_takes_over_entries(model: ShareableModel, lets_in: bool) -> None:
    given = {"id": UUID4()(), "__permissions__": {"fly": [BOB]}}
    model.permission.add_principal_to_ace(f"/things/{given['id']}", "read", BOB)
    guard = model.guard = Guard({}, lets_in=lets_in)

    if lets_in:
        model.create_record(given)
    else:
        with pytest.raises(HTTPForbidden):
            model.create_record(given)

    assert guard.told == [{"read": {BOB}}]
    assert kept(model, given) == ({"fly": {BOB}, "write": {ADA}} if lets_in else {"read": {BOB}})


class Visited(Permission):
    """Somebody else acts before one write."""

    visit: Callable[[], Any] | None = None

    def _replace_entries(self, *args: Any) -> Any:
        visit, self.visit = self.visit, None
        if visit is not None:
            visit()
        return super()._replace_entries(*args)


@pytest.fixture
def visited(model: ShareableModel) -> Visited:
    """Permission backend of the model."""
    permission = model.permission = Visited()
    return permission


def give_to_bob(model: ShareableModel, record: dict[str, Any]) -> None:
    model.permission.add_principal_to_ace(f"/things/{record['id']}", "read", BOB)


@pytest.mark.parametrize("method", ["update", "delete"])
def test_an_update_whose_record_is_changed_with_its_permissions_is_made_again(
    model: ShareableModel, visited: Visited, method: str
) -> None:
    record = model.create_record({"a": 1})
    model.guard = Guard({"write": {ADA}})

    def visit() -> None:
        change = (record["id"], {"a": 2}) if method == "update" else (record["id"],)
        getattr(model.storage, method)("thing", "", *change)
        give_to_bob(model, record)

    visited.visit = visit
    with pytest.raises(ModifiedMeanwhileError):
        model.update_record({"id": record["id"], "__permissions__": {"fly": [ADA]}})

    assert kept(model, record) == {"read": {BOB}, "write": {ADA}}


def test_a_deletion_takes_the_permissions_that_came_meanwhile(
    model: ShareableModel, visited: Visited
) -> None:
    record = model.create_record({})
    guard = model.guard = Guard({"write": {ADA}})
    visited.visit = lambda: give_to_bob(model, record)

    model.delete_record(record)

    assert guard.told == [{"read": {BOB}, "write": {ADA}}]
    assert kept(model, record) == {}


def test_a_deletion_leaves_the_permissions_of_a_record_that_is_made_again(
    model: ShareableModel, visited: Visited
) -> None:
    record = model.create_record({})
    guard = model.guard = Guard({"write": {ADA}}, lets_in=False)

    def visit() -> None:
        model.storage.create("thing", "", {"id": record["id"]})
        give_to_bob(model, record)

    visited.visit = visit
    tombstone = model.delete_record(record)

    assert (tombstone["deleted"], guard.told) == (True, [])
    assert kept(model, record) == {"read": {BOB}, "write": {ADA}}


class Restless(Permission):
    """Somebody else changes the permissions before each write."""

    def _replace_entries(self, object_id: str, *args: Any) -> Any:
        self.moves = getattr(self, "moves", 0) + 1
        super()._replace_entries(object_id, None, frozenset({Entry("read", f"user {self.moves}")}), None)
        return super()._replace_entries(object_id, *args)


def test_changes_without_end_are_an_overload(model: ShareableModel) -> None:
    model.guard = Guard({})
    model.permission = Restless()

    with pytest.raises(BackendError, match="too many concurrent changes"):
        model.create_record({})


def test_permissions_that_change_always_are_written_where_nothing_was_decided(model: ShareableModel) -> None:
    model.permission = Restless()

    assert model.create_record({})["__permissions__"] == {"write": {ADA}}


class Silent(Permission):
    """Written for an earlier contract: nothing is answered."""

    def delete_object_permissions(self, *object_ids: str) -> None:  # type: ignore[override]
        super().delete_object_permissions(*object_ids)


def test_a_backend_that_answers_nothing_deletes_all_the_same(model: ShareableModel) -> None:
    model.permission = Silent()
    record = model.create_record({"name": "a"})

    deleted = model.delete_records()

    assert [tombstone["id"] for tombstone in deleted] == [record["id"]]
    assert kept(model, record) == {}


def test_without_a_transaction_a_deletion_of_many_is_not_refused_afterwards(model: ShareableModel) -> None:
    record = model.create_record({})
    guard = model.guard = Guard({}, lets_in=False)

    tombstones = model.delete_records()

    assert [tombstone["id"] for tombstone in tombstones] == [record["id"]]
    assert guard.told == []
    assert kept(model, record) == {}
