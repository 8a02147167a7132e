"""When events are fired, and what becomes of a request whose subscribers fail, in real databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import transaction
from pyramid.httpexceptions import HTTPForbidden
from webtest import TestApp

from cliquet_like.drivers.errors import BackendError, TransientBackendError
from cliquet_like.events import (
    ACTIONS,
    AfterResourceChanged,
    AfterResourceRead,
    ResourceChanged,
    ResourceRead,
)
from tests.contracts.backends import TRANSACTIONAL, new_settings
from tests.ledger import Ledger
from tests.listening import hear, listened_app, names_of, post, subscribe, texts
from tests.mishaps import write_note

pytestmark = pytest.mark.once

RESOURCES = ("tests.resources.notes", "tests.resources.bookmarks")
NOTES = "/v1/notes"
BOOKMARKS = "/v1/bookmarks"


@pytest.fixture(scope="module", params=TRANSACTIONAL)
def settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    with new_settings(request.param, tmp_path_factory.mktemp("records")) as settings:
        yield settings


@pytest.fixture
def app(settings: dict[str, str]) -> Iterator[TestApp]:
    with listened_app(settings, *RESOURCES) as app:
        yield app


@pytest.fixture
def app_without_transactions(settings: dict[str, str]) -> Iterator[TestApp]:
    with listened_app({**settings, "transaction_per_request": "false"}, *RESOURCES) as app:
        yield app


def note_of(event: Any) -> None:
    """Write a note about each event on a bookmark."""
    if event.payload["resource_name"] == "bookmark":
        write_note(event.request, event.payload["action"])


def store_directly(event: Any) -> None:
    storage = event.request.registry.storage
    storage.create("note", event.payload["user_id"], {"text": "direct"})


def fail(event: Any) -> None:
    raise RuntimeError("a mistake")


def forbid(event: Any) -> None:
    raise HTTPForbidden


def as_others_see_it(app: TestApp) -> set[str]:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(texts, app).result()


def bookmark(app: TestApp, status: int = 201) -> Any:
    return app.post_json(BOOKMARKS, {"data": {"url": "http://a/"}}, status=status)


@pytest.mark.parametrize("write", [note_of, store_directly])
def test_what_a_subscriber_writes_is_stored_with_the_request(app: TestApp, write: Any) -> None:
    subscribe(app, write, ResourceChanged)

    bookmark(app)

    assert len(texts(app)) == 1


@pytest.mark.parametrize("write", [note_of, store_directly])
@pytest.mark.parametrize(("failing", "status"), [(fail, 500), (forbid, 403)])
def test_a_subscriber_that_fails_undoes_all_of_it(
    app: TestApp, write: Any, failing: Any, status: int
) -> None:
    after = hear(app, AfterResourceChanged)
    subscribe(app, write, ResourceChanged)
    subscribe(app, failing, ResourceChanged)

    answer = bookmark(app, status=status)

    assert answer.json["code"] == status
    assert (app.get(BOOKMARKS).json["data"], texts(app), after) == ([], set(), [])


def test_a_subscriber_that_fails_undoes_the_whole_batch(app: TestApp) -> None:
    subscribe(app, fail, ResourceChanged)

    app.post_json("/v1/batch", {"requests": [post("/notes", text="a")] * 2}, status=500)

    assert texts(app) == set()


@pytest.mark.parametrize(("failing", "status"), [(fail, 500), (forbid, 403)])
def test_a_subscriber_may_refuse_to_let_read(app: TestApp, failing: Any, status: int) -> None:
    subscribe(app, failing, ResourceRead)

    app.get(NOTES, status=status)


def test_what_subscribers_cause_is_told_too(app: TestApp) -> None:
    heard, after = hear(app, ResourceChanged), hear(app, AfterResourceChanged)
    subscribe(app, note_of, ResourceChanged)

    app.post_json("/v1/batch", {"requests": [post("/notes", text="a"), post("/bookmarks", url="http://a/")]})

    assert names_of(heard) == [("note", "create"), ("bookmark", "create"), ("note", "create")]
    assert names_of(after) == [("note", "create"), ("bookmark", "create")]
    assert [change["new"]["text"] for change in heard[2].impacted_records] == ["create"]
    assert [change["new"]["text"] for change in after[0].impacted_records] == ["a", "create"]


def test_subscribers_that_cause_events_without_end_are_an_error(app: TestApp) -> None:
    subscribe(app, lambda event: write_note(event.request, "again"), ResourceChanged)

    bookmark(app, status=500)

    assert (texts(app), app.get(BOOKMARKS).json["data"]) == (set(), [])


def test_before_the_commit_nobody_else_sees_it_and_after_it_everybody_does(app: TestApp) -> None:
    seen = []

    def look(event: Any) -> None:
        seen.append((type(event), as_others_see_it(app)))

    app.post_json(NOTES, {"data": {"text": "first"}})
    subscribe(app, look, ResourceChanged, AfterResourceChanged)

    app.post_json(NOTES, {"data": {"text": "a"}})

    assert seen == [(ResourceChanged, {"first"}), (AfterResourceChanged, {"first", "a"})]


def test_after_a_reading_its_own_event_is_fired(app: TestApp) -> None:
    heard = hear(app, AfterResourceRead)

    app.get(NOTES)

    assert names_of(heard) == [("note", "read")]


def test_after_a_commit_that_failed_nothing_is_fired(app: TestApp) -> None:
    ledger = Ledger()
    ledger.fail("commit", BackendError(message="the disk is full"))
    before, after = hear(app, ResourceChanged), hear(app, AfterResourceChanged)
    subscribe(app, lambda event: ledger.add("line"), ResourceChanged)

    bookmark(app, status=503)

    assert (names_of(before), after) == ([("bookmark", "create")], [])


def test_after_the_commit_a_mistake_is_only_logged(app: TestApp, caplog: pytest.LogCaptureFixture) -> None:
    subscribe(app, fail, AfterResourceChanged)
    heard = hear(app, AfterResourceChanged)

    app.post_json("/v1/batch", {"requests": [post("/notes", text="a"), post("/bookmarks", url="http://a/")]})

    assert names_of(heard) == [("note", "create"), ("bookmark", "create")]
    assert texts(app) == {"a"}
    errors = [entry for entry in caplog.records if entry.levelname == "ERROR"]
    assert [entry.exc_info[0] for entry in errors if entry.exc_info] == [RuntimeError] * 2
    assert "/notes" in errors[0].getMessage()


def test_what_is_written_after_the_commit_is_lasting_at_once(app: TestApp) -> None:
    seen = []

    def write(event: Any) -> None:
        store_directly(event)
        seen.append(as_others_see_it(app))
        raise RuntimeError("a mistake")

    subscribe(app, write, AfterResourceChanged)

    bookmark(app)

    assert seen == [{"direct"}]
    assert texts(app) == {"direct"}


def test_of_attempts_that_failed_nothing_is_told(app: TestApp) -> None:
    before, after = hear(app, ResourceChanged), hear(app, AfterResourceChanged)
    mishaps = [TransientBackendError(message="deadlock"), TransientBackendError(message="deadlock")]

    def stumble(event: Any) -> None:
        if mishaps:
            raise mishaps.pop()

    subscribe(app, stumble, ResourceChanged)

    app.post_json(NOTES, {"data": {"text": "a"}})

    assert [len(event.impacted_records) for event in before] == [1, 1, 1]
    assert [len(event.impacted_records) for event in after] == [1]
    assert texts(app) == {"a"}


def test_a_doomed_transaction_tells_nothing(app: TestApp) -> None:
    app.app.registry.visitors = [lambda request: request.tm.doom()]
    heard = hear(app, ResourceChanged, AfterResourceChanged)

    app.post_json("/v1/half", {"text": "a", "then": "success"})

    assert (heard, texts(app)) == ([], set())


@pytest.mark.parametrize(("ending", "fired"), [("commit", [("note", "create")]), ("abort", [])])
def test_who_began_the_transaction_outside_decides_when_it_is_over(
    app: TestApp, ending: str, fired: list[Any]
) -> None:
    manager = transaction.TransactionManager(explicit=True)
    before, after = hear(app, ResourceChanged), hear(app, AfterResourceChanged)
    manager.begin()

    app.post_json(NOTES, {"data": {"text": "a"}}, extra_environ={"tm.active": True, "tm.manager": manager})
    seen_before_the_end = (names_of(before), names_of(after))
    getattr(manager, ending)()

    assert seen_before_the_end == ([("note", "create")], [])
    assert names_of(after) == fired


def test_without_transactions_both_kinds_are_fired_at_once(app_without_transactions: TestApp) -> None:
    app = app_without_transactions
    seen = []

    def look(event: Any) -> None:
        seen.append((type(event), as_others_see_it(app)))

    subscribe(app, look, ResourceChanged, AfterResourceChanged)
    subscribe(app, fail, AfterResourceChanged)

    app.post_json(NOTES, {"data": {"text": "a"}}, status=201)

    assert seen == [(ResourceChanged, {"a"}), (AfterResourceChanged, {"a"})]


def test_without_transactions_a_failing_subscriber_undoes_nothing(app_without_transactions: TestApp) -> None:
    app = app_without_transactions
    after = hear(app, AfterResourceChanged)
    subscribe(app, fail, ResourceChanged)

    app.post_json(NOTES, {"data": {"text": "a"}}, status=500)

    assert (texts(app), after) == ({"a"}, [])


def test_without_transactions_what_a_batch_refused_is_not_told(app_without_transactions: TestApp) -> None:
    app = app_without_transactions
    heard = hear(app, ResourceChanged)
    half = {"method": "POST", "path": "/half", "body": {"text": "half", "then": "returned 409"}}

    app.post_json("/v1/batch", {"requests": [half, post("/bookmarks", url="http://a/")]})

    assert names_of(heard) == [("bookmark", ACTIONS.CREATE.value)]
