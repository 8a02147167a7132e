import uuid
from typing import Any

import pytest
from webtest import TestApp

RESOURCES = ("tests.resources.notes", "tests.resources.bookmarks")


@pytest.fixture
def note(app: TestApp) -> dict[str, Any]:
    record: dict[str, Any] = app.post_json("/v1/notes", {"data": {"a": 1}}).json["data"]
    return record


def path_of(note: dict[str, Any]) -> str:
    return f"/v1/notes/{note['id']}"


def tag_of(note: dict[str, Any]) -> str:
    return f'"{note["last_modified"]}"'


def test_what_the_client_has_is_not_sent_again(app: TestApp, note: dict[str, Any]) -> None:
    for path in ("/v1/notes", path_of(note)):
        for value in (tag_of(note), f"W/{tag_of(note)}", f'"1", {tag_of(note)}', "*"):
            response = app.get(path, headers={"If-None-Match": value}, status=304)
            assert response.body == b""
            assert response.headers["ETag"] == tag_of(note)
            assert "Last-Modified" in response.headers
            assert response.headers["Cache-Control"] == "no-cache"
            assert "Content-Type" not in response.headers


def test_what_is_new_to_the_client_is_sent(app: TestApp, note: dict[str, Any]) -> None:
    for path in ("/v1/notes", path_of(note)):
        app.get(path, headers={"If-None-Match": '"1"'}, status=200)
        app.get(path, headers={"If-Match": tag_of(note)}, status=200)


@pytest.mark.parametrize("value", ['"1"', '"1", "2"', 'W/"1"', '"99999999999999999999"'])
def test_a_stale_write_changes_nothing(app: TestApp, note: dict[str, Any], value: str) -> None:
    headers = {"If-Match": value}

    for response in (
        app.get(path_of(note), headers=headers, status=412),
        app.put_json(path_of(note), {"data": {}}, headers=headers, status=412),
        app.patch_json(path_of(note), {"data": {"a": 2}}, headers=headers, status=412),
        app.delete(path_of(note), headers=headers, status=412),
    ):
        assert response.json["errno"] == 114
        assert response.json["message"] == "Resource was modified meanwhile"
        assert response.json["details"] == {"existing": note}
        assert response.headers["ETag"] == tag_of(note)
        assert "Last-Modified" in response.headers
    assert app.get("/v1/notes").json["data"] == [note]


def test_a_weak_tag_never_allows_a_write(app: TestApp, note: dict[str, Any]) -> None:
    app.delete(path_of(note), headers={"If-Match": f"W/{tag_of(note)}"}, status=412)


def test_a_stale_write_of_the_collection_changes_nothing(app: TestApp, note: dict[str, Any]) -> None:
    headers = {"If-Match": '"1"'}

    for response in (
        app.get("/v1/notes", headers=headers, status=412),
        app.post_json("/v1/notes", {"data": {}}, headers=headers, status=412),
        app.delete("/v1/notes", headers=headers, status=412),
    ):
        assert "details" not in response.json
        assert response.headers["ETag"] == tag_of(note)
    assert app.get("/v1/notes").json["data"] == [note]


def test_a_write_with_the_current_tag_is_done(app: TestApp, note: dict[str, Any]) -> None:
    put = app.put_json(path_of(note), {"data": {"a": 2}}, headers={"If-Match": tag_of(note)}).json["data"]
    patched = app.patch_json(path_of(note), {"data": {"a": 3}}, headers={"If-Match": tag_of(put)}).json[
        "data"
    ]
    posted = app.post_json("/v1/notes", {"data": {}}, headers={"If-Match": tag_of(patched)}).json["data"]
    app.delete(path_of(note), headers={"If-Match": f'"7", {tag_of(patched)}'})
    now = app.get("/v1/notes").headers["ETag"]
    app.delete("/v1/notes", headers={"If-Match": now})

    assert posted["last_modified"] > patched["last_modified"]
    assert app.get("/v1/notes").json["data"] == []


def test_a_star_asks_that_the_record_exists(app: TestApp, note: dict[str, Any]) -> None:
    headers = {"If-Match": "*"}

    app.put_json(path_of(note), {"data": {}}, headers=headers, status=200)
    missing = app.put_json(f"/v1/notes/{uuid.uuid4()}", {"data": {}}, headers=headers, status=412)

    assert "details" not in missing.json
    assert "ETag" not in missing.headers


def test_a_tag_on_a_missing_record_creates_nothing(app: TestApp) -> None:
    path = f"/v1/notes/{uuid.uuid4()}"

    app.put_json(path, {"data": {}}, headers={"If-Match": '"1"'}, status=412)
    app.patch_json(path, {"data": {}}, headers={"If-Match": '"1"'}, status=404)
    app.delete(path, headers={"If-Match": '"1"'}, status=404)

    app.get(path, status=404)


def test_the_tag_of_a_tombstone_allows_to_recreate(app: TestApp, note: dict[str, Any]) -> None:
    tombstone = app.delete(path_of(note)).json["data"]

    stale = app.put_json(path_of(note), {"data": {}}, headers={"If-Match": tag_of(note)}, status=412)
    app.put_json(path_of(note), {"data": {}}, headers={"If-Match": "*"}, status=412)
    assert stale.headers["ETag"] == tag_of(tombstone)
    assert "details" not in stale.json
    app.put_json(path_of(note), {"data": {}}, headers={"If-Match": tag_of(tombstone)}, status=201)


def test_creation_only_if_nothing_is_there(app: TestApp, note: dict[str, Any]) -> None:
    headers = {"If-None-Match": "*"}

    for response in (
        app.put_json(path_of(note), {"data": {}}, headers=headers, status=412),
        app.post_json("/v1/notes", {"data": {"id": note["id"]}}, headers=headers, status=412),
    ):
        assert response.json["details"] == {"existing": note}
    app.post_json("/v1/notes", {"data": {}}, headers=headers, status=201)
    app.delete(path_of(note))
    app.put_json(path_of(note), {"data": {}}, headers=headers, status=201)


def test_a_taken_unique_value_is_no_existing_record(app: TestApp) -> None:
    app.post_json("/v1/bookmarks", {"data": {"url": "http://a/"}})

    app.post_json("/v1/bookmarks", {"data": {"url": "http://a/"}}, headers={"If-None-Match": "*"}, status=200)


def test_a_write_unless_the_client_has_it(app: TestApp, note: dict[str, Any]) -> None:
    headers = {"If-None-Match": tag_of(note)}

    app.put_json(path_of(note), {"data": {}}, headers=headers, status=412)
    app.post_json("/v1/notes", {"data": {}}, headers=headers, status=412)
    app.delete("/v1/notes", headers=headers, status=412)
    app.delete(path_of(note), headers={"If-None-Match": '"1"'}, status=200)


def test_both_conditions_must_hold(app: TestApp, note: dict[str, Any]) -> None:
    headers = {"If-Match": tag_of(note), "If-None-Match": "*"}

    app.put_json(path_of(note), {"data": {}}, headers=headers, status=412)


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize("value", ["abc", '""', "12", '"abc"', "null"])
def test_a_header_that_cannot_be_read_is_named(
    app: TestApp, note: dict[str, Any], header: str, value: str
) -> None:
    for response in (
        app.get(path_of(note), headers={header: value}, status=400),
        app.put_json(path_of(note), {"data": {}}, headers={header: value}, status=400),
        app.delete("/v1/notes", headers={header: value}, status=400),
    ):
        expected = f"Invalid value for {header}. The value should be integer between double quotes."
        assert response.json["message"] == expected
        assert response.json["details"][0]["location"] == "header"
    assert app.get("/v1/notes").json["data"] == [note]


def test_dates_are_not_conditions_of_ours(app: TestApp, note: dict[str, Any]) -> None:
    app.get(path_of(note), headers={"If-Modified-Since": "garbage"}, status=200)
    app.put_json(path_of(note), {"data": {}}, headers={"If-Unmodified-Since": "garbage"}, status=200)
