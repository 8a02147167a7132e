"""A batch on PostgreSQL sends its creations together: nobody can tell, but by the number of statements."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import transaction
from pyramid.httpexceptions import HTTPConflict
from webtest import TestApp

from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.events import ResourceChanged
from cliquet_like.storage.exceptions import BackendError
from cliquet_like.testing.app import basic_auth, sign_in
from tests.batching import BOOKMARKS, NOTES, Maker, batch, half, makers, post, statuses, texts
from tests.mishaps import write_note

pytestmark = pytest.mark.once

UUID = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

TOO_LONG = "x" * 1000


@pytest.fixture
def make(postgresql_url: str) -> Iterator[Maker]:
    yield from makers(postgresql_url)


@pytest.fixture
def app(make: Maker) -> TestApp:
    return make()


def sent_by(app: TestApp) -> list[str]:
    """What is sent to the server, from now on."""
    texts: list[str] = []
    app.app.registry.storage.database.on_statement = texts.append
    return texts


def visit(app: TestApp, visitor: Callable[[Any], None]) -> None:
    app.app.registry.visitors.append(visitor)


def refuse_long_texts(app: TestApp) -> None:
    """From now on the database refuses a note that nobody else has anything against."""
    statement = "ALTER TABLE records ADD CHECK (length(data->>'text') < 1000)"
    app.app.registry.storage.database.write_unhurried(statement)


def test_creations_are_sent_in_two_statements_and_answered_as_ever(app: TestApp) -> None:
    sent = sent_by(app)

    answers = batch(app, *(post(f"{number:02}") for number in range(25)))

    records = [answer["body"]["data"] for answer in answers]
    assert (len(sent), sent[-1]) == (3, "COMMIT")
    assert statuses(answers) == [201] * 25
    assert [record["text"] for record in records] == [f"{number:02}" for number in range(25)]
    assert app.get(f"{NOTES}?_sort=last_modified").json["data"] == records
    assert [answer["headers"]["ETag"] for answer in answers] == [f'"{r["last_modified"]}"' for r in records]
    assert app.get(NOTES).headers["ETag"] == answers[-1]["headers"]["ETag"]
    assert app.get(NOTES).headers["Total-Records"] == "25"


def test_what_was_created_is_seen_by_all_that_follows(app: TestApp) -> None:
    first, second, listed, third, counted = batch(
        app,
        post("a"),
        post("b"),
        {"path": f"{NOTES}?_sort=text"},
        post("c"),
        {"method": "HEAD", "path": NOTES},
    )

    records = [answer["body"]["data"] for answer in (first, second, third)]
    assert listed["body"]["data"] == records[:2]
    assert listed["headers"]["ETag"] == second["headers"]["ETag"]
    assert (counted["headers"]["Total-Records"], counted["headers"]["ETag"]) == (
        "3",
        third["headers"]["ETag"],
    )


def test_given_ids_are_looked_for_among_what_was_created(app: TestApp) -> None:
    answers = batch(
        app,
        post("a"),
        post("b"),
        post("c", id=UUID),
        post("d", id=UUID),
        post("e"),
        {"method": "PUT", "path": f"{NOTES}/{UUID}", "body": {"data": {"text": "f"}}},
        post("g"),
        post("h"),
        {"method": "PATCH", "path": f"{NOTES}/{UUID}", "body": {"data": {"more": 1}}},
        {"method": "DELETE", "path": f"{NOTES}/{UUID}"},
        post("i"),
        {"path": f"{NOTES}/{UUID}"},
    )

    stamps = [answer["body"]["data"]["last_modified"] for answer in answers[:-1]]
    assert statuses(answers) == [201, 201, 201, 200, 201, 200, 201, 201, 200, 200, 201, 404]
    assert answers[3]["body"] == answers[2]["body"]
    assert len(set(stamps)) == 10
    assert stamps[4:] == sorted(stamps[4:])
    assert texts(app) == ["a", "b", "e", "g", "h", "i"]


def test_a_given_timestamp_is_kept_and_later_ones_are_newer(app: TestApp) -> None:
    seed = app.post_json(NOTES, {"data": {"text": "seed"}}).json["data"]["last_modified"]
    ahead = seed + 3_600_000

    answers = batch(app, post("a"), post("b"), post("c", last_modified=ahead), post("d"), post("e"))

    stamps = [answer["body"]["data"]["last_modified"] for answer in answers]
    assert stamps[2:] == [ahead, ahead + 1, ahead + 2]


def test_an_item_that_is_refused_after_its_write_has_written_nothing(app: TestApp) -> None:
    sent = sent_by(app)

    answers = batch(
        app, post("a"), half("raised 409"), post("b"), half("success"), half("returned 409"), post("c")
    )

    assert statuses(answers) == [201, 409, 201, 200, 409, 201]
    assert len(sent) == 3
    assert texts(app) == ["a", "b", "half success", "c"]


def test_an_item_that_is_refused_after_it_was_sent_has_written_nothing(app: TestApp) -> None:
    seen = []
    visit(app, lambda request: seen.append(request.registry.storage.get_all("note", "")[1]))

    answers = batch(app, post("a"), half("raised 409"), post("b"), half("returned 409"), post("c"))

    assert statuses(answers) == [201, 409, 201, 409, 201]
    assert len(seen) == 2
    assert texts(app) == ["a", "b", "c"]


def test_a_failure_leaves_nothing_of_the_batch(app: TestApp) -> None:
    batch(app, post("a"), post("b"), half("crash"), status=500)

    assert texts(app) == []


def test_savepoints_of_the_application_are_kept(app: TestApp) -> None:
    def write_and_go_back(request: Any) -> None:
        outer = request.tm.savepoint()
        write_note(request, "undone")
        inner = request.tm.savepoint()
        write_note(request, "undone too")
        inner.rollback()
        write_note(request, "undone at last")
        if request.json["then"] == "success":
            request.registry.storage.get_all("note", "")
        outer.rollback()
        write_note(request, "kept")

    visit(app, write_and_go_back)

    answers = batch(app, post("a"), half("raised 409"), post("b"), half("success"), post("c"))

    assert statuses(answers) == [201, 409, 201, 200, 201]
    assert texts(app) == ["a", "b", "half success", "kept", "c"]


@pytest.mark.parametrize("path", [NOTES, BOOKMARKS])
def test_a_subscriber_writes_in_the_same_transaction(app: TestApp, path: str) -> None:
    told = []

    def subscriber(event: Any) -> None:
        if not told:
            told.extend(change["new"] for change in event.impacted_records)
            storage = event.request.registry.storage
            collection = "note" if path == NOTES else "bookmark"
            storage.create(collection, event.request.prefixed_userid, {"text": "log", "url": "log"})

    app.app.registry.registerHandler(subscriber, [ResourceChanged])

    answers = batch(app, *(post(name) for name in "abc"))

    assert told == [answer["body"]["data"] for answer in answers]
    assert len(app.get(path).json["data"]) == (4 if path == NOTES else 1)


def test_a_subscriber_that_refuses_leaves_nothing(app: TestApp) -> None:
    def subscriber(event: Any) -> None:
        raise HTTPConflict

    app.app.registry.registerHandler(subscriber, [ResourceChanged])

    batch(app, post("a"), post("b"), status=409)

    assert texts(app) == []


def test_two_collections_in_turn_are_kept_apart(app: TestApp) -> None:
    requests = [post(f"http://{n}/", BOOKMARKS) if n % 3 == 0 else post(str(n)) for n in range(9)]

    answers = batch(app, *requests)

    assert statuses(answers) == [201] * 9
    assert texts(app) == ["1", "2", "4", "5", "7", "8"]
    assert len(app.get(BOOKMARKS).json["data"]) == 3


def test_two_users_in_turn_have_their_own(app: TestApp) -> None:
    bob = sign_in(app, "bob")
    headers = {"Authorization": basic_auth("bob")}

    answers = batch(
        app, *({**post(str(n)), "headers": headers} if n % 4 > 1 else post(str(n)) for n in range(8))
    )

    assert statuses(answers) == [201] * 8
    assert (texts(app), texts(bob)) == (["0", "1", "4", "5"], ["2", "3", "6", "7"])


# A write that had waited fails: the request is run again, and sends each one at once.


def test_a_record_that_the_database_refuses_fails_a_batch_as_it_does_a_post(app: TestApp) -> None:
    refuse_long_texts(app)
    alone = app.post_json(NOTES, {"data": {"text": TOO_LONG}}, status=503).json
    sent = sent_by(app)

    answer = app.post_json("/v1/batch", {"requests": [post("a"), post("b"), post(TOO_LONG)]}, status=503)

    assert (answer.json["errno"], answer.json["message"]) == (alone["errno"], alone["message"])
    assert [text.partition(";")[0] for text in sent].count("BEGIN") == 2
    assert texts(app) == []


@pytest.mark.parametrize("reads", [False, True])
def test_who_takes_a_failure_for_an_answer_hears_of_it(app: TestApp, reads: bool) -> None:
    refuse_long_texts(app)
    attempts = []

    def write_too_much(request: Any) -> None:
        storage, user = request.registry.storage, request.prefixed_userid
        attempts.append(request.parent.environ["retry.attempt"])
        try:
            storage.create("note", user, {"text": TOO_LONG})
            if reads:
                storage.get_all("note", user)
        except BackendError as error:
            raise HTTPConflict from error

    visit(app, write_too_much)

    answers = batch(app, post("a"), post("b"), half("success"), post("c"))

    assert statuses(answers) == [201, 201, 409, 201]
    assert attempts == [0, 1]
    assert texts(app) == ["a", "b", "c"]


def test_a_timestamp_that_others_have_passed_is_not_given_again(app: TestApp) -> None:
    statement = "UPDATE collections SET last_modified = last_modified + 1000000"
    visit(app, lambda request: request.registry.storage.database.write(statement) and None)

    answers = batch(app, post("a"), post("b"), half("success"), post("c"), post("d"))

    stamps = [answer["body"]["data"]["last_modified"] for answer in answers if answer["status"] == 201]
    assert statuses(answers) == [201, 201, 200, 201, 201]
    assert stamps == sorted(set(stamps))
    assert app.get(NOTES).headers["ETag"] == f'"{stamps[-1]}"'
    assert texts(app) == ["a", "b", "half success", "c", "d"]


def test_a_connection_that_breaks_while_creations_wait_loses_and_doubles_none(
    app: TestApp, postgresql_url: str
) -> None:
    outside = PostgreSQL(postgresql_url)
    attempts = []

    def cut_once(request: Any) -> None:
        attempts.append(request.parent.environ["retry.attempt"])
        if len(attempts) == 1:
            ((pid,),) = request.registry.storage.database.read("SELECT pg_backend_pid()")
            outside.read("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    visit(app, cut_once)

    answers = batch(app, post("a"), post("b"), half("success"), post("c"), post("d"))
    outside.close()

    assert statuses(answers) == [201, 201, 200, 201, 201]
    assert attempts == [0, 1]
    assert texts(app) == ["a", "b", "half success", "c", "d"]


# Where no request is run again, nothing waits.


@pytest.mark.parametrize(
    "settings",
    [
        {"retry.attempts": "1"},
        {"transaction_per_request": "false"},
        {"tm.commit_veto": "pyramid_tm.default_commit_veto"},
    ],
    ids=["one attempt", "no transaction", "own veto"],
)
def test_a_request_that_is_not_run_again_sends_each_at_once(make: Maker, settings: dict[str, str]) -> None:
    app = make(**settings)
    sent = sent_by(app)

    answers = batch(app, *(post(name) for name in "abcde"))

    assert statuses(answers) == [201] * 5
    assert len([text for text in sent if "INSERT INTO records" in text]) == 5
    assert texts(app) == list("abcde")


def test_a_transaction_from_outside_is_not_run_again(app: TestApp) -> None:
    manager = transaction.TransactionManager(explicit=True)
    manager.begin()
    sent = sent_by(app)

    batch(app, post("a"), post("b"), post("c"), extra_environ={"tm.active": True, "tm.manager": manager})
    manager.commit()

    assert len([text for text in sent if "INSERT INTO records" in text]) == 3
    assert texts(app) == ["a", "b", "c"]


def test_only_a_batch_lets_creations_wait(app: TestApp) -> None:
    visit(app, lambda request: write_note(request, "second"))
    sent = sent_by(app)

    app.post_json("/v1/half", {"text": "first", "then": "success"})

    assert len([text for text in sent if "INSERT INTO records" in text]) == 2
