"""The promises about transactions, kept by real databases."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

from cliquet_like.testing.app import make_client

NOTES = "/v1/notes"
BOOKMARKS = "/v1/bookmarks"
UUID = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Settings of a storage in an empty database."""
    name = request.param
    if name == "sqlite":
        url = f"sqlite:///{tmp_path / 'records.db'}"
    else:
        url = request.getfixturevalue("postgresql_url")
    return {"storage_backend": f"cliquet_like.storage.{name}", "storage_url": url}


@pytest.fixture
def app(database: dict[str, str]) -> Iterator[TestApp]:
    yield from started(database)


@pytest.fixture
def app_without_transactions(database: dict[str, str]) -> Iterator[TestApp]:
    yield from started({**database, "transaction_per_request": "false"})


def started(settings: dict[str, str]) -> Iterator[TestApp]:
    client = make_client("tests.resources", "tests.mishaps", **settings)
    storage = client.app.registry.storage
    storage.initialize_schema()
    yield client
    storage.database.close()


def post(path: str, **fields: Any) -> dict[str, Any]:
    return {"method": "POST", "path": path, "body": {"data": fields}}


def half(ending: str) -> dict[str, Any]:
    return {"method": "POST", "path": "/v1/half", "body": {"text": "half", "then": ending}}


def texts(app: TestApp, path: str = NOTES) -> set[str]:
    return {record.get("text", record.get("url")) for record in app.get(path).json["data"]}


ERRORS = [("raised 409", 409), ("returned 409", 409), ("raised 503", 503), ("crash", 500)]


@pytest.mark.parametrize(("ending", "status"), ERRORS)
def test_an_error_after_a_write_leaves_nothing_behind(app: TestApp, ending: str, status: int) -> None:
    app.post_json("/v1/half", {"text": "half", "then": ending}, status=status)

    assert texts(app) == set()
    app.post_json(NOTES, {"data": {"text": "later"}}, status=201)
    assert texts(app) == {"later"}


def test_a_success_is_stored(app: TestApp) -> None:
    app.post_json("/v1/half", {"text": "whole", "then": "success"})

    assert texts(app) == {"whole"}


def test_without_transactions_a_write_is_lasting_at_once(app_without_transactions: TestApp) -> None:
    app = app_without_transactions

    app.post_json("/v1/half", {"text": "half", "then": "crash"}, status=500)

    assert texts(app) == {"half"}


def test_in_a_batch_what_is_reported_as_done_is_done(app: TestApp) -> None:
    taken = app.post_json(BOOKMARKS, {"data": {"url": "http://taken/"}}).json["data"]
    stale = {"method": "PATCH", "path": f"{BOOKMARKS}/{taken['id']}", "body": {"data": {"title": "new"}}}
    requests = [
        half("raised 409"),
        post(NOTES, text="a"),
        {**post(f"{BOOKMARKS}/{UUID}", url="http://taken/"), "method": "PUT"},
        post(BOOKMARKS, url="http://free/"),
        {**stale, "headers": {"If-Match": '"1"'}},
        half("returned 409"),
        post(NOTES, text="b"),
        {"path": NOTES},
    ]

    answers = app.post_json("/v1/batch", {"requests": requests}).json["responses"]

    assert [answer["status"] for answer in answers] == [409, 201, 409, 201, 412, 409, 201, 200]
    assert {note["text"] for note in answers[-1]["body"]["data"]} == texts(app) == {"a", "b"}
    assert texts(app, BOOKMARKS) == {"http://taken/", "http://free/"}


@pytest.mark.parametrize(("ending", "status"), [("raised 503", 503), ("returned 503", 503), ("crash", 500)])
def test_a_failure_in_a_batch_leaves_nothing_of_it(app: TestApp, ending: str, status: int) -> None:
    requests = [post(NOTES, text="a"), half("raised 409"), half(ending), post(NOTES, text="b")]

    app.post_json("/v1/batch", {"requests": requests}, status=status)

    assert texts(app) == set()


def test_batches_in_the_way_of_one_another_all_succeed(app: TestApp, database: dict[str, str]) -> None:
    registry = app.app.registry
    registry.meeting_point, registry.attempts = threading.Barrier(2), []

    def send(name: str, *paths: str) -> list[int]:
        bodies = {NOTES: post(NOTES, text=name), BOOKMARKS: post(BOOKMARKS, url=f"http://{name}/")}
        requests = [bodies[paths[0]], {"path": "/v1/meet"}, bodies[paths[1]]]
        answer = app.post_json("/v1/batch", {"requests": requests})
        return [response["status"] for response in answer.json["responses"]]

    with ThreadPoolExecutor(2) as threads:
        sent = [threads.submit(send, "a", NOTES, BOOKMARKS), threads.submit(send, "b", BOOKMARKS, NOTES)]
        results = [answer.result(timeout=30) for answer in sent]

    assert results == [[201, 200, 201]] * 2
    assert texts(app) == {"a", "b"}
    assert texts(app, BOOKMARKS) == {"http://a/", "http://b/"}
    # SQLite lets one write at a time; PostgreSQL breaks the deadlock, and one of the two tries again.
    assert (max(registry.attempts) > 0) == database["storage_backend"].endswith("postgresql")
