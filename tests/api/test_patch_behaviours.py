import json
from typing import Any

import pytest
from webtest import TestApp

RESOURCES = ("tests.resources.notes", "tests.resources.bookmarks")


@pytest.mark.parametrize(
    ("behavior", "shown"),
    [
        (None, {"id", "last_modified", "url", "title", "device", "added"}),
        ("full", {"id", "last_modified", "url", "title", "device", "added"}),
        ("Light", {"title", "url"}),
        ("DIFF", {"url"}),
    ],
)
def test_an_answer_shows_what_the_client_asks_for(
    app: TestApp, behavior: str | None, shown: set[str]
) -> None:
    record = app.post_json("/v1/bookmarks", {"data": {"url": "http://a/"}}).json["data"]
    headers = {"Response-Behavior": behavior} if behavior else {}
    changes = {"url": " http://b/ ", "title": "x", "device": ""}

    response = app.patch_json(f"/v1/bookmarks/{record['id']}", {"data": changes}, headers=headers)

    assert set(response.json["data"]) == shown
    assert response.headers["ETag"] > f'"{record["last_modified"]}"'


MERGE_PATCH = "application/merge-patch+json"


def merge(app: TestApp, path: str, body: object, status: int = 200) -> Any:
    return app.patch(path, json.dumps(body), content_type=MERGE_PATCH, status=status).json


def test_a_merge_patch_goes_inside_and_removes(app: TestApp) -> None:
    data = {"a": {"b": 1, "c": 2}, "d": 3, "e": [1, 2]}
    record = app.post_json("/v1/notes", {"data": data}).json["data"]
    path = f"/v1/notes/{record['id']}"

    changed = merge(app, path, {"data": {"a": {"c": None, "x": {"y": None}}, "d": None, "e": [3]}})["data"]

    assert {name: changed.get(name) for name in "ade"} == {"a": {"b": 1, "x": {}}, "d": None, "e": [3]}
    assert "d" not in changed
    assert app.get(path).json["data"] == changed


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"data": {"url": None}}, "data.url"),
        ({"data": {"device": None}}, "data.device"),
        ({"data": {"device": "desk"}}, "data.device"),
        ({"data": []}, "data"),
        ([], ""),
    ],
)
def test_a_merge_patch_follows_the_schema(app: TestApp, body: object, name: str) -> None:
    record = app.post_json("/v1/bookmarks", {"data": {"url": "http://a/", "device": "x"}}).json["data"]

    answer = merge(app, f"/v1/bookmarks/{record['id']}", body, status=400)

    assert answer["details"][0]["name"] == name


def test_a_plain_patch_keeps_null_as_a_value(app: TestApp) -> None:
    record = app.post_json("/v1/notes", {"data": {"a": 1}}).json["data"]

    changed = app.patch_json(f"/v1/notes/{record['id']}", {"data": {"a": None}}).json["data"]

    assert changed["a"] is None
