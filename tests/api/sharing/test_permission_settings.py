"""Who may do what with shared records: by entries, by settings, as a member of a group, or as anybody."""

from typing import Any
from urllib.parse import quote

import pytest
from webtest import TestApp

from cliquet_like.testing.app import basic_auth, make_client, sign_in
from tests.sharing import EVERYBODY_CREATES, TOADSTOOLS, allow, created, user_id

ADA, BOB = user_id("ada"), user_id("bob")
UUID = "00000000-0000-4000-8000-000000000001"
PATH = f"{TOADSTOOLS}/{UUID}"
DATA = {"data": {"name": "amanita"}}


@pytest.fixture
def granted() -> dict[str, str]:
    return {}


@pytest.fixture
def anybody(app: TestApp) -> TestApp:
    return sign_in(app, None)


@pytest.fixture
def settings(app: TestApp) -> Any:
    """Settings of the application; they are as they were after the test."""
    return app.app.registry.settings


def statuses(client: TestApp, path: str) -> dict[str, int]:
    """What each method of a record answers; the record is the same afterwards, unless it is gone."""
    return {
        "GET": client.get(path, status="*").status_code,
        "PUT": client.put_json(path, DATA, status="*").status_code,
        "PATCH": client.patch_json(path, DATA, status="*").status_code,
        "DELETE": client.delete(path, status="*").status_code,
    }


READER = {"GET": 200, "PUT": 403, "PATCH": 403, "DELETE": 403}
WRITER = {"GET": 200, "PUT": 200, "PATCH": 200, "DELETE": 200}
NOBODY = {"GET": 403, "PUT": 403, "PATCH": 403, "DELETE": 403}
UNKNOWN = {"GET": 401, "PUT": 401, "PATCH": 401, "DELETE": 401}


def shared(app: TestApp, **permissions: list[str]) -> str:
    """Path of a new record of Ada."""
    app.app.registry.settings.update(EVERYBODY_CREATES)
    path = created(app, **permissions)
    for name in EVERYBODY_CREATES:
        del app.app.registry.settings[name]
    return path


def test_who_created_a_record_may_do_everything(app: TestApp) -> None:
    assert statuses(app, shared(app)) == WRITER


@pytest.mark.parametrize("principal", [BOB, "system.Everyone", "system.Authenticated", "group:mycologists"])
@pytest.mark.parametrize(("permission", "expected"), [("read", READER), ("write", WRITER)])
def test_a_principal_of_a_user_may_do_what_the_entry_says(
    app: TestApp, bob: TestApp, principal: str, permission: str, expected: dict[str, int]
) -> None:
    app.app.registry.permission.add_user_principal(BOB, "group:mycologists")
    path = shared(app, **{permission: [principal]})

    assert statuses(bob, path) == expected


@pytest.mark.parametrize("principal", [user_id("eve"), BOB.partition(":")[2], "group:cooks", "bob", "*"])
def test_another_principal_may_do_nothing(app: TestApp, bob: TestApp, principal: str) -> None:
    path = shared(app, read=[principal], write=[principal])

    assert statuses(bob, path) == NOBODY


def test_an_entry_in_the_form_of_cliquet_2_counts(app: TestApp, bob: TestApp) -> None:
    path = shared(app, read=[BOB.replace(":", "_")])

    assert statuses(bob, path) == READER


@pytest.mark.parametrize("permissions", [{}, {"write": ["system.Authenticated"]}])
def test_who_is_not_signed_in_is_asked_to(
    app: TestApp, anybody: TestApp, permissions: dict[str, list[str]]
) -> None:
    assert statuses(anybody, shared(app, **permissions)) == UNKNOWN


def test_who_is_not_signed_in_may_write_what_everyone_may(app: TestApp, anybody: TestApp) -> None:
    path = shared(app, write=["system.Everyone"])

    answer = anybody.patch_json(path, DATA)

    assert answer.json["permissions"]["write"] == sorted([ADA, "system.Everyone"])


def test_who_leaves_a_group_may_do_nothing_any_more(app: TestApp, bob: TestApp) -> None:
    permission = app.app.registry.permission
    permission.add_user_principal(BOB, "group:cooks")
    path = shared(app, read=["group:cooks"])
    before = bob.get(path).status_code

    permission.remove_principal("group:cooks")

    assert (before, bob.get(path, status="*").status_code) == (200, 403)


# To create


def test_nobody_may_create_unless_somebody_says_so(app: TestApp) -> None:
    app.post_json(TOADSTOOLS, DATA, status=403)
    app.put_json(PATH, DATA, status=403)


def test_an_entry_on_the_collection_lets_a_user_create(app: TestApp, bob: TestApp) -> None:
    allow(app, "/toadstools", "toadstool:create", ADA)

    app.post_json(TOADSTOOLS, DATA, status=201)
    app.put_json(PATH, DATA, status=201)
    app.put_json(PATH, DATA, status=200)
    bob.post_json(TOADSTOOLS, DATA, status=403)
    bob.put_json(PATH, DATA, status=403)


def test_who_may_create_may_not_replace(app: TestApp, bob: TestApp) -> None:
    allow(app, "/toadstools", "toadstool:create", ADA, BOB)
    app.put_json(PATH, DATA, status=201)

    bob.put_json(PATH, DATA, status=403)


def test_who_may_write_what_is_gone_may_not_create_it_again(app: TestApp, bob: TestApp) -> None:
    path = shared(app, write=[BOB])

    bob.delete(path)

    bob.put_json(path, DATA, status=403)


def test_a_permission_to_create_something_else_does_not_count(app: TestApp) -> None:
    allow(app, "/toadstools", "create", ADA)
    allow(app, "/toadstools", "page:create", ADA)
    allow(app, "/toadstool", "toadstool:create", ADA)

    app.post_json(TOADSTOOLS, DATA, status=403)


# Settings


@pytest.mark.parametrize("principals", ["system.Authenticated", f"nobody {BOB}", "group:cooks x", "other"])
def test_a_setting_decides_who_creates(
    app: TestApp, bob: TestApp, settings: dict[str, Any], principals: str
) -> None:
    app.app.registry.permission.add_user_principal(BOB, "group:cooks")
    allow(app, "/toadstools", "toadstool:create", BOB)
    settings["toadstool_create_principals"] = principals
    expected = 403 if principals == "other" else 201

    assert bob.post_json(TOADSTOOLS, DATA, status="*").status_code == expected
    assert bob.put_json(PATH, DATA, status="*").status_code == expected


@pytest.mark.parametrize(("permission", "expected"), [("read", READER), ("write", WRITER)])
def test_a_setting_decides_for_all_records(
    app: TestApp, bob: TestApp, settings: dict[str, Any], permission: str, expected: dict[str, int]
) -> None:
    path = shared(app)
    settings[f"toadstool_{permission}_principals"] = BOB

    assert statuses(bob, path) == expected


@pytest.mark.parametrize("reader", ["carl", ADA])
def test_a_setting_for_writing_includes_reading_unless_another_says_who_reads(
    app: TestApp, bob: TestApp, settings: dict[str, Any], reader: str
) -> None:
    path = shared(app)
    settings["toadstool_write_principals"] = BOB
    listed = bob.get(TOADSTOOLS).json["data"]
    settings["toadstool_read_principals"] = reader

    assert len(listed) == 1
    assert statuses(bob, path) == {**WRITER, "GET": 403}
    bob.get(TOADSTOOLS, status=403)


def test_who_may_read_everything_by_a_setting_is_told_what_does_not_exist(
    app: TestApp, bob: TestApp, settings: dict[str, Any]
) -> None:
    settings["toadstool_read_principals"] = "system.Everyone"

    assert bob.get(PATH, status=404).json["errno"] == 110
    bob.get(f"{TOADSTOOLS}/not-an-id", status=400)


def test_a_setting_may_let_everybody_read(app: TestApp, anybody: TestApp, settings: dict[str, Any]) -> None:
    path = shared(app)
    settings["toadstool_read_principals"] = "system.Everyone"

    assert len(anybody.get(TOADSTOOLS).json["data"]) == 1
    assert anybody.get(path).json["permissions"] == {"write": [ADA]}


def test_a_setting_is_read_from_the_start() -> None:
    app = make_client("tests.resources", **{"testapp.toadstool_create_principals": "system.Authenticated"})

    app.post_json(TOADSTOOLS, DATA, status=201)


# Which object a request is about


def test_resources_whose_paths_begin_alike_have_their_own_permissions(app: TestApp) -> None:
    allow(app, "/page", "leaf:create", ADA)
    allow(app, "/page", "read", ADA)

    app.post_json("/v1/page", {"data": {}}, status=201)
    app.post_json("/v1/pages", {"data": {}}, status=403)
    app.get("/v1/pages", status=403)


def test_a_path_in_another_spelling_is_the_same_object(app: TestApp, bob: TestApp) -> None:
    allow(app, "/shelves", "shelve:create", ADA)
    app.put_json(f"/v1/shelves/{quote('été')}", {"data": {}, "permissions": {"read": [BOB]}}, status=201)

    spelled = [quote("été"), "%c3%A9t%C3%A9", "".join(f"%{byte:02x}" for byte in "été".encode())]

    assert {bob.get(f"/v1/shelves/{spelling}").json["data"]["id"] for spelling in spelled} == {"été"}
    for spelling in spelled:
        bob.delete(f"/v1/shelves/{spelling}", status=403)


def test_the_variables_of_a_path_are_part_of_the_object(app: TestApp, bob: TestApp) -> None:
    allow(app, "/shelves/a/books", "book:create", ADA)
    body = app.post_json("/v1/shelves/a/books", {"data": {}, "permissions": {"read": [BOB]}}, status=201).json

    app.post_json("/v1/shelves/b/books", {"data": {}}, status=403)
    assert body["permissions"] == {"read": [BOB], "write": [ADA]}
    assert bob.get("/v1/shelves/a/books/word").json["data"] == body["data"]
    bob.get("/v1/shelves/b/books/word", status=403)
    assert bob.get("/v1/shelves/a/books").json["data"] == [body["data"]]
    bob.get("/v1/shelves/b/books", status=403)


def test_a_service_without_resource_asks_for_its_own_permission(app: TestApp, anybody: TestApp) -> None:
    app.post("/v1/flush", status=403)
    anybody.post("/v1/flush", status=401)
    allow(app, "/flush", "flush", ADA)

    facts = app.post("/v1/flush").json

    assert facts == {
        "required": None,
        "record": None,
        "collection": False,
        "resource": None,
        "allowed": [],
        "shared": [],
        "object": "/flush",
    }


# Batches


def as_user(user: str, method: str, path: str, **body: Any) -> dict[str, Any]:
    headers = {"Authorization": basic_auth(user)}
    return {"method": method, "path": path, "headers": headers, **({"body": body} if body else {})}


def test_each_request_of_a_batch_may_have_another_user(app: TestApp) -> None:
    allow(app, "/toadstools", "toadstool:create", ADA)
    app.app.registry.permission.add_user_principal(BOB, "group:cooks")
    permissions = {"read": ["group:cooks"]}
    requests = [
        {"method": "PUT", "path": PATH, "body": {**DATA, "permissions": permissions}},
        as_user("bob", "GET", PATH),
        as_user("bob", "DELETE", PATH),
        as_user("eve", "GET", PATH),
        {"path": PATH},
    ]

    answers = app.post_json("/v1/batch", {"requests": requests}).json["responses"]

    assert [answer["status"] for answer in answers] == [201, 200, 403, 403, 200]


def test_in_a_batch_permissions_are_those_of_the_moment(app: TestApp) -> None:
    allow(app, "/toadstools", "toadstool:create", ADA)
    give, take = ({"permissions": {"read": readers}} for readers in ([BOB], []))
    requests = [
        {"method": "PUT", "path": PATH, "body": DATA},
        as_user("bob", "GET", PATH),
        {"method": "PATCH", "path": PATH, "body": give},
        as_user("bob", "GET", PATH),
        {"method": "PATCH", "path": PATH, "body": take},
        as_user("bob", "GET", PATH),
        {"method": "DELETE", "path": PATH},
        {"path": PATH},
    ]

    answers = app.post_json("/v1/batch", {"requests": requests}).json["responses"]

    assert [answer["status"] for answer in answers] == [201, 403, 200, 200, 200, 403, 200, 403]
