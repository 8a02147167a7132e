"""Somebody else comes between the decision and the write of a resource that asks for more than it needs."""

from collections.abc import Callable
from typing import Any

import pytest
from webtest import TestApp

from tests.contracts import backends
from tests.sharing import allow, created, permissions_of, user_id

ADA, BOB = user_id("ada"), user_id("bob")
ASKING = "/v1/askings"
PATH = f"{ASKING}/00000000-0000-4000-8000-000000000001"
CHANGE = {"data": {"name": "changed"}, "permissions": {"read": ["carl"]}}
METHODS = pytest.mark.parametrize("method", ["put_json", "patch_json"])


@pytest.fixture
def rolls_back(app: TestApp) -> bool:
    """Whether the backends undo what a refused request has written."""
    return app.app.registry.settings["storage_backend"].rpartition(".")[2] in backends.TRANSACTIONAL


@pytest.fixture
def meanwhile(app: TestApp) -> Callable[..., None]:
    """Has somebody else act between the decision and the writing of the next request."""

    def arrange(act: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        app.app.registry.storage.meanwhile = lambda: act(*args, **kwargs)

    return arrange


@pytest.fixture
def only_bob_creates(app: TestApp) -> None:
    """Bob may create by an entry, and nobody else may."""
    app.app.registry.settings["asking_create_principals"] = ""
    allow(app, "/askings", "asking:create", BOB)


@METHODS
def test_who_loses_the_permission_to_write_is_refused_whatever_else_was_asked(
    app: TestApp, bob: TestApp, meanwhile: Callable[..., None], rolls_back: bool, method: str
) -> None:
    path = created(app, ASKING, read=[BOB], write=[BOB])
    before = app.get(path).json["data"]
    meanwhile(app.app.registry.permission.remove_principal_from_ace, path[3:], "write", BOB)

    getattr(bob, method)(path, CHANGE, status=403)

    assert permissions_of(app, path[3:]) == {"read": {BOB}, "write": {ADA}}
    if rolls_back:
        assert app.get(path).json["data"] == before


@METHODS
def test_who_loses_the_other_permission_only_writes(
    app: TestApp, bob: TestApp, meanwhile: Callable[..., None], method: str
) -> None:
    path = created(app, ASKING, read=[BOB], write=[BOB])
    meanwhile(app.app.registry.permission.remove_principal_from_ace, path[3:], "read", BOB)

    body = getattr(bob, method)(path, CHANGE, status=200).json

    assert (body["data"]["name"], body["data"]["readable"]) == ("changed", True)
    assert permissions_of(app, path[3:])["read"] == {"carl"}


@METHODS
def test_a_record_that_is_changed_and_taken_away_first_stays_as_it_is(
    app: TestApp, bob: TestApp, meanwhile: Callable[..., None], method: str
) -> None:
    path = created(app, ASKING, write=[BOB])
    meanwhile(app.patch_json, path, {"data": {"name": "kept"}, "permissions": {"read": [BOB], "write": []}})

    getattr(bob, method)(path, CHANGE, status=403)

    body = app.get(path).json
    assert (body["data"]["name"], body["permissions"]) == ("kept", {"read": [BOB], "write": [ADA]})


@pytest.mark.parametrize("permissions", [{}, {"read": [BOB]}])
def test_who_may_only_create_does_not_replace_what_appears_first(
    app: TestApp,
    bob: TestApp,
    meanwhile: Callable[..., None],
    only_bob_creates: None,
    permissions: dict[str, list[str]],
) -> None:
    allow(app, "/askings", "asking:create", ADA)
    meanwhile(app.put_json, PATH, {"data": {"name": "theirs"}, "permissions": permissions}, status=201)

    answer = bob.put_json(PATH, CHANGE, status=403)

    body = app.get(PATH).json
    assert (body["data"]["name"], body["permissions"]["write"]) == ("theirs", [ADA])
    assert permissions_of(app, PATH[3:]).get("read", set()) == set(permissions.get("read", ()))
    assert "theirs" not in answer.text


def test_who_may_write_but_not_create_does_not_make_again_what_disappears_first(
    app: TestApp, bob: TestApp, meanwhile: Callable[..., None]
) -> None:
    path = created(app, ASKING, write=[BOB])
    app.app.registry.settings["asking_create_principals"] = ADA
    meanwhile(app.delete, path)

    bob.put_json(path, CHANGE, status=403)

    assert app.get(ASKING, status="*").json.get("data", []) == []
    assert permissions_of(app, path[3:]) == {}


def test_who_may_create_makes_again_what_disappears_first(
    app: TestApp, bob: TestApp, meanwhile: Callable[..., None]
) -> None:
    path = created(app, ASKING, write=[BOB])
    meanwhile(app.delete, path)

    body = bob.put_json(path, CHANGE, status=201).json

    assert body["permissions"] == {"read": ["carl"], "write": [BOB]}


def test_a_record_that_is_there_by_the_time_of_the_creation_is_answered_to_who_may_read_it(
    app: TestApp, bob: TestApp, meanwhile: Callable[..., None]
) -> None:
    theirs = {"data": {"name": "theirs"}, "permissions": {"read": [BOB]}}
    meanwhile(app.put_json, PATH, theirs, status=201)

    body = bob.post_json(ASKING, {"data": {"id": PATH[-36:], "name": "mine"}}, status=200).json

    assert (body["data"]["name"], body["permissions"]) == ("theirs", {"read": [BOB], "write": [ADA]})


def test_a_record_that_is_hidden_and_there_by_the_time_of_the_creation_is_not_answered(
    app: TestApp, bob: TestApp, meanwhile: Callable[..., None]
) -> None:
    meanwhile(app.put_json, PATH, {"data": {"name": "theirs"}}, status=201)

    answer = bob.post_json(ASKING, {"data": {"id": PATH[-36:], "name": "mine"}}, status=403)

    assert "theirs" not in answer.text
    assert app.get(PATH).json["data"]["name"] == "theirs"
