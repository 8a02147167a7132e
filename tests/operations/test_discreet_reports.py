"""Not a word of users, and no secret, is in what is reported to ``sentry_dsn``."""

import socket

import pytest
import sentry_sdk
from pyramid.events import ContextFound
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like import Service, logger
from tests.operations.receiving import flush, receiving, reporting, sent_by, types
from tests.support import SETTINGS, open_service

# Here, for the lines of code around a frame are in a report.
WORD = "hush-" + "0123456789"


@pytest.fixture
def receiver():
    with receiving() as made:
        yield made


def test_nothing_of_the_request_and_of_its_user_is_in_a_report(receiver):
    def view(request):
        body = request.json
        try:
            raise KeyError(body["text"])
        except KeyError as error:
            raise ValueError(f"{body} {request.headers}") from error

    service = Service(name="thing", path="/thing/{id}")
    service.add_view("POST", view, permission=NO_PERMISSION_REQUIRED)
    app = reporting(receiver, service)

    app.post_json(
        f"/v1/thing/path-{WORD}?_token=query-{WORD}",
        {"text": f"body-{WORD}"},
        headers={
            "Authorization": f"Bearer {WORD}",
            "Cookie": f"session={WORD}",
            "User-Agent": f"agent-{WORD}",
            "X-Forwarded-For": "203.0.113.9",
            "Referer": f"http://localhost/{WORD}",
        },
        extra_environ={"REMOTE_ADDR": "203.0.113.7"},
        status=500,
    )

    event = sent_by(app, receiver)
    (body,) = receiver.bodies
    assert types(event) == ["KeyError", "ValueError"]
    assert event["transaction"] == "POST /v1/thing/{id}"
    for secret in (WORD, "203.0.113.", socket.gethostname(), SETTINGS["userid_hmac_secret"]):
        assert secret.encode() not in body
    assert not {"user", "request", "breadcrumbs", "modules"} & event.keys()


def test_what_the_application_sends_on_its_own_is_in_no_report(receiver):
    def view(request):
        word = WORD[:]
        raise LookupError(word)

    app = reporting(receiver, open_service(view))
    everything = {"stack_frame_variables": True}

    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(sentry_sdk.Client(data_collection=everything, default_integrations=False))
        scope.set_user({"id": WORD})
        scope.set_tag("word", WORD)
        app.get("/v1/thing", status=500)

    sent_by(app, receiver)
    assert WORD.encode() not in receiver.bodies[0]


def worded(text):
    return LookupError(text, {"text": text})


def caused(text):
    error = worded(text)
    error.__cause__ = OSError(2, text, text)
    return error


def in_context(text):
    error = worded(text)
    error.__context__ = caused(text)
    return error


def noted(text):
    error = worded(text)
    error.add_note(text)
    return error


def with_attributes(text):
    error = worded(text)
    error.message = error.detail = error.text = text
    return error


def grouped(text):
    return ExceptionGroup(text, [in_context(text), ExceptionGroup(text, [noted(text)])])


@pytest.mark.parametrize(
    ("made", "names"),
    [
        (worded, ["LookupError"]),
        (caused, ["FileNotFoundError", "LookupError"]),
        (in_context, ["FileNotFoundError", "LookupError", "LookupError"]),
        (noted, ["LookupError"]),
        (with_attributes, ["LookupError"]),
        (
            grouped,
            [
                "LookupError",
                "ExceptionGroup",
                "FileNotFoundError",
                "LookupError",
                "LookupError",
                "ExceptionGroup",
            ],
        ),
    ],
)
def test_nothing_that_exceptions_say_is_in_a_report(receiver, made, names):
    def view(request):
        logger.error(worded(WORD), exc_info=made(WORD), field=WORD)
        raise made(WORD)

    app = reporting(receiver, open_service(view))

    app.get("/v1/thing", status=500)

    flush(app)
    logged, raised = receiver.wait_for(2)
    assert types(logged) == types(raised) == names
    assert not any(WORD.encode() in body for body in receiver.bodies)


def test_the_name_of_an_entry_is_sent_without_secrets(receiver):
    def view(request):
        logger.error(f"no answer of https://ada:{WORD}@mail.example.com/?token={WORD}")
        return {}

    app = reporting(receiver, open_service(view))

    app.get("/v1/thing")

    message = sent_by(app, receiver)["logentry"]["message"]
    assert message == "no answer of https://ada:***@mail.example.com/?token=***"


def test_an_invented_method_is_not_sent(receiver):
    app = reporting(
        receiver,
        open_service(lambda request: {}),
        setup=lambda config: config.add_subscriber(lambda event: logger.error("no"), ContextFound),
        lint=False,
    )

    app.request("/v1/thing", method="ADA", status="*")

    assert sent_by(app, receiver)["transaction"] == "? /v1/thing"
