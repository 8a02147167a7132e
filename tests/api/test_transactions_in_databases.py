"""The promises about transactions, kept by real databases."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

from cliquet_like.testing.app import make_client
from tests.mishaps import write_note

pytestmark = pytest.mark.once

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
    client = make_client("tests.resources.notes", "tests.resources.bookmarks", "tests.mishaps", **settings)
    storage = client.app.registry.storage
    storage.initialize_schema()
    client.app.registry.visitors = []
    yield client
    storage.database.close()


def post(path: str, **fields: Any) -> dict[str, Any]:
    return {"method": "POST", "path": path, "body": {"data": fields}}


def half(ending: str) -> dict[str, Any]:
    return {"method": "POST", "path": "/v1/half", "body": {"text": "half", "then": ending}}


def texts(app: TestApp, path: str = NOTES) -> set[str]:
    return {record.get("text", record.get("url")) for record in app.get(path).json["data"]}


def fail() -> None:
    raise RuntimeError


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


def test_a_hook_before_the_commit_writes_in_the_transaction(app: TestApp) -> None:
    def visit(request: Any) -> None:
        request.tm.get().addBeforeCommitHook(write_note, (request, "hook"))

    app.app.registry.visitors = [visit]

    app.post_json("/v1/half", {"text": "view", "then": "success"})

    assert texts(app) == {"view", "hook"}


def test_a_hook_before_the_commit_that_raises_undoes_what_others_wrote(app: TestApp) -> None:
    def visit(request: Any) -> None:
        request.tm.get().addBeforeCommitHook(write_note, (request, "hook"))
        request.tm.get().addBeforeCommitHook(fail)

    app.app.registry.visitors = [visit]

    app.post_json("/v1/half", {"text": "view", "then": "success"}, status=500)

    assert texts(app) == set()
    app.post_json(NOTES, {"data": {"text": "later"}}, status=201)
    assert texts(app) == {"later"}


def test_what_a_hook_after_the_commit_writes_is_lasting_at_once(app: TestApp) -> None:
    seen = []

    def hook(committed: bool, request: Any) -> None:
        write_note(request, "hook")
        seen.append((committed, texts(app)))

    app.app.registry.visitors = [lambda request: request.tm.get().addAfterCommitHook(hook, (request,))]

    app.post_json("/v1/half", {"text": "view", "then": "success"})

    assert seen == [(True, {"view", "hook"})]
    assert texts(app) == {"view", "hook"}


@pytest.mark.parametrize(("ending", "kept"), [("success", {"a", "b"}), ("crash", {"a"})])
def test_a_view_may_commit_and_begin_again(app: TestApp, ending: str, kept: set[str]) -> None:
    def visit(request: Any) -> None:
        request.tm.commit()
        request.tm.begin()
        write_note(request, "b")

    app.app.registry.visitors = [visit]

    app.post_json("/v1/half", {"text": "a", "then": ending}, status=200 if ending == "success" else 500)

    assert texts(app) == kept


@pytest.fixture
def app_on_one_database(database: dict[str, str]) -> Iterator[TestApp]:
    """Application whose backends are all in the database of the storage, and in which every probe writes."""
    names = ("storage", "cache", "permission")
    backend, url = database["storage_backend"], database["storage_url"]
    backends = {f"{name}_backend": backend.replace("storage", name) for name in names}
    for app in started({**backends, **{f"{name}_url": url for name in names}}):
        app.app.registry.cache.initialize_schema()
        app.app.registry.permission.initialize_schema()
        yield app


def test_other_backends_are_alive_when_the_tables_of_the_storage_are_lost(
    app_on_one_database: TestApp,
) -> None:
    registry = app_on_one_database.app.registry
    assert registry.cache.database is registry.permission.database is registry.storage.database
    for table in ("records", "collections"):
        registry.storage.database.write(f"ALTER TABLE {table} RENAME TO lost_{table}")

    # What a probe does is up to chance.
    answers = [app_on_one_database.get("/v1/__heartbeat__", status=503).json for _ in range(8)]

    assert answers == [{"storage": False, "cache": True, "permission": True}] * 8


def test_a_heartbeat_in_a_batch_does_not_wait_for_what_the_batch_has_locked(
    app_on_one_database: TestApp,
) -> None:
    requests = [post(NOTES, text="a"), {"path": "/v1/__heartbeat__"}, post(NOTES, text="b")]

    answers = app_on_one_database.post_json("/v1/batch", {"requests": requests}).json["responses"]

    assert [answer["status"] for answer in answers] == [201, 200, 201]
    assert texts(app_on_one_database) == {"a", "b"}


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


def test_many_batches_in_the_way_of_one_another_all_succeed(app: TestApp) -> None:
    def send(number: int) -> None:
        requests = [post(NOTES, text=f"{number}"), post(BOOKMARKS, url=f"http://{number}/")]
        ordered = requests if number % 2 else requests[::-1]
        app.post_json("/v1/batch", {"requests": ordered * 3}, status=200)

    with ThreadPoolExecutor(8) as threads:
        for _ in threads.map(send, range(40)):
            pass

    assert len(app.get(NOTES).json["data"]) == 120
    assert texts(app, BOOKMARKS) == {f"http://{number}/" for number in range(40)}
