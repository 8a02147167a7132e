"""No answer tells whether a record exists that one may not read, nor when it changed."""

from collections.abc import Callable
from typing import Any

import pytest
from webtest import TestApp

from tests.sharing import TOADSTOOLS, allow, created, user_id

BOB = user_id("bob")
MISSING = "00000000-0000-4000-8000-00000000000a"
DATA = {"name": "fly agaric"}
SECRET = "death cap"

Answer = tuple[int, list[tuple[str, str]], bytes]


def send(client: TestApp, method: str, path: str, **headers: str) -> Answer:
    """The whole answer to a request about a record."""
    options: dict[str, Any] = {"headers": {name.replace("_", "-"): text for name, text in headers.items()}}
    call: Callable[..., Any] = getattr(client, method)
    if method in ("put_json", "patch_json", "post_json"):
        options["params"] = {"data": DATA}
    response = call(path, status="*", **options)
    return response.status_int, sorted(response.headers.items()), response.body


METHODS = ["get", "head", "put_json", "patch_json", "delete"]


@pytest.mark.parametrize("condition", [{}, {"If_Match": '"1"'}, {"If_None_Match": "*"}])
@pytest.mark.parametrize("method", METHODS)
def test_a_record_of_somebody_else_is_as_one_that_does_not_exist(
    app: TestApp, bob: TestApp, method: str, condition: dict[str, str]
) -> None:
    hidden = created(app, name=SECRET)
    app.app.registry.settings["toadstool_create_principals"] = "nobody"

    answers = [send(bob, method, path, **condition) for path in (hidden, f"{TOADSTOOLS}/{MISSING}")]

    assert answers[0] == answers[1]
    assert answers[0][0] == 403


@pytest.mark.parametrize("method", METHODS)
def test_who_may_read_another_record_does_not_learn_of_one_either(
    app: TestApp, bob: TestApp, method: str
) -> None:
    hidden = created(app, name=SECRET)
    created(app, read=[BOB], write=[BOB])
    app.app.registry.settings["toadstool_create_principals"] = "nobody"

    answers = [send(bob, method, path) for path in (hidden, f"{TOADSTOOLS}/{MISSING}")]

    assert answers[0] == answers[1]


@pytest.mark.parametrize("method", ["get", "head", "patch_json", "delete"])
def test_a_bookmark_of_somebody_else_is_as_one_that_does_not_exist(
    app: TestApp, bob: TestApp, method: str
) -> None:
    bookmark = app.post_json("/v1/bookmarks", {"data": {"url": "http://a/"}}).json["data"]["id"]

    answers = [send(bob, method, f"/v1/bookmarks/{record_id}") for record_id in (bookmark, MISSING)]

    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_in_a_batch_they_are_alike_too(app: TestApp, bob: TestApp) -> None:
    hidden = created(app, name=SECRET).rpartition("/")[2]
    app.app.registry.settings["toadstool_create_principals"] = "nobody"

    def batch(record_id: str) -> str:
        path = f"{TOADSTOOLS}/{record_id}"
        requests: list[dict[str, Any]] = [{"path": path, "method": method} for method in ("GET", "DELETE")]
        requests += [{"path": path, "method": method, "body": {"data": DATA}} for method in ("PUT", "PATCH")]
        answer: str = bob.post_json("/v1/batch", {"requests": requests}).text
        return answer.replace(record_id, "ID")

    assert batch(hidden) == batch(MISSING)


@pytest.mark.parametrize("shares", [False, True])
@pytest.mark.parametrize("body", [{"id": "hidden"}, {"code": "taken"}])
def test_a_post_that_meets_a_hidden_record_is_refused_without_a_word_about_it(
    app: TestApp, bob: TestApp, body: dict[str, str], shares: bool
) -> None:
    data = {"name": SECRET, "code": "taken"}
    hidden = app.post_json(TOADSTOOLS, {"data": data}).json["data"]
    if shares:
        created(app, read=[BOB])
    sent = {"id": hidden["id"]} if "id" in body else body

    for headers in ({}, {"If-None-Match": "*"}):
        answer = bob.post_json(TOADSTOOLS, {"data": {**DATA, **sent}}, headers=headers, status=403)
        assert answer.json["errno"] == 121
        assert "ETag" not in answer.headers
        assert hidden["id"] not in answer.text


@pytest.mark.parametrize("method", ["put_json", "patch_json"])
def test_a_unique_field_of_a_hidden_record_is_all_that_a_conflict_tells(
    app: TestApp, bob: TestApp, method: str
) -> None:
    hidden = app.post_json(TOADSTOOLS, {"data": {"name": SECRET, "code": "taken"}}).json["data"]
    path = created(bob) if method == "patch_json" else f"{TOADSTOOLS}/{MISSING}"

    answer = getattr(bob, method)(path, {"data": {**DATA, "code": "taken"}}, status=409)

    assert answer.json["details"] == {"field": "code"}
    assert answer.json["message"] == "Conflict of field code"
    assert hidden["id"] not in answer.text
    assert "ETag" not in answer.headers


def test_a_conflict_with_a_record_that_one_may_read_shows_it(app: TestApp, bob: TestApp) -> None:
    data = {"data": {"name": "a", "code": "taken"}, "permissions": {"read": [BOB]}}
    existing = app.post_json(TOADSTOOLS, data).json["data"]
    sent = {"data": {**DATA, "code": "taken"}}

    posted = bob.post_json(TOADSTOOLS, sent, status=200)
    put = bob.put_json(f"{TOADSTOOLS}/{MISSING}", sent, status=409)

    assert posted.json["data"] == put.json["details"]["existing"] == existing


def test_nobody_learns_when_a_hidden_record_was_deleted(app: TestApp, bob: TestApp) -> None:
    path = created(app, name=SECRET)
    buried = app.delete(path).headers["ETag"]
    places = [(path, buried), (path, '"1"'), (f"{TOADSTOOLS}/{MISSING}", buried)]

    answers = [send(bob, "put_json", place, If_Match=tag) for place, tag in places]

    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 412


def test_who_may_read_everything_may_revive_a_record_on_a_condition(app: TestApp, bob: TestApp) -> None:
    allow(app, "/toadstools", "read", BOB)
    path = created(app, name=SECRET)
    buried = app.delete(path).headers["ETag"]

    stale = bob.put_json(path, {"data": DATA}, headers={"If-Match": '"1"'}, status=412)
    bob.put_json(path, {"data": DATA}, headers={"If-Match": buried}, status=201)

    assert stale.headers["ETag"] == buried


@pytest.mark.parametrize("header", ["If_Match", "If_None_Match"])
def test_who_may_only_create_does_not_learn_when_the_collection_changed(
    app: TestApp, bob: TestApp, header: str
) -> None:
    allow(app, "/toadstools", "read", user_id("ada"))
    created(app, name=SECRET)
    current = app.get(TOADSTOOLS).headers["ETag"]

    answers = [send(bob, "post_json", TOADSTOOLS, **{header: tag}) for tag in (current, '"1"')]

    assert answers[0][0] == answers[1][0] == (412 if header == "If_Match" else 201)
    if header == "If_Match":
        assert answers[0] == answers[1]
        assert "ETag" not in dict(answers[0][1])


def test_who_may_read_the_collection_may_create_on_a_condition(app: TestApp) -> None:
    allow(app, "/toadstools", "read", user_id("ada"))
    created(app)
    current = app.get(TOADSTOOLS).headers["ETag"]

    stale = send(app, "post_json", TOADSTOOLS, If_Match='"1"')
    fresh = send(app, "post_json", TOADSTOOLS, If_Match=current)

    assert (stale[0], dict(stale[1])["ETag"], fresh[0]) == (412, current, 201)


LISTS: list[tuple[str, dict[str, str]]] = [
    ("", {}),
    ("?_limit=1", {}),
    ("?_limit=1&_sort=name", {}),
    ("?_sort=season,-name", {}),
    ("?_since=1", {}),
    ("?_before=99999999999999", {}),
    ("?name=death%20cap", {}),
    ("?_fields=name", {}),
    ("?not_season=fall&_limit=2", {}),
    ("", {"If_Match": '"1"'}),
    ("", {"If_Match": "*"}),
    ("", {"If_None_Match": '"1"'}),
    ("", {"If_None_Match": "*"}),
]


@pytest.mark.parametrize("shares", [True, False])
def test_nothing_in_a_list_changes_with_records_that_one_may_not_read(
    app: TestApp, bob: TestApp, shares: bool
) -> None:
    for name in "ab" if shares else "":
        created(app, name=name, read=[BOB])
    paths = [created(app, name=SECRET) for _ in range(2)]

    def lists() -> list[Answer]:
        return [send(bob, "get", TOADSTOOLS + query, **headers) for query, headers in LISTS]

    before = lists()
    created(app, name=SECRET)
    after_creation = lists()
    app.patch_json(paths[0], {"data": {"season": "fall"}})
    after_change = lists()
    app.delete(paths[1])
    after_deletion = lists()

    assert before == after_creation == after_change == after_deletion
    assert {status for status, *_ in before} == ({200, 412, 304} if shares else {403})


def test_a_deletion_tells_nothing_of_records_that_one_may_not_write(app: TestApp, bob: TestApp) -> None:
    created(app, read=[BOB])
    paths = [created(app, name=SECRET) for _ in range(2)]

    before = send(bob, "delete", TOADSTOOLS, If_Match='"1"')
    app.delete(paths[0])
    after = send(bob, "delete", TOADSTOOLS, If_Match='"1"')

    assert before == after
    assert before[0] == 403


def test_a_failed_condition_of_a_deletion_does_not_change_with_hidden_records(
    app: TestApp, bob: TestApp
) -> None:
    created(app, write=[BOB])
    path = created(app, name=SECRET)

    before = send(bob, "delete", TOADSTOOLS, If_Match='"1"')
    app.patch_json(path, {"data": {"season": "fall"}})
    after = send(bob, "delete", TOADSTOOLS, If_Match='"1"')

    assert before == after
    assert before[0] == 412


def test_the_next_page_is_the_same_whatever_came_between(app: TestApp, bob: TestApp) -> None:
    for name in "abc":
        created(app, name=name, read=[BOB])
    first = bob.get(f"{TOADSTOOLS}?_limit=2")
    before = send(bob, "get", first.headers["Next-Page"])

    created(app, name=SECRET)

    assert send(bob, "get", first.headers["Next-Page"]) == before
