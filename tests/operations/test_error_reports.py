"""Errors are reported to ``sentry_dsn``, by sentry-sdk: which ones, and what becomes of them."""

import logging
import socket
import subprocess
import sys
import threading
import time
from contextvars import copy_context
from pathlib import Path

import pytest
import sentry_sdk
from pyramid.config import Configurator
from pyramid.events import ApplicationCreated
from pyramid.exceptions import ConfigurationError
from webtest import TestApp

import cliquet_like
from cliquet_like import logger
from cliquet_like.drivers.errors import BackendError
from cliquet_like.events import AfterResourceChanged
from cliquet_like.initialization import setup_sentry
from cliquet_like.sentry import EXIT_TIMEOUT_S, QUEUE_SIZE, REQUEST_TIMEOUT_S, ErrorReports
from cliquet_like.testing.app import make_client
from tests.listening import subscribe
from tests.operations.receiving import FLUSH_TIMEOUT_S, flush, receiving, reporting, sent_by, types
from tests.support import ALICE, SETTINGS, application, open_service, raising

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
LOST = "error reports are lost"


@pytest.fixture
def receiver():
    with receiving() as made:
        yield made


def test_an_unexpected_error_is_reported_with_its_type_its_stack_and_its_route(receiver):
    app = reporting(receiver, raising(ZeroDivisionError("by nothing")))

    app.get("/v1/thing", status=500)

    event = sent_by(app, receiver)
    (raised,) = event["exception"]["values"]
    assert (raised["type"], raised["stacktrace"]["frames"][-1]["function"]) == ("ZeroDivisionError", "view")
    assert event["logentry"]["message"] == "unexpected error"
    assert event["transaction"] == "GET /v1/thing"
    assert (event["level"], event["release"]) == ("error", "1.0.3")


def test_a_failing_backend_is_reported_with_what_the_driver_raised(receiver):
    failure = BackendError(message="no connection")
    failure.__cause__ = ValueError("statement")
    app = reporting(receiver, raising(failure))

    app.get("/v1/thing", status=503)

    event = sent_by(app, receiver)
    assert event["logentry"]["message"] == "backend failed"
    assert types(event) == ["ValueError", "BackendError"]


def test_a_subscriber_that_fails_after_the_commit_is_reported(receiver):
    def subscriber(event):
        raise LookupError

    client = make_client("tests.resources.notes", sentry_dsn=receiver.dsn)
    subscribe(client, subscriber, AfterResourceChanged)

    client.post_json("/v1/notes", {"data": {"text": "Buy milk"}}, status=201)

    event = sent_by(client, receiver)
    assert types(event) == ["LookupError"]
    assert event["transaction"] == "POST /v1/notes"


def test_a_failing_heartbeat_is_reported(receiver):
    def ping(request):
        raise OSError

    app = reporting(receiver)
    app.app.registry.heartbeats["mail"] = ping

    app.get("/v1/__heartbeat__", status=503)

    assert types(sent_by(app, receiver)) == ["OSError"]


def test_an_error_without_an_exception_is_reported_by_its_name(receiver):
    def view(request):
        logger.critical("mail server is full", used="all-of-it")
        return {}

    app = reporting(receiver, open_service(view))

    app.get("/v1/thing")

    event = sent_by(app, receiver)
    assert (event["logentry"]["message"], event["level"]) == ("mail server is full", "fatal")
    assert "exception" not in event
    assert b"all-of-it" not in receiver.bodies[0]


def test_a_refused_request_is_not_reported(receiver):
    def view(request):
        logger.warning("only a warning")
        raise LookupError

    app = reporting(receiver, open_service(view))

    app.get("/v1/nowhere", status=404)
    app.post("/v1/thing", status=405)
    app.post_json("/v1/batch", {}, headers=ALICE, status=400)
    app.get("/v1/thing", status=500)

    assert types(sent_by(app, receiver)) == ["LookupError"]


def test_an_endless_recursion_is_reported_without_its_stack(receiver):
    def view(request):
        return view(request)

    app = reporting(receiver, open_service(view))

    app.get("/v1/thing", status=500)

    assert types(sent_by(app, receiver)) == ["RecursionError"]


def test_two_applications_report_to_their_own(receiver):
    with receiving() as other_receiver:
        app = reporting(receiver, raising(LookupError()))
        other = reporting(other_receiver, raising(OverflowError()))
        silent = application(services=[raising(ArithmeticError())])

        for each in (app, other, silent):
            each.get("/v1/thing", status=500)

        assert types(sent_by(app, receiver)) == ["LookupError"]
        assert types(sent_by(other, other_receiver)) == ["OverflowError"]
    assert not sentry_sdk.get_client().is_active()
    assert not hasattr(silent.app.registry, "error_reports")


@pytest.mark.parametrize("renderer", ["ClassicLogRenderer", "MozillaHekaRenderer"])
def test_entries_are_written_as_without_reports(receiver, caplog, renderer):
    settings = {"logging_renderer": f"cliquet_like.logs.{renderer}"}
    plain = application(settings, services=[raising(LookupError("by nothing"))])
    app = reporting(receiver, raising(LookupError("by nothing")), settings=settings)

    for each in (plain, app):
        each.get("/v1/thing", status=500)

    flush(app)
    before, after = (entry for entry in caplog.records if "unexpected error" in entry.getMessage())
    assert bool(before.exc_info) == bool(after.exc_info)
    assert ("by nothing" in before.getMessage()) == ("by nothing" in after.getMessage())


def test_reports_need_no_step_for_the_log_and_change_no_line(receiver, caplog):
    config = Configurator(settings={**SETTINGS, "sentry_dsn": receiver.dsn})
    setup_sentry(config)
    config.add_subscriber(lambda event: logger.error("disk is full", size=3), ApplicationCreated)

    app = config.make_wsgi_app()

    app.registry.error_reports.flush(FLUSH_TIMEOUT_S)
    assert caplog.messages == ["disk is full size=3"]
    assert receiver.wait_for(1)[0]["logentry"]["message"] == "disk is full"


def test_an_application_that_is_made_twice_reports_an_error_once(receiver):
    config = Configurator(settings={**SETTINGS, "sentry_dsn": receiver.dsn})
    cliquet_like.initialize(config, version="1.0", project_name="shelf")
    config.add_cornice_service(raising(LookupError()))
    config.make_wsgi_app()
    app = TestApp(config.make_wsgi_app())

    app.get("/v1/thing", status=500)

    assert types(sent_by(app, receiver)) == ["LookupError"]


def fail_to_begin(config_or_event):
    logger.error("no mail server", exc_info=ConnectionError())


def fail_between_begin_and_end(config):
    config.begin()
    fail_to_begin(config)
    config.end()


@pytest.mark.parametrize(
    ("settings", "setup"),
    [
        ({"initialization_sequence": [setup_sentry, fail_to_begin]}, None),
        ({"includes": [fail_to_begin]}, None),
        ({}, fail_between_begin_and_end),
        ({}, lambda config: config.add_subscriber(fail_to_begin, ApplicationCreated)),
    ],
    ids=["step", "plugin", "application", "subscriber"],
)
def test_an_error_at_the_start_is_reported(receiver, settings, setup):
    app = reporting(receiver, settings=settings, setup=setup)

    event = sent_by(app, receiver)
    assert (event["logentry"]["message"], types(event)) == ("no mail server", ["ConnectionError"])
    assert not event.get("transaction")


def test_an_error_in_a_thread_of_a_request_is_reported_with_its_route(receiver):
    def view(request):
        work = threading.Thread(
            target=copy_context().run, args=(logger.error, "no"), kwargs={"exc_info": KeyError()}
        )
        work.start()
        work.join()
        return {}

    app = reporting(receiver, open_service(view))

    app.get("/v1/thing")

    event = sent_by(app, receiver)
    assert (types(event), event["transaction"]) == (["KeyError"], "GET /v1/thing")


def test_an_unreachable_server_is_told_once(caplog):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        dsn = f"http://public@127.0.0.1:{nobody.getsockname()[1]}/1"
        app = application({"sentry_dsn": dsn}, services=[raising(LookupError())])

        for _ in range(3):
            app.get("/v1/thing", status=500)

        flush(app)
    warnings = [entry.getMessage() for entry in caplog.records if entry.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert LOST in warnings[0]


def test_a_server_that_refuses_is_told_once(receiver, caplog):
    receiver.status = 403
    app = reporting(receiver, raising(LookupError()))

    for _ in range(2):
        app.get("/v1/thing", status=500)

    flush(app)
    assert caplog.text.count(LOST) == 1


def test_a_server_that_hangs_is_given_up(receiver, caplog):
    receiver.answering.clear()
    app = reporting(receiver, raising(LookupError()))
    begin = time.monotonic()

    app.get("/v1/thing", status=500)

    flush(app)
    assert time.monotonic() - begin < REQUEST_TIMEOUT_S + 2
    assert caplog.text.count(LOST) == 1


def test_a_server_that_hangs_slows_no_request(receiver, caplog):
    def view(request):
        raise LookupError

    receiver.answering.clear()
    app = reporting(receiver, open_service(view))
    durations_s = []

    for _ in range(QUEUE_SIZE + 5):
        # The first is on its way, the others wait.
        begin = time.monotonic()
        app.get("/v1/thing", status=500)
        durations_s.append(time.monotonic() - begin)

    assert max(durations_s) < 1
    assert caplog.text.count(LOST) == 1
    receiver.answering.set()
    flush(app)


def test_a_report_that_would_be_lost_is_not_made(receiver, caplog):
    class Costly(Exception):
        def __str__(self):
            described.add(self)
            return ""

    described = set()
    receiver.answering.clear()
    reports = ErrorReports(receiver.dsn)
    reports.send("on its way", level=logging.ERROR, exception=None)
    receiver.wait_for(1)

    for _ in range(QUEUE_SIZE + 5):
        reports.send("no", level=logging.ERROR, exception=Costly())

    assert len(described) == QUEUE_SIZE
    assert caplog.text.count(LOST) == 1
    receiver.answering.set()
    reports.flush(FLUSH_TIMEOUT_S)


ENDING = """
import sys
from tests.support import application, raising

app = application({"sentry_dsn": sys.argv[1]}, services=[raising(LookupError())])
for _ in range(3):
    app.get("/v1/thing", status=500)
print("the end", flush=True)
"""


def test_a_server_that_hangs_holds_up_the_end_of_a_process_for_a_moment_only(receiver):
    receiver.answering.clear()
    command = [sys.executable, "-W", "ignore", "-c", ENDING, receiver.dsn]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "the end\n"
        begin = time.monotonic()

        code = process.wait(timeout=60)

    # The first report is on its way, the others wait for it.
    duration_s = time.monotonic() - begin
    assert (code, len(receiver.wait_for(1))) == (0, 1)
    assert EXIT_TIMEOUT_S / 2 < duration_s < EXIT_TIMEOUT_S + 2


FORKING = """
import os, sys
from tests.support import application, raising

app = application({"sentry_dsn": sys.argv[1]}, services=[raising(LookupError())])
if "before" in sys.argv:
    app.get("/v1/thing", status=500)
    app.app.registry.error_reports.flush(20)
child = os.fork()
app.get("/v1/thing", status=500)
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize(("when", "count"), [("after", 2), ("before", 3)])
def test_reports_of_forked_workers_arrive_even_when_they_end_at_once(receiver, when, count):
    command = [sys.executable, "-W", "ignore", "-c", FORKING, receiver.dsn, when]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    assert all(types(event) == ["LookupError"] for event in receiver.wait_for(count))


@pytest.mark.parametrize(
    "dsn",
    [
        "s3cr3tkey",
        "ftp://s3cr3tkey@127.0.0.1/1",
        "https://127.0.0.1/s3cr3tkey",
        "https://s3cr3tkey@127.0.0.1/project",
        "https://s3cr3tkey@127.0.0.1:port/1",
    ],
)
def test_a_wrong_dsn_is_an_error_at_start_that_does_not_show_it(dsn):
    with pytest.raises(ConfigurationError, match=r"sentry_dsn.*https://KEY@HOST/PROJECT") as raised:
        application({"sentry_dsn": dsn})

    assert "s3cr3tkey" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_a_missing_package_is_an_error_that_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)

    with pytest.raises(ConfigurationError, match=r"sentry_dsn.*cliquet-like\[monitoring\]"):
        application({"sentry_dsn": "https://public@127.0.0.1/1"})


def test_without_the_setting_nothing_is_loaded():
    program = (
        "import sys; from tests.support import application; application(); "
        "sys.exit('sentry_sdk' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], cwd=ROOT, timeout=60)

    assert done.returncode == 0
    assert cliquet_like.DEFAULT_SETTINGS["sentry_dsn"] is None
