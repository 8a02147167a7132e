"""Permissions beside the data of a record: what is shown, and what a request changes."""

from typing import Any
from urllib.parse import quote, unquote

import pytest
from webtest import TestApp

from cliquet_like.testing.app import sign_in
from tests.sharing import TOADSTOOLS, created, permissions_of, user_id

ADA, BOB = user_id("ada"), user_id("bob")
UUID = "00000000-0000-4000-8000-000000000001"
PATH = f"{TOADSTOOLS}/{UUID}"
OBJECT = f"/toadstools/{UUID}"
DATA = {"name": "amanita"}


@pytest.fixture
def toadstool(app: TestApp) -> str:
    """Object id of a toadstool at ``PATH`` that Ada made, and that Bob and Carl may read."""
    permissions = {"read": ["carl", "bob"]}
    app.put_json(PATH, {"data": DATA, "permissions": permissions}, status=201)
    return OBJECT


def test_hello_shows_the_principal_of_the_user(app: TestApp) -> None:
    assert app.get("/v1/").json["user"]["id"] == ADA


def test_a_new_record_may_be_written_by_who_created_it(app: TestApp) -> None:
    body = app.post_json(TOADSTOOLS, {"data": DATA}, status=201).json

    assert body["permissions"] == {"write": [ADA]}
    assert set(body["data"]) == {"id", "last_modified", "name", "season"}


def test_permissions_are_sorted_lists_beside_the_data(app: TestApp, toadstool: str) -> None:
    body = app.get(PATH).json

    assert body["permissions"] == {"read": ["bob", "carl"], "write": [ADA]}
    assert "__permissions__" not in body["data"]


def test_a_post_gives_permissions(app: TestApp) -> None:
    permissions = {"read": ["b", "a", "b"], "write": ["c"]}

    body = app.post_json(TOADSTOOLS, {"data": DATA, "permissions": permissions}, status=201).json

    assert body["permissions"] == {"read": ["a", "b"], "write": sorted(["c", ADA])}
    object_id = f"/toadstools/{body['data']['id']}"
    assert permissions_of(app, object_id) == {"read": {"a", "b"}, "write": {"c", ADA}}


def test_a_post_of_what_exists_shows_its_permissions_and_changes_none(app: TestApp, toadstool: str) -> None:
    sent = {"data": {"id": UUID, "name": "other"}, "permissions": {"read": ["eve"]}}

    body = app.post_json(TOADSTOOLS, sent, status=200).json

    assert body["data"]["name"] == "amanita"
    assert body["permissions"] == {"read": ["bob", "carl"], "write": [ADA]}
    assert permissions_of(app, toadstool) == {"read": {"bob", "carl"}, "write": {ADA}}


@pytest.mark.parametrize("path", [TOADSTOOLS, PATH])
def test_a_list_and_a_deletion_show_no_permissions(app: TestApp, toadstool: str, path: str) -> None:
    listed = app.get(TOADSTOOLS).json
    deleted = app.delete(path).json

    assert set(listed) == set(deleted) == {"data"}
    assert "permissions" not in str(listed) + str(deleted)


def test_a_projection_shows_no_permissions(app: TestApp, toadstool: str) -> None:
    body = app.get(f"{PATH}?_fields=name").json

    assert set(body) == {"data"}
    assert set(body["data"]) == {"id", "last_modified", "name"}


@pytest.mark.parametrize("method", ["put_json", "patch_json"])
def test_a_failed_condition_shows_the_record_without_permissions(
    app: TestApp, toadstool: str, method: str
) -> None:
    sent = {"data": DATA, "permissions": {"read": ["eve"]}}

    details = getattr(app, method)(PATH, sent, headers={"If-Match": '"1"'}, status=412).json["details"]

    assert set(details["existing"]) == {"id", "last_modified", "name", "season"}
    assert permissions_of(app, toadstool)["read"] == {"bob", "carl"}


def test_a_conflict_shows_the_record_without_permissions(app: TestApp, toadstool: str) -> None:
    other = app.post_json(TOADSTOOLS, {"data": {**DATA, "code": "x"}}).json["data"]

    details = app.patch_json(PATH, {"data": {"code": "x"}}, status=409).json["details"]

    assert details == {"field": "code", "existing": other}


def test_who_may_only_read_a_record_sees_its_permissions(app: TestApp, bob: TestApp) -> None:
    path = created(app, read=[BOB])

    assert bob.get(path).json["permissions"] == {"read": [BOB], "write": [ADA]}


# What a request changes


def test_a_put_with_permissions_replaces_all_of_them(app: TestApp, toadstool: str) -> None:
    body = app.put_json(PATH, {"data": DATA, "permissions": {"write": ["eve"]}}, status=200).json

    assert body["permissions"] == {"read": [], "write": sorted([ADA, "eve"])}
    assert permissions_of(app, toadstool) == {"write": {ADA, "eve"}}


def test_a_put_with_an_empty_mapping_takes_all_permissions_from_others(app: TestApp, toadstool: str) -> None:
    body = app.put_json(PATH, {"data": DATA, "permissions": {}}).json

    assert body["permissions"] == {"read": [], "write": [ADA]}


def test_a_put_that_creates_answers_permissions_that_nobody_has(app: TestApp) -> None:
    body = app.put_json(PATH, {"data": DATA, "permissions": {}}, status=201).json

    assert body["permissions"] == {"read": [], "write": [ADA]}
    assert permissions_of(app, OBJECT) == {"write": {ADA}}


def test_a_put_without_permissions_leaves_them(app: TestApp, toadstool: str) -> None:
    body = app.put_json(PATH, {"data": {"name": "other"}}).json

    assert body["data"]["name"] == "other"
    assert body["permissions"] == {"read": ["bob", "carl"], "write": [ADA]}


def test_a_patch_changes_the_given_permissions_only(app: TestApp, toadstool: str) -> None:
    body = app.patch_json(PATH, {"data": {"season": "fall"}, "permissions": {"write": ["eve"]}}).json

    assert body["data"]["season"] == "fall"
    assert body["permissions"] == {"read": ["bob", "carl"], "write": sorted([ADA, "eve"])}


@pytest.mark.parametrize("permissions", [{"read": []}, {"read": [], "write": []}])
def test_an_empty_list_takes_a_permission_from_everybody_but_the_writer(
    app: TestApp, toadstool: str, permissions: dict[str, list[str]]
) -> None:
    app.patch_json(PATH, {"permissions": permissions})

    assert app.get(PATH).json["permissions"] == {"write": [ADA]}
    assert permissions_of(app, toadstool) == {"write": {ADA}}


def test_a_patch_of_permissions_alone_always_writes(app: TestApp, toadstool: str) -> None:
    before = app.get(PATH).json["data"]

    after = app.patch_json(PATH, {"permissions": {}}).json["data"]

    assert after.pop("last_modified") > before.pop("last_modified")
    assert after == before


def test_a_patch_without_a_change_writes_and_adds_the_user(app: TestApp, bob: TestApp) -> None:
    path = created(app, write=["system.Authenticated"])
    before = app.get(path).headers["ETag"]

    response = bob.patch_json(path, {"data": {}})

    assert response.headers["ETag"] != before
    assert response.json["permissions"]["write"] == sorted([ADA, BOB, "system.Authenticated"])


@pytest.mark.parametrize("behavior", ["light", "diff"])
def test_a_short_answer_shows_all_permissions(app: TestApp, toadstool: str, behavior: str) -> None:
    sent = {"data": {"season": "fall"}, "permissions": {"read": ["eve"]}}

    body = app.patch_json(PATH, sent, headers={"Response-Behavior": behavior}).json

    assert body["permissions"] == {"read": ["eve"], "write": [ADA]}
    assert body["data"] == ({"season": "fall"} if behavior == "light" else {})


def test_a_merge_patch_may_have_permissions(app: TestApp, toadstool: str) -> None:
    sent = {"data": {"season": None}, "permissions": {"read": ["eve"]}}
    headers = {"Content-Type": "application/merge-patch+json"}

    body = app.patch_json(PATH, sent, headers=headers).json

    assert body["permissions"] == {"read": ["eve"], "write": [ADA]}


@pytest.mark.parametrize("method", ["post_json", "put_json", "patch_json"])
def test_permissions_inside_of_the_data_are_none(app: TestApp, method: str) -> None:
    page = created(app, "/v1/pages")
    path = "/v1/pages" if method == "post_json" else page

    body = getattr(app, method)(path, {"data": {"__permissions__": {"read": ["eve"]}}}).json

    assert body["permissions"] == {"write": [ADA]}
    assert "__permissions__" not in body["data"]
    object_id = f"/pages/{body['data']['id']}"
    assert permissions_of(app, object_id) == {"write": {ADA}}
    assert "__permissions__" not in app.get(f"/v1{object_id}").json["data"]


def test_permissions_go_with_the_record(app: TestApp, toadstool: str) -> None:
    app.delete(PATH)

    assert permissions_of(app, toadstool) == {}
    app.put_json(PATH, {"data": DATA}, status=201)
    assert permissions_of(app, toadstool) == {"write": {ADA}}


def test_permissions_go_with_each_record_of_a_list(app: TestApp, bob: TestApp) -> None:
    mine, other = created(app), created(bob)

    app.delete(TOADSTOOLS)

    assert permissions_of(app, mine[3:]) == {}
    assert permissions_of(app, other[3:]) == {"write": {BOB}}


def test_a_new_record_takes_over_entries_of_its_path_from_who_may_write_by_them(app: TestApp) -> None:
    for permission, principal in (("read", "eve"), ("write", ADA)):
        app.app.registry.permission.add_principal_to_ace(OBJECT, permission, principal)

    body = app.put_json(PATH, {"data": DATA}, status=201).json

    assert body["permissions"] == {"write": [ADA]}


@pytest.mark.parametrize("method", ["put_json", "post_json"])
def test_a_new_record_does_not_take_over_entries_of_others(app: TestApp, method: str) -> None:
    app.app.registry.permission.add_principal_to_ace(OBJECT, "read", ADA)
    path = PATH if method == "put_json" else TOADSTOOLS

    getattr(app, method)(path, {"data": {"id": UUID, **DATA}}, status=403)

    assert permissions_of(app, OBJECT) == {"read": {ADA}}


# What is refused

WRONG: list[Any] = [
    ({"fly": ["a"]}, "permissions.fly"),
    ({"read": "a"}, "permissions.read"),
    (None, "permissions"),
]


@pytest.mark.parametrize("method", ["post_json", "put_json", "patch_json"])
@pytest.mark.parametrize(("permissions", "name"), WRONG)
def test_what_is_wrong_with_permissions_is_named(
    app: TestApp, toadstool: str, method: str, permissions: Any, name: str
) -> None:
    path = TOADSTOOLS if method == "post_json" else PATH

    answer = getattr(app, method)(path, {"data": DATA, "permissions": permissions}, status=400).json

    assert (answer["errno"], [detail["name"] for detail in answer["details"]]) == (107, [name])
    assert permissions_of(app, toadstool)["read"] == {"bob", "carl"}


@pytest.mark.parametrize("text", [r"\u0000", r"\ud800", r"a\udfffb"])
@pytest.mark.parametrize("body", ['{"read": ["%s"]}', '{"%s": ["a"]}'])
def test_a_principal_that_cannot_be_stored_is_refused(app: TestApp, body: str, text: str) -> None:
    sent = f'{{"data": {{"name": "a"}}, "permissions": {body % text}}}'

    app.post("/v1/shelves", sent, content_type="application/json", status=400)

    assert app.get("/v1/shelves", status=403).json["errno"] == 121


@pytest.mark.parametrize("body", ["", "{}", '{"other": 1}', '{"data": {}, "other": 1}'])
def test_a_patch_needs_data_or_permissions_and_nothing_else(app: TestApp, toadstool: str, body: str) -> None:
    app.patch(PATH, body, content_type="application/json", status=400)


def test_a_refused_permission_is_not_remembered_by_the_next_request(app: TestApp) -> None:
    bad, good = ({"data": DATA, "permissions": {name: ["a"]}} for name in ("fly", "read"))

    app.post_json(TOADSTOOLS, bad, status=400)
    first = app.post_json(TOADSTOOLS, good).json["permissions"]
    second = app.post_json(TOADSTOOLS, {"data": DATA}).json["permissions"]

    assert (first, second) == ({"read": ["a"], "write": [ADA]}, {"write": [ADA]})


def test_a_class_without_names_of_permissions_takes_any(app: TestApp) -> None:
    sent = {"data": {}, "permissions": {"book:create": ["a"], "read": []}}

    body = app.put_json("/v1/shelves/a", sent, status=201).json
    replaced = app.put_json("/v1/shelves/a", {"data": {}, "permissions": {"x": ["b"]}}).json

    assert body["permissions"]["book:create"] == ["a"]
    assert replaced["permissions"]["x"] == ["b"]


@pytest.mark.parametrize("principal", ["\u00e9" * 255, ADA])
def test_what_is_too_long_for_every_backend_is_refused(app: TestApp, principal: str) -> None:
    path = f"/v1/shelves/{'a' * 2400}/books"

    answer = app.post_json(path, {"data": {}, "permissions": {"read": [principal, "a" * 255]}}, status=400)

    assert "too long" in answer.json["message"]


@pytest.mark.parametrize("length", [2480, 4000])
@pytest.mark.parametrize("user", ["ada", None])
def test_a_path_that_is_too_long_for_its_creator_is_refused(
    app: TestApp, user: str | None, length: int
) -> None:
    client = sign_in(app, user)
    app.app.registry.settings["book_create_principals"] = "system.Everyone"
    path = f"/v1/shelves/{'a' * length}/books"

    answer = client.post_json(path, {"data": {}}, status=400)

    assert "too long" in answer.json["message"]


def test_entries_that_are_too_long_for_every_backend_are_refused(app: TestApp) -> None:
    longest = "\u00e9" * 255
    path, principals = f"/v1/shelves/{'a' * 1480}/books/{quote(longest)}", ["a", longest]

    answer = app.put_json(path, {"data": {}, "permissions": {"read": principals}}, status=400)
    app.put_json(path, {"data": {}, "permissions": {"read": principals[:1]}}, status=201)

    assert [detail["name"] for detail in answer.json["details"]] == ["permissions.read"]
    assert permissions_of(app, unquote(path[3:])) == {"read": {"a"}, "write": {ADA}}
