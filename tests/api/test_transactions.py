"""What a request writes is stored as a whole, or not at all."""

import io
from typing import Any

import pytest
import transaction
from pyramid.tweens import EXCVIEW
from transaction.interfaces import TransientError
from webtest import TestApp

from cliquet_like.drivers.errors import BackendError, TransientBackendError
from tests.ledger import Ledger
from tests.lines import ThreadEnds, lines
from tests.support import application

RESOURCES = ("tests.resources.notes",)
LINES = "/v1/lines"
JOINING_TWEEN = "cliquet_like.initialization.transactions.joining_tween_factory"


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


@pytest.fixture
def app(ledger: Ledger) -> TestApp:
    return app_of(ledger)


def test_what_a_request_writes_is_committed_once(ledger: Ledger) -> None:
    app = app_of(ledger, lambda request: request.registry.ledger.add("b"))

    response = app.post_json(LINES, {"line": "a"})

    assert response.json == ["a", "b"]
    assert ledger.lines == ["a", "b"]
    assert [session.ended for session in ledger.sessions] == [True]


def test_reading_begins_nothing(app: TestApp, ledger: Ledger) -> None:
    ledger.lines.append("a")

    assert app.get(LINES).json == ["a"]
    assert ledger.sessions == []


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("raised 409", 409),
        ("returned 409", 409),
        ("raised 404", 404),
        ("raised 503", 503),
        ("returned 503", 503),
        ("crash", 500),
    ],
)
def test_an_error_leaves_nothing_behind(app: TestApp, ledger: Ledger, ending: str, status: int) -> None:
    app.post_json(LINES, {"line": "a", "then": ending}, status=status)

    assert ledger.lines == []
    assert (len(ledger.sessions), ledger.open_sessions) == (1, 0)


@pytest.mark.parametrize("ending", ["raised 303", "returned 303"])
def test_a_redirect_is_no_error(app: TestApp, ledger: Ledger, ending: str) -> None:
    app.post_json(LINES, {"line": "a", "then": ending}, status=303)

    assert ledger.lines == ["a"]


def test_a_commit_that_fails_is_no_success(ledger: Ledger) -> None:
    app = app_of(ledger, backoff=7)
    ledger.fail("commit", BackendError(message="the disk is full"))

    response = app.post_json(LINES, {"line": "a"}, headers={"Origin": "http://page.example"}, status=503)

    assert ledger.lines == []
    assert response.json["errno"] == 201
    assert response.headers["Retry-After"] == "30"
    assert response.headers["Backoff"] == "7"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in response.headers["Vary"]
    assert len(ledger.sessions) == 1


@pytest.mark.parametrize("step", ["run", "commit"])
def test_who_was_in_the_way_of_another_tries_again(app: TestApp, ledger: Ledger, step: str) -> None:
    ledger.fail(step, TransientBackendError(message="deadlock"), TransientBackendError(message="deadlock"))

    response = app.post_json(LINES, {"line": "a"})

    assert response.json == ["a"]
    assert ledger.lines == ["a"]
    assert (len(ledger.sessions), ledger.open_sessions) == (3, 0)


@pytest.mark.parametrize("step", ["run", "commit"])
@pytest.mark.parametrize(("settings", "tries"), [({}, 3), ({"retry__attempts": "2"}, 2)])
def test_it_tries_so_often_and_then_gives_up(
    ledger: Ledger, step: str, settings: dict[str, str], tries: int
) -> None:
    app = app_of(ledger, **settings)
    ledger.fail(step, *(TransientBackendError(message="deadlock") for _ in range(tries)))

    response = app.post_json(LINES, {"line": "a"}, headers={"Origin": "http://page.example"}, status=503)

    assert (response.json["errno"], response.headers["Retry-After"]) == (201, "30")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert ledger.lines == []
    assert (len(ledger.sessions), ledger.open_sessions) == (tries, 0)


def test_a_failure_of_another_kind_is_answered_at_once(app: TestApp, ledger: Ledger) -> None:
    ledger.fail("run", BackendError(message="gone"))

    app.post_json(LINES, {"line": "a"}, status=503)

    assert len(ledger.sessions) == 1


def test_a_member_of_somebody_else_may_ask_for_another_try(ledger: Ledger) -> None:
    class Stranger(Mailer):
        def should_retry(self, error: Exception) -> bool:
            return isinstance(error, LookupError)

    def visit(request: Any) -> None:
        request.tm.get().join(Stranger())
        if request.environ["retry.attempt"] == 0:
            raise LookupError

    app_of(ledger, visit).post_json(LINES, {"line": "a"})

    assert ledger.lines == ["a"]
    assert len(ledger.sessions) == 2


def test_an_application_may_ask_for_another_try(ledger: Ledger) -> None:
    def visit(request: Any) -> None:
        if request.environ["retry.attempt"] < 2:
            raise TransientError

    app_of(ledger, visit).post_json(LINES, {"line": "a"})

    assert ledger.lines == ["a"]


class BrokenOnce(io.BytesIO):
    """A connection that breaks, and then goes on as if nothing had been lost."""

    _broken = False

    def read(self, size: int | None = -1) -> bytes:
        if self._broken:
            return super().read(size)
        self._broken = True
        raise ConnectionResetError


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"wsgi.input": io.BytesIO(b'{"line"'), "CONTENT_LENGTH": "20"}, 400),
        (
            {"wsgi.input": BrokenOnce(b'{"line": "a"}'), "CONTENT_LENGTH": "", "wsgi.input_terminated": True},
            500,
        ),
    ],
)
def test_a_body_that_cannot_be_read_is_an_error_of_the_protocol(
    app: TestApp, ledger: Ledger, environ: dict[str, Any], status: int
) -> None:
    request = TestApp.RequestClass.blank(LINES, method="POST", content_type="application/json")
    request.environ.update({"webob.is_body_seekable": False, **environ})

    response = request.get_response(app.app)

    assert (response.status_code, response.json["code"]) == (status, status)
    assert ledger.sessions == []


def test_without_transactions_each_write_is_lasting_at_once(ledger: Ledger) -> None:
    app = app_of(ledger, transaction_per_request=False)
    batch = {"requests": [sub("a", "raised 409"), sub("b")]}

    app.post_json(LINES, {"line": "z", "then": "crash"}, status=500)
    app.post_json("/v1/batch", batch)

    assert ledger.lines == ["z", "a", "b"]
    assert ledger.sessions == []


def test_the_end_of_a_thread_leaves_nothing_open(app: TestApp, ledger: Ledger) -> None:
    with pytest.raises(ThreadEnds):
        app.post_json(LINES, {"line": "a", "then": "end of the thread"})

    assert (ledger.lines, ledger.open_sessions) == ([], 0)


def test_a_tween_inside_of_the_transaction_may_raise(ledger: Ledger) -> None:
    def setup(config: Any) -> None:
        config.registry.ledger, config.registry.visitors = ledger, ()
        config.add_tween("tests.lines.raising_tween_factory", under=JOINING_TWEEN, over=EXCVIEW)

    response = application(services=[lines], setup=setup).post_json(LINES, {"line": "a"}, status=409)

    assert response.json["code"] == 409
    assert (ledger.lines, ledger.open_sessions) == ([], 0)


def test_a_transaction_from_outside_is_left_to_who_began_it(ledger: Ledger) -> None:
    app = app_of(ledger, lambda request: request.tm.get().addBeforeCommitHook(dict))
    manager = transaction.TransactionManager(explicit=True)
    manager.begin()
    environ = {"tm.active": True, "tm.manager": manager}

    app.post_json(LINES, {"line": "a"}, extra_environ=environ)
    app.post_json(LINES, {"line": "b"}, extra_environ=environ)
    before = list(ledger.lines)
    manager.commit()

    assert (before, ledger.lines) == ([], ["a", "b"])


def test_an_application_may_choose_what_is_in_a_transaction(ledger: Ledger) -> None:
    app = app_of(ledger, tm__activate_hook=lambda request: request.method != "POST")

    app.post_json(LINES, {"line": "a", "then": "crash"}, status=500)

    assert (ledger.lines, ledger.sessions) == (["a"], [])


def test_an_application_may_choose_which_answers_keep_nothing(ledger: Ledger) -> None:
    app = app_of(ledger, tm__commit_veto=lambda request, response: response.status_code >= 500)

    app.post_json(LINES, {"line": "a", "then": "raised 409"}, status=409)

    assert ledger.lines == ["a"]


def test_each_request_has_a_manager_of_its_own(ledger: Ledger) -> None:
    seen: list[Any] = []
    app = app_of(ledger, lambda request: seen.append(request.tm))

    app.post_json(LINES, {"line": "a"})
    app.post_json(LINES, {"line": "b"})

    assert [manager.explicit for manager in seen] == [True, True]
    assert seen[0] is not seen[1]


def test_an_application_may_choose_the_manager(ledger: Ledger) -> None:
    chosen: list[Any] = []

    def choose(request: Any) -> Any:
        chosen.append(transaction.TransactionManager())
        return chosen[-1]

    app_of(ledger, tm__manager_hook=choose).post_json(LINES, {"line": "a"})

    assert (ledger.lines, len(chosen)) == (["a"], 1)


# Batches


def sub(line: str, then: str = "success") -> dict[str, Any]:
    return {"method": "POST", "path": LINES, "body": {"line": line, "then": then}}


def statuses(response: Any) -> list[int]:
    return [answer["status"] for answer in response.json["responses"]]


@pytest.mark.parametrize("ending", ["raised 409", "returned 409"])
def test_in_a_batch_what_is_reported_as_done_is_done(app: TestApp, ledger: Ledger, ending: str) -> None:
    requests = [sub("a", ending), sub("b"), sub("c", ending), sub("d")]

    response = app.post_json("/v1/batch", {"requests": requests})

    assert statuses(response) == [409, 200, 409, 200]
    assert ledger.lines == ["b", "d"]
    assert ledger.open_sessions == 0


@pytest.mark.parametrize(("ending", "status"), [("crash", 500), ("raised 503", 503), ("returned 503", 503)])
def test_a_failure_in_a_batch_leaves_nothing_of_it(
    app: TestApp, ledger: Ledger, ending: str, status: int
) -> None:
    requests = [sub("a"), sub("b", ending), sub("c")]

    app.post_json("/v1/batch", {"requests": requests}, status=status)

    assert (ledger.lines, ledger.open_sessions) == ([], 0)


@pytest.mark.parametrize("step", ["run", "savepoint", "rollback_to", "commit"])
def test_a_database_that_fails_in_a_batch_leaves_nothing_of_it(
    app: TestApp, ledger: Ledger, step: str
) -> None:
    ledger.fail(step, BackendError(message="gone"))
    requests = [sub("a"), sub("b", "raised 409"), sub("c")]

    response = app.post_json("/v1/batch", {"requests": requests}, status=503)

    assert (response.json["errno"], response.headers["Retry-After"]) == (201, "30")
    assert (ledger.lines, ledger.open_sessions) == ([], 0)


@pytest.mark.parametrize("step", ["run", "savepoint", "rollback_to", "commit"])
def test_a_batch_in_the_way_of_another_is_tried_again_as_a_whole(
    app: TestApp, ledger: Ledger, step: str
) -> None:
    ledger.fail(step, TransientBackendError(message="deadlock"))
    requests = [sub("a"), sub("b", "raised 409"), sub("c")]

    response = app.post_json("/v1/batch", {"requests": requests})

    assert statuses(response) == [200, 409, 200]
    assert ledger.lines == ["a", "c"]
    assert (len(ledger.sessions), ledger.open_sessions) == (2, 0)


class Mailer:
    """A member of the transaction that knows no savepoints."""

    transaction_manager = None

    def sortKey(self) -> str:  # noqa: N802 - named by the package transaction
        return "mail"

    def abort(self, *_: Any) -> None:
        pass

    tpc_begin = commit = tpc_vote = tpc_finish = tpc_abort = abort


@pytest.mark.parametrize(
    ("endings", "status", "kept"),
    [
        (("success", "success"), 200, ["a", "b"]),
        (("raised 409", "success"), 200, ["b"]),
        (("success", "raised 409"), 500, []),
    ],
)
def test_a_member_without_savepoints_fails_the_batch_when_its_part_would_have_to_be_undone(
    ledger: Ledger, endings: tuple[str, str], status: int, kept: list[str]
) -> None:
    app = app_of(ledger, lambda request: request.tm.get().join(Mailer()))
    requests = [sub(line, ending) for line, ending in zip("ab", endings, strict=True)]

    app.post_json("/v1/batch", {"requests": requests}, status=status)

    assert (ledger.lines, ledger.open_sessions) == (kept, 0)
