"""Somebody else writes between the reading and the writing of a request: nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from webtest import TestApp

NOTES = "/v1/notes"
NOTE = "/v1/notes/00000000-0000-4000-8000-000000000001"
OTHER = "/v1/notes/00000000-0000-4000-8000-000000000002"
COUNTER = "/v1/counters/00000000-0000-4000-8000-000000000001"

Meanwhile = Callable[..., None]


@pytest.fixture
def app(make_app: Callable[..., TestApp]) -> TestApp:
    return make_app(storage_backend="tests.meddling")


@pytest.fixture
def meanwhile(app: TestApp) -> Meanwhile:
    """Has a request made just before the next write of another one."""

    def arrange(request: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        app.app.registry.storage.before_next_write(lambda: request(*args, **kwargs))

    return arrange


@pytest.fixture
def tag(app: TestApp) -> str:
    """Timestamp of the note that is there, which is that of its collection too."""
    etag: str = app.put_json(NOTE, {"data": {"mine": 0}}, status=201).headers["ETag"]
    return etag


@pytest.fixture
def fields(app: TestApp) -> Callable[..., dict[str, Any]]:
    """What the record at a path holds beside our own fields."""

    def read(path: str) -> dict[str, Any]:
        record = app.get(path).json["data"]
        return {name: value for name, value in record.items() if name not in ("id", "last_modified")}

    return read


@pytest.mark.parametrize("method", ["put_json", "patch_json"])
def test_a_record_is_not_written_over_a_change_that_came_first(
    app: TestApp, meanwhile: Meanwhile, tag: str, fields: Callable[..., Any], method: str
) -> None:
    meanwhile(app.put_json, NOTE, {"data": {"theirs": 1}}, status=200)

    response = getattr(app, method)(NOTE, {"data": {"mine": 1}}, headers={"If-Match": tag}, status=412)

    assert response.json["details"]["existing"]["theirs"] == 1
    assert fields(NOTE) == {"theirs": 1}


@pytest.mark.parametrize("method", ["put_json", "patch_json"])
def test_a_record_is_not_written_over_a_deletion_that_came_first(
    app: TestApp, meanwhile: Meanwhile, tag: str, method: str
) -> None:
    meanwhile(app.delete, NOTE, status=200)

    answer = getattr(app, method)(NOTE, {"data": {"mine": 1}}, headers={"If-Match": tag}, status="*")

    assert answer.status_code in (404, 412)
    app.get(NOTE, status=404)


def test_a_record_that_changed_first_is_not_deleted(
    app: TestApp, meanwhile: Meanwhile, tag: str, fields: Callable[..., Any]
) -> None:
    meanwhile(app.patch_json, NOTE, {"data": {"theirs": 1}}, status=200)

    app.delete(NOTE, headers={"If-Match": tag}, status=412)

    assert fields(NOTE) == {"mine": 0, "theirs": 1}


def test_a_record_is_not_created_in_a_collection_that_changed_first(
    app: TestApp, meanwhile: Meanwhile, tag: str
) -> None:
    meanwhile(app.put_json, OTHER, {"data": {}}, status=201)

    app.post_json(NOTES, {"data": {"mine": 1}}, headers={"If-Match": tag}, status=412)

    assert [record["id"] for record in app.get(NOTES).json["data"]] == [OTHER[-36:], NOTE[-36:]]


def test_a_collection_that_changed_first_is_not_deleted(app: TestApp, meanwhile: Meanwhile, tag: str) -> None:
    meanwhile(app.put_json, OTHER, {"data": {}}, status=201)

    app.delete(NOTES, headers={"If-Match": tag}, status=412)

    assert app.get(NOTES).headers["Total-Records"] == "2"


def test_changes_of_two_writers_without_a_condition_are_both_kept(
    app: TestApp, meanwhile: Meanwhile, tag: str, fields: Callable[..., Any]
) -> None:
    meanwhile(app.patch_json, NOTE, {"data": {"theirs": 1}}, status=200)

    app.patch_json(NOTE, {"data": {"mine": 1}}, status=200)

    assert fields(NOTE) == {"mine": 1, "theirs": 1}


def test_a_replacement_without_a_condition_is_done_on_what_is_there_then(
    app: TestApp, meanwhile: Meanwhile, fields: Callable[..., Any]
) -> None:
    app.put_json(COUNTER, {"data": {"count": 0}}, status=201)
    meanwhile(app.put_json, COUNTER, {"data": {"count": 0}}, status=200)

    app.put_json(COUNTER, {"data": {"count": 0}}, status=200)

    assert fields(COUNTER) == {"count": 2}


def test_a_replacement_of_what_was_deleted_first_is_a_creation(
    app: TestApp, meanwhile: Meanwhile, tag: str, fields: Callable[..., Any]
) -> None:
    meanwhile(app.delete, NOTE, status=200)

    app.put_json(NOTE, {"data": {"mine": 1}}, status=201)

    assert fields(NOTE) == {"mine": 1}


def test_a_creation_after_somebody_else_s_is_a_replacement(
    app: TestApp, meanwhile: Meanwhile, fields: Callable[..., Any]
) -> None:
    meanwhile(app.put_json, NOTE, {"data": {"theirs": 1}}, status=201)

    app.put_json(NOTE, {"data": {"mine": 1}}, status=200)

    assert fields(NOTE) == {"mine": 1}


def test_who_creates_only_if_nothing_is_there_does_not_replace_what_came_first(
    app: TestApp, meanwhile: Meanwhile, fields: Callable[..., Any]
) -> None:
    meanwhile(app.put_json, NOTE, {"data": {"theirs": 1}}, status=201)

    app.put_json(NOTE, {"data": {"mine": 1}}, headers={"If-None-Match": "*"}, status=412)

    assert fields(NOTE) == {"theirs": 1}
