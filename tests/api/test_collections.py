from typing import Any

import pytest
from webtest import TestApp

RESOURCES = ("tests.resources.notes", "tests.resources.bookmarks")


@pytest.fixture
def notes(app: TestApp) -> list[dict[str, Any]]:
    """Five notes, oldest first."""
    bodies = [
        {"title": "MoFo", "status": 0},
        {"title": "MoCo", "status": 1},
        {"title": "MoFo", "status": 2, "author": {"name": "Ada"}},
        {"title": "33", "status": "2"},
        {"status": None},
    ]
    return [app.post_json("/v1/notes", {"data": body}).json["data"] for body in bodies]


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


def test_a_list_is_newest_first_with_its_headers(app: TestApp, notes: list[dict[str, Any]]) -> None:
    response = app.get("/v1/notes")

    assert response.json["data"] == notes[::-1]
    assert response.headers["Total-Records"] == "5"
    assert response.headers["ETag"] == f'"{notes[-1]["last_modified"]}"'
    assert response.headers["Last-Modified"].endswith("GMT")
    assert response.headers["Cache-Control"] == "no-cache"
    assert "Next-Page" not in response.headers


def test_head_has_the_headers_and_no_body(app: TestApp, notes: list[dict[str, Any]]) -> None:
    response = app.head("/v1/notes")

    assert response.body == b""
    assert response.headers["Total-Records"] == "5"


def test_an_empty_list_is_empty_and_has_a_lasting_timestamp(app: TestApp) -> None:
    first, second = app.get("/v1/notes"), app.get("/v1/notes")

    assert first.json == {"data": []}
    assert first.headers["Total-Records"] == "0"
    assert first.headers["ETag"] == second.headers["ETag"]


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ("title=MoFo", [2, 0]),
        ("title=33", []),
        ("title='33'", [3]),
        ("not_title=MoFo", [4, 3, 1]),
        ("in_title=MoCo,'33'", [3, 1]),
        ("exclude_title=MoCo,MoFo", [4, 3]),
        ("status=2", [2]),
        ("status='2'", [3]),
        ("status=None", [4]),
        ("min_status=1", [2, 1]),
        ("max_status=1", [1, 0]),
        ("gt_status=1", [2]),
        ("lt_status=1", [0]),
        ("author.name=Ada", [2]),
        ("author.nosuch=Ada", []),
        ("title=MoFo&status=0", [0]),
        ("title=nobody", []),
    ],
)
def test_each_filter(app: TestApp, notes: list[dict[str, Any]], query: str, positions: list[int]) -> None:
    response = app.get(f"/v1/notes?{query}")

    assert ids(response.json["data"]) == [notes[n]["id"] for n in positions]
    assert response.headers["Total-Records"] == str(len(positions))


def test_ids_and_timestamps_are_filtered_too(app: TestApp, notes: list[dict[str, Any]]) -> None:
    some = ",".join(ids(notes[:2]))
    when = notes[2]["last_modified"]

    assert ids(app.get(f"/v1/notes?in_id={some}").json["data"]) == ids(notes[1::-1])
    assert ids(app.get(f"/v1/notes?exclude_id={some}").json["data"]) == ids(notes[:1:-1])
    assert ids(app.get(f"/v1/notes?last_modified={when}").json["data"]) == [notes[2]["id"]]
    assert ids(app.get(f"/v1/notes?in_last_modified={when},1").json["data"]) == [notes[2]["id"]]


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ("_sort=title", [4, 3, 1, 2, 0]),
        ("_sort=-title,last_modified", [0, 2, 1, 3, 4]),
        ("_sort=status", [4, 0, 1, 2, 3]),
        ("_sort=last_modified", [0, 1, 2, 3, 4]),
        ("_sort=-author.name", [2, 4, 3, 1, 0]),
    ],
)
def test_each_order(app: TestApp, notes: list[dict[str, Any]], query: str, positions: list[int]) -> None:
    response = app.get(f"/v1/notes?{query}")

    assert ids(response.json["data"]) == [notes[n]["id"] for n in positions]


def test_booleans_sort_false_first(app: TestApp) -> None:
    for value in (True, False):
        app.post_json("/v1/notes", {"data": {"unread": value}})

    listed = app.get("/v1/notes?_sort=unread").json["data"]

    assert [note["unread"] for note in listed] == [False, True]


@pytest.mark.parametrize("quotes", ["", "%22"])
def test_polling_for_changes_sees_what_is_new_and_what_is_gone(
    app: TestApp, notes: list[dict[str, Any]], quotes: str
) -> None:
    since = f"{quotes}{notes[-1]['last_modified']}{quotes}"
    assert app.get(f"/v1/notes?_since={since}").json["data"] == []

    new = app.post_json("/v1/notes", {"data": {}}).json["data"]
    tombstone = app.delete(f"/v1/notes/{notes[0]['id']}").json["data"]
    response = app.get(f"/v1/notes?_since={since}")

    assert response.json["data"] == [tombstone, new]
    assert response.headers["Total-Records"] == "1"
    assert response.headers["ETag"] == f'"{tombstone["last_modified"]}"'


def test_deleted_records_can_be_chosen(app: TestApp, notes: list[dict[str, Any]]) -> None:
    tombstone = app.delete(f"/v1/notes/{notes[0]['id']}").json["data"]

    assert app.get("/v1/notes?_since=0&deleted=true").json["data"] == [tombstone]
    assert app.get("/v1/notes?deleted=true").json["data"] == []


def test_before_and_its_old_name(app: TestApp, notes: list[dict[str, Any]]) -> None:
    bound = notes[2]["last_modified"]

    new_name, old_name = app.get(f"/v1/notes?_before={bound}"), app.get(f"/v1/notes?_to={bound}")

    assert ids(new_name.json["data"]) == ids(notes[1::-1])
    assert old_name.json == new_name.json
    assert "_to is now deprecated, you should use _before instead" in old_name.headers["Alert"]
    assert "Alert" not in new_name.headers


def test_the_alert_of_a_retired_name_is_on_every_answer(app: TestApp, notes: list[dict[str, Any]]) -> None:
    tag = f'"{notes[-1]["last_modified"]}"'

    unmodified = app.get("/v1/notes?_to=9", headers={"If-None-Match": tag}, status=304)
    stale = app.get("/v1/notes?_to=9", headers={"If-Match": '"1"'}, status=412)

    assert "_to is now deprecated" in unmodified.headers["Alert"]
    assert "_to is now deprecated" in stale.headers["Alert"]


def test_fields_of_a_list_can_be_chosen(app: TestApp, notes: list[dict[str, Any]]) -> None:
    listed = app.get("/v1/notes?_fields=author.name,title&_sort=last_modified").json["data"]

    assert set(listed[0]) == {"id", "last_modified", "title"}
    assert listed[2]["author"] == {"name": "Ada"}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("nosuch=1", "nosuch"),
        ("_sort=nosuch", "_sort"),
        ("_fields=nosuch", "_fields"),
        ("_limit=abc", "_limit"),
        ("_token=abc", "_token"),
        ("_since=abc", "_since"),
        ("in_last_modified=a", "in_last_modified"),
        ("in_id=1", "in_id"),
        ("title=%ff", "querystring"),
    ],
)
def test_what_cannot_be_understood_is_named(app: TestApp, query: str, name: str) -> None:
    for response in (
        app.get(f"/v1/bookmarks?{query}", status=400),
        app.delete(f"/v1/bookmarks?{query}", status=400),
    ):
        assert response.json["errno"] == 107
        assert response.json["details"][0]["name"] == name
        assert response.json["details"][0]["location"] == "querystring"
        assert name in response.json["message"]


def test_all_records_are_deleted(app: TestApp, notes: list[dict[str, Any]]) -> None:
    response = app.delete("/v1/notes")

    tombstones = response.json["data"]
    assert sorted(ids(tombstones)) == sorted(ids(notes))
    assert all(set(entry) == {"id", "last_modified", "deleted"} for entry in tombstones)
    assert app.get("/v1/notes").json["data"] == []


def test_only_what_matches_is_deleted(app: TestApp, notes: list[dict[str, Any]]) -> None:
    app.delete("/v1/notes?title=MoFo")

    assert ids(app.get("/v1/notes").json["data"]) == ids([notes[4], notes[3], notes[1]])


def test_at_most_the_asked_number_is_deleted(app: TestApp, notes: list[dict[str, Any]]) -> None:
    first = app.get("/v1/notes?_sort=last_modified&_limit=2")
    query = first.headers["Next-Page"].partition("?")[2]

    app.delete(f"/v1/notes?{query}")

    assert ids(app.get("/v1/notes").json["data"]) == ids([notes[4], notes[1], notes[0]])


def test_anybody_may_keep_a_public_list(make_app: Any) -> None:
    app = make_app("tests.resources.mushrooms", user=None, mushroom_cache_expires_seconds=60)
    record = app.post_json("/v1/public/mushrooms", {"data": {}}).json["data"]

    for path in ("/v1/public/mushrooms", f"/v1/public/mushrooms/{record['id']}"):
        response = app.get(path)
        assert response.headers["Cache-Control"] == "max-age=60"
        assert "Expires" in response.headers


@pytest.mark.parametrize(("user", "seconds"), [("ada", 60), (None, 0), (None, "")])
def test_a_private_list_is_asked_for_each_time(make_app: Any, user: str | None, seconds: Any) -> None:
    app = make_app("tests.resources.mushrooms", user=user, mushroom_cache_expires_seconds=seconds)

    response = app.get("/v1/public/mushrooms")

    assert response.headers["Cache-Control"] == "no-cache"
    assert "Expires" not in response.headers
