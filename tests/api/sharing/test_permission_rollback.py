"""Records and permissions are written together, by who has the permission then, or not at all."""

from collections.abc import Callable
from typing import Any

import pytest
from webtest import TestApp

from cliquet_like.testing.app import basic_auth
from tests.contracts import backends
from tests.sharing import created, permissions_of, user_id

ADA, BOB = user_id("ada"), user_id("bob")
CONTESTED = "/v1/contesteds"
UUID = "00000000-0000-4000-8000-000000000001"
PATH = f"{CONTESTED}/{UUID}"
CHANGE = {"data": {"name": "changed"}, "permissions": {"read": ["carl"]}}
WRITERS = {"write": [BOB]}


@pytest.fixture
def rolls_back(app: TestApp) -> bool:
    """Whether the backends undo what a refused request has written."""
    return app.app.registry.settings["storage_backend"].rpartition(".")[2] in backends.TRANSACTIONAL


def meanwhile(app: TestApp, act: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Have somebody else act between the decision and the writing of the next request."""
    app.app.registry.storage.meanwhile = lambda: act(*args, **kwargs)


def revoke(app: TestApp, path: str) -> None:
    app.app.registry.permission.remove_principal_from_ace(path[3:], "write", BOB)


SENDING = [("put_json", [CHANGE]), ("patch_json", [CHANGE]), ("delete", [])]


@pytest.mark.parametrize(("method", "body"), SENDING)
def test_who_loses_the_permission_before_the_write_is_refused(
    app: TestApp, bob: TestApp, rolls_back: bool, method: str, body: list[Any]
) -> None:
    path = created(app, CONTESTED, **WRITERS)
    before = app.get(path).json["data"]
    meanwhile(app, revoke, app, path)

    getattr(bob, method)(path, *body, status=403)

    assert permissions_of(app, path[3:]) == {"write": {ADA}}
    if rolls_back:
        assert app.get(path).json["data"] == before


@pytest.mark.parametrize(("method", "body"), SENDING[:2])
def test_who_keeps_the_permission_while_others_come_writes(
    app: TestApp, bob: TestApp, method: str, body: list[Any]
) -> None:
    path = created(app, CONTESTED, **WRITERS)
    add = app.app.registry.permission.add_principal_to_ace
    meanwhile(app, add, path[3:], "write", "dan")

    getattr(bob, method)(path, *body, status=200)

    after = permissions_of(app, path[3:])
    assert after["read"] == {"carl"}
    assert after["write"] == ({BOB} if method == "put_json" else {ADA, BOB, "dan"})


def test_a_deletion_takes_the_permissions_that_came_meanwhile(app: TestApp) -> None:
    path = created(app, CONTESTED)
    meanwhile(app, app.app.registry.permission.add_principal_to_ace, path[3:], "read", "dan")

    app.delete(path)

    assert permissions_of(app, path[3:]) == {}


def test_who_was_let_in_by_a_setting_writes_whatever_the_entries_are(app: TestApp, bob: TestApp) -> None:
    path = created(app, CONTESTED, **WRITERS)
    app.app.registry.settings["contested_write_principals"] = BOB
    meanwhile(app, revoke, app, path)

    bob.patch_json(path, CHANGE)

    assert permissions_of(app, path[3:]) == {"read": {"carl"}, "write": {ADA, BOB}}


def test_a_record_that_somebody_else_creates_first_is_not_replaced(app: TestApp, bob: TestApp) -> None:
    meanwhile(app, app.put_json, PATH, {"data": {"name": "first"}}, status=201)

    bob.put_json(PATH, CHANGE, status=403)

    assert app.get(PATH).json["data"]["name"] == "first"
    assert permissions_of(app, PATH[3:]) == {"write": {ADA}}


def test_a_record_that_is_shared_by_who_creates_it_first_is_replaced(app: TestApp, bob: TestApp) -> None:
    first = {"data": {"name": "first"}, "permissions": WRITERS}
    meanwhile(app, app.put_json, PATH, first, status=201)

    bob.put_json(PATH, CHANGE, status=200)

    assert permissions_of(app, PATH[3:]) == {"read": {"carl"}, "write": {BOB}}


@pytest.mark.parametrize("method", ["put_json", "patch_json"])
def test_a_change_of_what_is_deleted_first_is_decided_again(app: TestApp, bob: TestApp, method: str) -> None:
    path = created(app, CONTESTED, **WRITERS)
    app.app.registry.settings["contested_create_principals"] = ADA
    meanwhile(app, app.delete, path)

    getattr(bob, method)(path, CHANGE, status=403)

    assert permissions_of(app, path[3:]) == {}


def test_a_replacement_of_what_is_deleted_first_creates_where_one_may(app: TestApp, bob: TestApp) -> None:
    path = created(app, CONTESTED, **WRITERS)
    meanwhile(app, app.delete, path)

    bob.put_json(path, CHANGE, status=201)

    assert permissions_of(app, path[3:]) == {"read": {"carl"}, "write": {BOB}}


def test_a_change_that_comes_first_is_kept(app: TestApp, bob: TestApp) -> None:
    path = created(app, CONTESTED, **WRITERS)
    meanwhile(app, app.patch_json, path, {"data": {"theirs": 1}, "permissions": {"read": ["dan"]}})

    body = bob.patch_json(path, {"data": {"mine": 1}}).json

    assert (body["data"]["theirs"], body["data"]["mine"]) == (1, 1)
    assert body["permissions"] == {"read": ["dan"], "write": sorted([ADA, BOB])}


@pytest.mark.parametrize("others", [0, 1])
def test_a_record_that_is_taken_away_before_the_deletion_of_a_list_stays(
    app: TestApp, bob: TestApp, others: int
) -> None:
    taken, *_ = [created(app, CONTESTED, **WRITERS) for _ in range(1 + others)]
    meanwhile(app, app.patch_json, taken, {"permissions": {"write": []}})

    bob.delete(CONTESTED, status=200 if others else 403)

    assert [record["id"] for record in app.get(CONTESTED).json["data"]] == [taken.rpartition("/")[2]]
    assert permissions_of(app, taken[3:]) == {"write": {ADA}}


def test_in_a_batch_only_the_refused_request_is_undone(app: TestApp, bob: TestApp, rolls_back: bool) -> None:
    contested, other = created(app, CONTESTED, **WRITERS), created(app, "/v1/pages", **WRITERS)
    app.app.registry.settings["contested_write_principals"] = ""
    change = {"method": "PATCH", "body": CHANGE}
    taken = {"method": "POST", "path": "/v1/half", "body": {"text": "half", "then": "raised 409"}}
    meanwhile(app, revoke, app, contested)

    requests = [{**change, "path": contested}, {**change, "path": other}, taken]
    answers = bob.post_json("/v1/batch", {"requests": requests}).json["responses"]

    assert [answer["status"] for answer in answers] == [403, 200, 409]
    assert permissions_of(app, contested[3:]) == {"write": {ADA}}
    assert permissions_of(app, other[3:]) == {"read": {"carl"}, "write": {ADA, BOB}}
    if rolls_back:
        assert app.get(contested).json["data"]["name"] == "amanita"
    assert app.get(other).json["data"]["name"] == "changed"


@pytest.mark.parametrize(("ending", "status"), [("raised 503", 503), ("crash", 500)])
def test_a_failure_in_a_batch_undoes_records_and_permissions(
    app: TestApp, rolls_back: bool, ending: str, status: int
) -> None:
    if not rolls_back:
        pytest.skip("this backend has no transactions")
    kept, gone = created(app, "/v1/pages"), created(app, "/v1/pages", read=["dan"])
    requests = [
        {"method": "PATCH", "path": kept, "body": CHANGE},
        {"method": "DELETE", "path": gone},
        {"method": "PUT", "path": f"/v1/pages/{UUID}", "body": CHANGE},
        {"method": "POST", "path": "/v1/half", "body": {"text": "half", "then": ending}},
    ]

    app.post_json("/v1/batch", {"requests": requests}, status=status)

    assert permissions_of(app, kept[3:]) == {"write": {ADA}}
    assert permissions_of(app, gone[3:]) == {"read": {"dan"}, "write": {ADA}}
    assert permissions_of(app, f"/pages/{UUID}") == {}
    assert len(app.get("/v1/pages").json["data"]) == 2


def test_users_of_a_batch_have_their_own_groups(app: TestApp) -> None:
    path = created(app, "/v1/pages", read=["group:cooks"])
    app.app.registry.permission.add_user_principal(BOB, "group:cooks")
    users = ["bob", "eve", "bob"]
    requests = [{"path": path, "headers": {"Authorization": basic_auth(user)}} for user in users]

    answers = app.post_json("/v1/batch", {"requests": requests}).json["responses"]

    assert [answer["status"] for answer in answers] == [200, 403, 200]
