"""Lists of users who may read, or delete, some records only."""

from typing import Any

import pytest
from webtest import TestApp

from cliquet_like.testing.app import sign_in
from tests.sharing import TOADSTOOLS, allow, created, names, user_id

BOB = user_id("bob")
FOR_BOB = {"read": [BOB]}


@pytest.fixture
def paths(app: TestApp) -> dict[str, str]:
    """Paths by name of Ada's toadstools: Bob may read the vowels, and write a and e; z is the newest."""
    permissions: dict[str, Any] = {name: FOR_BOB for name in "aeio"}
    permissions |= {name: {"write": [BOB]} for name in "ae"}
    return {name: created(app, name=name, **permissions.get(name, {})) for name in "abecidoz"}


def tag(client: TestApp, path: str) -> str:
    etag: str = client.get(path).headers["ETag"]
    return etag


def test_a_list_has_the_records_that_one_may_read(bob: TestApp, paths: dict[str, str]) -> None:
    response = bob.get(TOADSTOOLS)

    assert [record["name"] for record in response.json["data"]] == ["o", "i", "e", "a"]
    assert response.headers["Total-Records"] == "4"
    assert response.headers["ETag"] == tag(bob, paths["o"])
    assert response.headers["Last-Modified"] == bob.get(paths["o"]).headers["Last-Modified"]


def test_who_has_no_record_to_read_has_no_list(app: TestApp, paths: dict[str, str]) -> None:
    eve, nobody = sign_in(app, "eve"), sign_in(app, None)

    assert eve.get(TOADSTOOLS, status=403).json["errno"] == 121
    assert nobody.get(TOADSTOOLS, status=401).json["errno"] == 104


def test_an_entry_on_the_collection_shows_all_of_it(
    app: TestApp, bob: TestApp, paths: dict[str, str]
) -> None:
    allow(app, "/toadstools", "read", BOB)

    response = bob.get(TOADSTOOLS)

    assert "".join(record["name"] for record in response.json["data"]) == "zodiceba"
    bob.get(TOADSTOOLS, headers={"If-None-Match": response.headers["ETag"]}, status=304)


def test_records_of_a_group_and_of_everybody_are_in_the_list(app: TestApp, bob: TestApp) -> None:
    app.app.registry.permission.add_user_principal(BOB, "group:cooks")
    created(app, name="group", read=["group:cooks"])
    created(app, name="known", read=["system.Authenticated"])
    created(app, name="all", write=["system.Everyone"])
    created(app, name="hidden")

    assert names(bob) == ["all", "known", "group"]
    assert names(sign_in(app, None)) == ["all"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?_sort=name", "aeio"),
        ("?_sort=-name", "oiea"),
        ("?name=b", ""),
        ("?name=e", "e"),
        ("?in_name=a,b,o", "oa"),
        ("?not_name=a&_sort=name", "eio"),
        ("?_since=1", "oiea"),
        ("?_before=1", ""),
    ],
)
def test_a_query_is_about_the_records_that_one_may_read(
    bob: TestApp, paths: dict[str, str], query: str, expected: str
) -> None:
    response = bob.get(TOADSTOOLS + query)

    assert "".join(record["name"] for record in response.json["data"]) == expected
    assert response.headers["Total-Records"] == str(len(expected))
    assert response.headers["ETag"] == tag(bob, paths["o"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [("?_limit=1", "oiea"), ("?_limit=3", "oiea"), ("?_limit=2&_sort=name", "aeio"), ("?_limit=4", "oiea")],
)
def test_pages_are_made_of_the_records_that_one_may_read(
    bob: TestApp, paths: dict[str, str], query: str, expected: str
) -> None:
    url, found, totals, tags = TOADSTOOLS + query, "", set(), set()

    for _ in range(len(expected)):
        response = bob.get(url)
        found += "".join(record["name"] for record in response.json["data"])
        totals.add(response.headers["Total-Records"])
        tags.add(response.headers["ETag"])
        if "Next-Page" not in response.headers:
            break
        url = response.headers["Next-Page"]

    assert (found, totals, tags) == (expected, {"4"}, {tag(bob, paths["o"])})
    assert "Next-Page" not in response.headers


def test_since_and_before_are_about_the_records_that_one_may_read(
    bob: TestApp, paths: dict[str, str]
) -> None:
    since = tag(bob, paths["e"])

    assert names(bob, f"{TOADSTOOLS}?_since={since}") == ["o", "i"]
    assert names(bob, f"{TOADSTOOLS}?_before={since}") == ["a"]
    assert names(bob, f"{TOADSTOOLS}?_since={tag(bob, TOADSTOOLS)}") == []


def test_a_list_of_shared_records_is_never_said_to_be_unchanged(
    app: TestApp, bob: TestApp, paths: dict[str, str]
) -> None:
    headers = {"If-None-Match": tag(bob, TOADSTOOLS)}
    before = names(bob, headers=headers)

    app.patch_json(paths["a"], {"permissions": {"write": []}})

    assert before == ["o", "i", "e", "a"]
    assert names(bob, headers=headers) == ["o", "i", "e"]


@pytest.mark.parametrize(("wanted", "status"), [("newest", 200), ('"1"', 412), ("*", 200)])
def test_a_list_may_be_read_on_a_condition(
    bob: TestApp, paths: dict[str, str], wanted: str, status: int
) -> None:
    newest = tag(bob, paths["o"])

    response = bob.get(
        TOADSTOOLS, headers={"If-Match": newest if wanted == "newest" else wanted}, status=status
    )

    assert response.headers["ETag"] == newest


def test_a_list_that_exists_is_not_sent_to_who_wants_it_only_if_it_does_not(
    bob: TestApp, paths: dict[str, str]
) -> None:
    answer = bob.get(TOADSTOOLS, headers={"If-None-Match": "*"}, status=304)

    assert answer.headers["ETag"] == tag(bob, paths["o"])


def test_the_list_of_a_shelf_has_nothing_of_what_lies_beside_or_below(app: TestApp, bob: TestApp) -> None:
    for path in ("/v1/shelves/a", "/v1/shelves/a/books/x", "/v1/shelves/ab/books/y"):
        app.put_json(path, {"data": {}, "permissions": FOR_BOB}, status=201)

    ids = {path: bob.get(path).json["data"][0]["id"] for path in ("/v1/shelves", "/v1/shelves/a/books")}

    assert ids == {"/v1/shelves": "a", "/v1/shelves/a/books": "x"}
    assert bob.get("/v1/shelves").headers["Total-Records"] == "1"


def test_what_lies_below_a_record_gives_no_list_of_records(app: TestApp, bob: TestApp) -> None:
    created(app, name="hidden")
    allow(app, "/toadstools/a/b", "read", BOB)
    allow(app, "/toadstools/", "read", BOB)
    allow(app, "/toadstools/x", "fly", BOB)

    bob.get(TOADSTOOLS, status=403)


def test_an_entry_for_a_record_that_does_not_exist_gives_an_empty_list(app: TestApp, bob: TestApp) -> None:
    created(app, name="hidden")
    allow(app, "/toadstools/x", "read", BOB)

    response = bob.get(TOADSTOOLS)

    assert response.json["data"] == []
    assert (response.headers["Total-Records"], response.headers["ETag"]) == ("0", '"0"')


# Deletion


def test_a_deletion_takes_the_records_that_one_may_write(
    app: TestApp, bob: TestApp, paths: dict[str, str]
) -> None:
    answer = bob.delete(TOADSTOOLS)

    deleted = {tombstone["id"] for tombstone in answer.json["data"]}
    assert deleted == {paths[name].rpartition("/")[2] for name in "ae"}
    assert "".join(names(app)) == "zodicb"


def test_who_may_write_no_record_deletes_nothing(app: TestApp, bob: TestApp) -> None:
    created(app, **FOR_BOB)

    bob.delete(TOADSTOOLS, status=403)

    assert names(app) == ["amanita"]


def test_a_deletion_may_be_of_some_records(app: TestApp, bob: TestApp, paths: dict[str, str]) -> None:
    bob.delete(f"{TOADSTOOLS}?in_name=a,b,c,i")

    assert names(bob) == ["o", "i", "e"]
    assert "".join(names(app)) == "zodiceb"


def test_deleted_records_leave_no_trace_in_the_list(
    app: TestApp, bob: TestApp, paths: dict[str, str]
) -> None:
    app.delete(paths["i"])

    response = bob.get(f"{TOADSTOOLS}?_since=1")

    assert [record["name"] for record in response.json["data"]] == ["o", "e", "a"]
    assert response.headers["ETag"] == tag(bob, paths["o"])


def test_a_deletion_on_a_condition_compares_with_the_list_that_one_may_read(
    bob: TestApp, paths: dict[str, str]
) -> None:
    stale, listed = tag(bob, paths["e"]), bob.get(TOADSTOOLS).headers["ETag"]

    answer = bob.delete(TOADSTOOLS, headers={"If-Match": stale}, status=412)
    deleted = bob.delete(TOADSTOOLS, headers={"If-Match": listed}).json["data"]

    assert answer.headers["ETag"] == listed
    assert "existing" not in answer.json.get("details", {})
    assert len(deleted) == 2
