"""Where the transaction of a request begins and ends, and what is outside of it."""

from functools import partial
from typing import Any

import pytest
import transaction
from pyramid.request import Request
from transaction.interfaces import TransientError
from webtest import TestApp

from cliquet_like.drivers.errors import TransientBackendError
from cliquet_like.drivers.transactions import remembered
from cliquet_like.web.subrequests import build_request
from tests.ledger import Ledger
from tests.lines import lines
from tests.support import ALICE, application

LINES = "/v1/lines"


def app_of(ledger: Ledger, *visitors: Any, **settings: Any) -> TestApp:
    """Application with the service of lines; the visitors see each request that has written."""

    def setup(config: Any) -> None:
        config.registry.ledger = ledger
        config.registry.visitors = visitors

    spelled = {name.replace("__", "."): value for name, value in settings.items()}
    return application(spelled, services=[lines], setup=setup)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def fail() -> None:
    raise RuntimeError


# Hooks of the transaction


def test_a_hook_before_the_commit_writes_in_the_transaction(ledger: Ledger) -> None:
    app = app_of(ledger, lambda request: request.tm.get().addBeforeCommitHook(ledger.add, ("hook",)))

    app.post_json(LINES, {"line": "view"})

    assert ledger.lines == ["view", "hook"]
    assert [session.ended for session in ledger.sessions] == [True]


def test_it_may_write_what_the_view_did_not(ledger: Ledger) -> None:
    other = Ledger()
    app = app_of(ledger, lambda request: request.tm.get().addBeforeCommitHook(other.add, ("hook",)))

    app.post_json(LINES, {"line": "view"})

    assert (ledger.lines, other.lines) == (["view"], ["hook"])
    assert [session.ended for session in other.sessions] == [True]


def test_a_hook_before_the_commit_that_raises_leaves_nothing_at_all(ledger: Ledger) -> None:
    def visit(request: Any) -> None:
        request.tm.get().addBeforeCommitHook(ledger.add, ("hook",))
        request.tm.get().addBeforeCommitHook(fail)

    app_of(ledger, visit).post_json(LINES, {"line": "view"}, status=500)

    assert (ledger.lines, len(ledger.sessions), ledger.open_sessions) == ([], 1, 0)


def test_a_hook_before_the_commit_in_the_way_of_another_has_the_request_tried_again(ledger: Ledger) -> None:
    def visit(request: Any) -> None:
        request.tm.get().addBeforeCommitHook(write)

    def write() -> None:
        if len(ledger.sessions) == 1:
            raise TransientBackendError(message="deadlock")
        ledger.add("hook")

    app_of(ledger, visit).post_json(LINES, {"line": "view"})

    assert ledger.lines == ["view", "hook"]
    assert (len(ledger.sessions), ledger.open_sessions) == (2, 0)


def test_a_hook_after_the_commit_writes_without_a_transaction(ledger: Ledger) -> None:
    seen = []

    def hook(committed: bool) -> None:
        ledger.add("hook")
        seen.append((committed, remembered(), list(ledger.lines)))

    app = app_of(ledger, lambda request: request.tm.get().addAfterCommitHook(hook))

    app.post_json(LINES, {"line": "view"})

    assert seen == [(True, None, ["view", "hook"])]
    assert (ledger.lines, len(ledger.sessions)) == (["view", "hook"], 1)


def test_a_hook_after_an_abort_writes_without_a_transaction(ledger: Ledger) -> None:
    app = app_of(ledger, lambda request: request.tm.get().addAfterAbortHook(ledger.add, ("hook",)))

    app.post_json(LINES, {"line": "view", "then": "raised 409"}, status=409)

    assert (ledger.lines, len(ledger.sessions)) == (["hook"], 1)


# Where there is none


@pytest.mark.parametrize("transactions", [True, False])
def test_a_request_that_writes_nothing_begins_none(
    ledger: Ledger, caplog: pytest.LogCaptureFixture, transactions: bool
) -> None:
    app = app_of(ledger, transaction_per_request=transactions)
    begun = []

    with caplog.at_level("DEBUG"):
        for ask in (app.get, partial(app.post_json, params={"line": "a"})):
            caplog.clear()
            ask(LINES)
            begun.append([record.message for record in caplog.records].count("new transaction"))

    assert begun == ([0, 1] if transactions else [0, 0])


def test_the_transaction_that_somebody_needs_knows_the_path_and_the_user(ledger: Ledger) -> None:
    seen = []

    def visit(request: Any) -> None:
        seen.append((request.tm.get().description, request.tm.get().user, request.authenticated_userid))

    app = app_of(ledger, visit, tm__annotate_user=True)
    app.post_json(LINES, {"line": "a"}, headers=ALICE)

    assert [(description, user) for description, user, _ in seen] == [(LINES, seen[0][2])]
    assert seen[0][2] is not None


# Several transactions in a request


@pytest.mark.parametrize(
    ("ending", "status", "kept"),
    [("success", 200, ["a", "b"]), ("raised 409", 409, ["a"]), ("crash", 500, ["a"])],
)
def test_a_view_may_commit_and_begin_again(ledger: Ledger, ending: str, status: int, kept: list[str]) -> None:
    def visit(request: Any) -> None:
        request.tm.commit()
        request.tm.begin()
        ledger.add("b")

    app_of(ledger, visit).post_json(LINES, {"line": "a", "then": ending}, status=status)

    assert ledger.lines == kept
    assert (len(ledger.sessions), ledger.open_sessions) == (2, 0)


def test_between_two_transactions_a_write_is_lasting_at_once(ledger: Ledger) -> None:
    def visit(request: Any) -> None:
        request.tm.abort()
        ledger.add("between")
        request.tm.begin()

    app_of(ledger, visit).post_json(LINES, {"line": "a", "then": "raised 409"}, status=409)

    assert (ledger.lines, len(ledger.sessions)) == (["between"], 1)


def test_a_transaction_that_nobody_will_end_is_not_joined(ledger: Ledger) -> None:
    # Such a manager makes a transaction for whoever asks for one.
    manager = transaction.TransactionManager()
    left_over = manager.get()
    app = app_of(ledger, tm__manager_hook=lambda _: manager, tm__activate_hook=lambda _: False)

    app.post_json(LINES, {"line": "a"})

    assert (ledger.lines, ledger.sessions) == (["a"], [])
    assert manager.get() is left_over


def test_a_manager_for_all_requests_keeps_nothing_of_them(ledger: Ledger) -> None:
    manager = transaction.TransactionManager()
    app = app_of(ledger, tm__manager_hook=lambda _: manager)

    app.post_json(LINES, {"line": "a"})
    app.post_json(LINES, {"line": "b", "then": "crash"}, status=500)

    assert (ledger.lines, ledger.open_sessions) == (["a"], 0)
    assert not manager.registeredSynchs()


# Requests and applications inside of a request


def test_a_subrequest_through_the_tweens_is_in_the_transaction(ledger: Ledger) -> None:
    memories = []

    def visit(request: Any) -> None:
        memories.append(remembered())
        if request.json["line"] == "a":
            body = {"line": "b"}
            inner = build_request(request, {"method": "POST", "path": LINES, "body": body})
            request.follow_subrequest(inner, use_tweens=True)
            ledger.add("c")

    app_of(ledger, visit).post_json(LINES, {"line": "a"})

    assert ledger.lines == ["a", "b", "c"]
    assert len(ledger.sessions) == 1
    assert memories[0] is memories[1] is not None


def test_a_request_of_its_own_through_the_tweens_has_its_own_transaction(ledger: Ledger) -> None:
    def visit(request: Any) -> None:
        if request.json["line"] == "a":
            request.invoke_subrequest(
                Request.blank(LINES, method="POST", json_body={"line": "b"}), use_tweens=True
            )
            ledger.add("c")

    app_of(ledger, visit).post_json(LINES, {"line": "a", "then": "crash"}, status=500)

    assert ledger.lines == ["b"]
    assert (len(ledger.sessions), ledger.open_sessions) == (2, 0)


def test_an_application_inside_of_another_has_its_own_transaction(ledger: Ledger) -> None:
    inner = app_of(ledger)
    outer = Ledger()
    app = app_of(outer, lambda _: inner.post_json(LINES, {"line": "inner"}))

    app.post_json(LINES, {"line": "outer", "then": "crash"}, status=500)
    after = inner.post_json(LINES, {"line": "later"}).json

    assert (outer.lines, after) == ([], ["inner", "later"])


def test_an_application_without_transactions_inside_of_another_joins_none(ledger: Ledger) -> None:
    inner = app_of(ledger, transaction_per_request=False)
    outer = Ledger()
    app = app_of(outer, lambda _: inner.post_json(LINES, {"line": "inner"}))

    app.post_json(LINES, {"line": "outer", "then": "crash"}, status=500)

    assert (outer.lines, ledger.lines) == ([], ["inner"])
    assert (len(outer.sessions), len(ledger.sessions)) == (1, 0)


# What is remembered over the attempts


def test_what_is_remembered_is_there_in_the_next_attempt_and_not_in_the_next_request(ledger: Ledger) -> None:
    seen = []

    def visit(request: Any) -> None:
        memory = remembered()
        assert memory is not None
        seen.append(sorted(memory))
        attempt = request.environ["retry.attempt"]
        memory.add(("attempt", attempt))
        if attempt < 2:
            raise TransientError

    app = app_of(ledger, visit)

    app.post_json(LINES, {"line": "a"})
    app.post_json(LINES, {"line": "b"})

    first, second = ("attempt", 0), ("attempt", 1)
    assert seen == [[], [first], [first, second]] * 2


@pytest.mark.parametrize(
    "settings",
    [{"transaction_per_request": False}, {"tm__activate_hook": lambda _: False}],
    ids=["none", "off"],
)
def test_without_a_transaction_nothing_is_remembered(ledger: Ledger, settings: dict[str, Any]) -> None:
    seen: list[Any] = []
    app = app_of(ledger, lambda _: seen.append(remembered()), **settings)

    app.post_json(LINES, {"line": "a"})

    assert [*seen, remembered()] == [None, None]
