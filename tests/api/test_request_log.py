"""One line a request."""

import json
import logging
import re
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from pyramid.interfaces import ITweens
from pyramid.response import Response
from pyramid.tweens import EXCVIEW
from pyramid_retry import RetryableException
from webob import Request

from cliquet_like.logs import logger
from cliquet_like.logs.summary import FIELDS
from cliquet_like.testing.app import sign_in
from cliquet_like.web.subrequests import build_request
from tests.support import ALICE, application, open_service

RESOURCES = ("tests.resources.notes",)
JSON = {"logging_renderer": "cliquet_like.logs.JSONLogRenderer"}


@pytest.fixture
def lines(caplog):
    """Function that gives the summaries written so far."""
    caplog.set_level(logging.INFO)

    def read(event="request.summary"):
        written = [json.loads(message) for message in caplog.messages if message.startswith("{")]
        return [line for line in written if line["event"] == event]

    return read


def summary_of(app, lines, path, *, method="GET", headers=None, **environ):
    """The one line of a request that is sent as it is."""
    environ = {"REQUEST_METHOD": method, **environ}
    Request.blank(path, environ=environ, headers=headers or {}).get_response(app.app)
    (line,) = lines()
    return line


def test_a_line_says_who_asked_for_what_and_how_it_ended(make_app, lines):
    app = make_app(**JSON)
    before = datetime.now(UTC).timestamp()

    app.get("/v1/notes?_limit=2", headers={"User-Agent": "curl", "Accept-Language": "fr"})

    (line,) = lines()
    assert before - 1 < datetime.fromisoformat(line.pop("time")).timestamp() < before + 60
    assert 0 <= line.pop("t") < 10_000
    assert re.fullmatch("[0-9a-f]{32}", line.pop("rid"))
    assert re.fullmatch("basicauth:[0-9a-f]{64}", line.pop("uid"))
    assert line.pop("collection_timestamp") >= 0
    assert line == {
        "level": "info",
        "logger": "testapp",
        "event": "request.summary",
        "method": "GET",
        "path": "/v1/notes",
        "querystring": "_limit=2",
        "code": 200,
        "agent": "curl",
        "lang": "fr",
        "errno": None,
        "authn_type": "basicauth",
        "collection": "note",
    }


def test_who_is_anonymous_has_no_id(make_app, lines):
    app = sign_in(make_app(**JSON), None)

    app.get("/v1/notes", status=401)

    (line,) = lines()
    assert (line["uid"], line["code"], line["errno"]) == (None, 401, 104)
    assert "authn_type" not in line


def test_nobody_is_authenticated_for_the_sake_of_the_log(lines):
    app = application(JSON, services=[open_service(lambda request: {})])

    app.get("/v1/thing", headers=ALICE)

    assert lines()[0]["uid"] is None


def test_the_fields_are_those_of_the_reference(make_app, lines):
    app = make_app(**JSON)

    app.get("/v1/notes")
    app.post_json("/v1/batch", {"requests": [{"path": "/"}]})

    written = {name for line in lines() for name in line} - {"level", "logger", "event"}
    assert written == {field.name for field in FIELDS}
    assert all(field.name in line for line in lines() for field in FIELDS if field.given == "always")


@pytest.mark.parametrize(
    ("method", "path", "headers", "code", "errno"),
    [
        ("GET", "/v1/nowhere", {}, 404, 111),
        ("GET", "/v7/notes", {}, 404, 116),
        ("GET", "/notes", {}, 307, None),
        ("PUT", "/v1/", {}, 405, 115),
        ("GET", "/v1/notes", {"Host": "a b"}, 400, 107),
        ("GET", "/v1/broken", {}, 500, 999),
        ("GET", "/v1/silent", {}, 404, None),
        ("GET", "/v1/streamed", {}, 503, None),
    ],
)
def test_whatever_answers_leaves_a_line(lines, method, path, headers, code, errno):
    broken = open_service(lambda request: 1 // 0, path="/broken")
    silent = open_service(lambda request: Response(status=404, app_iter=[]), path="/silent")
    streamed = open_service(lambda request: Response(status=503, app_iter=iter([b"x"])), path="/streamed")
    app = application(JSON, services=[broken, silent, streamed])

    line = summary_of(app, lines, path, method=method, headers=headers)

    assert (line["code"], line["errno"]) == (code, errno)
    assert "collection" not in line


def test_the_end_of_service_leaves_a_line(lines):
    app = application({**JSON, "eos": "2001-01-01"})

    app.get("/v1/", status=410)

    assert [(line["code"], line["errno"]) for line in lines()] == [(410, 202)]


def test_an_exception_that_nobody_answers_leaves_a_line(lines):
    def leaving(request):
        raise SystemExit(3)

    app = application(JSON, services=[open_service(leaving)])

    with pytest.raises(SystemExit):
        app.get("/v1/thing")

    assert [(line["code"], line["errno"]) for line in lines()] == [(500, None)]


def failing_first(request):
    if (getattr(request, "parent", None) or request).environ["retry.attempt"] == 0:
        raise RetryableException
    logger.info("second attempt")
    return {}


@pytest.mark.parametrize("above_exception_views", [True, False])
def test_a_request_that_is_tried_again_leaves_one_line(lines, above_exception_views):
    def without_exception_views(config):
        if above_exception_views:
            config.add_view(_give_up, context=RetryableException, exception_only=True)

    app = application(JSON, services=[open_service(failing_first)], setup=without_exception_views)

    app.get("/v1/thing", headers={"X-Request-Id": "abc"}, status=200)

    assert [(line["code"], line["rid"]) for line in lines()] == [(200, "abc")]
    assert [line["rid"] for line in lines("second attempt")] == ["abc"]


def _give_up(exception, request):
    raise exception


def test_a_collection_says_its_timestamp(make_app, lines):
    app = make_app(**JSON)
    record = app.post_json("/v1/notes", {"data": {}}).json["data"]

    etag = app.get("/v1/notes").headers["ETag"]
    app.get("/v1/notes", headers={"If-None-Match": etag}, status=304)
    app.get(f"/v1/notes/{record['id']}")

    timestamps = [line.get("collection_timestamp") for line in lines()]
    assert timestamps == [None, int(etag.strip('"')), int(etag.strip('"')), None]


def test_a_collection_that_nobody_may_see_says_none(make_app, lines):
    app = sign_in(make_app(**JSON), None)

    app.get("/v1/notes", status=401)

    assert lines()[0]["collection"] == "note"
    assert "collection_timestamp" not in lines()[0]


def test_a_batch_says_its_size_and_its_requests_have_lines_of_their_own(make_app, lines, caplog):
    caplog.set_level(logging.DEBUG)
    app = make_app(**JSON)
    requests = [{"path": "/notes?_token=abc"}, {"path": "/nowhere"}]

    app.post_json("/v1/batch", {"requests": requests}, headers={"X-Request-Id": "abc"})

    (line,) = lines()
    assert (line["batch_size"], line["rid"], line["code"]) == (2, "abc", 200)
    inner = [(line["level"], line["path"], line["code"], line["rid"]) for line in lines("subrequest.summary")]
    assert inner == [("debug", "/v1/notes", 400, "abc"), ("debug", "/v1/nowhere", 404, "abc")]
    assert "batch_size" not in lines("subrequest.summary")[0]


def test_what_was_done_inside_of_an_attempt_that_is_made_again_is_not_told(lines, caplog):
    caplog.set_level(logging.DEBUG)
    app = application(JSON, services=[open_service(failing_first)])

    app.post_json("/v1/batch", {"requests": [{"path": "/"}, {"path": "/thing"}]}, status=200)

    inner = [(line["path"], line["code"]) for line in lines("subrequest.summary")]
    assert inner == [("/v1/", 200), ("/v1/thing", 200)]
    assert len(lines()) == 1


@pytest.mark.parametrize("error", [ZeroDivisionError, RetryableException, KeyboardInterrupt])
def test_a_request_of_a_batch_that_raises_leaves_a_line(lines, caplog, error):
    caplog.set_level(logging.DEBUG)

    def raising(request):
        raise error

    app = application(JSON, services=[open_service(raising)])
    body = json.dumps({"requests": [{"path": "/"}, {"path": "/thing"}]}).encode()
    batch = Request.blank("/v1/batch", method="POST", body=body, content_type="application/json")

    with suppress(error):
        batch.get_response(app.app)

    inner = [(line["path"], line["code"], line["errno"]) for line in lines("subrequest.summary")]
    assert inner == [("/v1/", 200, None), ("/v1/thing", 500, None)]
    assert [line["code"] for line in lines()] == [500]


def test_a_request_inside_of_another_that_raises_leaves_a_line(lines, caplog):
    caplog.set_level(logging.DEBUG)

    def leaving(request):
        raise SystemExit(3)

    def asking(request):
        with suppress(SystemExit):
            request.follow_subrequest(build_request(request, {"path": "/leaving"}), use_tweens=True)
        return {}

    app = application(JSON, services=[open_service(asking), open_service(leaving, path="/leaving")])

    app.get("/v1/thing")

    assert [(line["path"], line["code"]) for line in lines("subrequest.summary")] == [("/v1/leaving", 500)]
    assert [line["code"] for line in lines()] == [200]


def test_requests_of_a_batch_leave_no_line_above_debug(make_app, lines):
    app = make_app(**JSON)

    app.post_json("/v1/batch", {"requests": [{"path": "/"}]})

    assert len(lines()) == 1
    assert lines("subrequest.summary") == []


def test_a_batch_of_an_application_without_the_step_leaves_no_line(caplog):
    caplog.set_level(logging.DEBUG)
    app = application({"initialization_sequence": "cliquet_like.initialization.setup_authentication"})

    app.post_json("/v1/batch", {"requests": [{"path": "/"}]})

    assert not any("summary" in message for message in caplog.messages)


def test_a_request_inside_of_another_with_all_tweens_leaves_one_for_debugging(lines, caplog):
    caplog.set_level(logging.DEBUG)

    def asking(request):
        hello = build_request(request, {"path": "/"})
        answer, _ = request.follow_subrequest(hello, use_tweens=True)
        return {"answered": answer.status_code}

    app = application(JSON, services=[open_service(asking)])

    app.get("/v1/thing", headers={"X-Request-Id": "abc"})

    assert [(line["path"], line["rid"]) for line in lines()] == [("/v1/thing", "abc")]
    assert [(line["path"], line["rid"]) for line in lines("subrequest.summary")] == [("/v1/", "abc")]


def test_an_application_inside_of_another_has_lines_and_a_clock_of_its_own(lines):
    inner = application({**JSON, "project_name": "inner"})

    def passing_on(request):
        return Request({**request.environ, "PATH_INFO": "/v1/"}).get_response(inner.app)

    outer = application(JSON, services=[open_service(passing_on)])

    outer.get("/v1/thing", headers={"X-Request-Id": "abc"})

    assert [(line["logger"], line["rid"]) for line in lines()] == [("inner", "abc"), ("shelf", "abc")]


def test_the_answer_carries_the_id_that_is_in_the_log(make_app, lines):
    answer = make_app(**JSON).get("/v1/")

    assert answer.headers["X-Request-Id"] == lines()[0]["rid"]
    assert "X-Request-Id" not in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("sent", ["a b", "a=b", 'a"b', "x" * 129, "caf\xe9", "token:hunter2", ""])
def test_an_id_that_is_unfit_is_replaced(make_app, lines, sent):
    environ = {"HTTP_X_REQUEST_ID": sent}

    answer = Request.blank("/v1/", environ=environ).get_response(make_app(**JSON).app)

    assert re.fullmatch("[0-9a-f]{32}", lines()[0]["rid"])
    assert answer.headers["X-Request-Id"] == lines()[0]["rid"]


def test_an_id_that_is_fit_is_answered(make_app, lines):
    answer = make_app(**JSON).get("/v1/", headers={"X-Request-Id": "1-6789:a/b+c._"})

    assert answer.headers["X-Request-Id"] == lines()[0]["rid"] == "1-6789:a/b+c._"


def test_below_info_nothing_is_written_and_no_id_made(make_app, lines, caplog):
    caplog.set_level(logging.WARNING)

    answer = make_app(**JSON).get("/v1/")

    assert caplog.messages == []
    assert "X-Request-Id" not in answer.headers


def test_an_entry_below_info_has_the_id_that_is_answered(lines, caplog):
    caplog.set_level(logging.WARNING)

    def warning(request):
        logger.warning("careful")
        return {}

    answer = application(JSON, services=[open_service(warning)]).get("/v1/thing")

    assert [line["rid"] for line in lines("careful")] == [answer.headers["X-Request-Id"]]


@pytest.mark.parametrize(
    ("sent", "agent"),
    [
        ("x" * 10_000, "x" * 256),
        ("\xc3\xa9" * 10_000, "\xe9" * 256),
        ("caf\xe9", "caf\ufffd"),
        ("a\x00b\x1b[2J\nc", "a\x00b\x1b[2J\nc"),
        ("", ""),
    ],
    ids=["long", "long-utf-8", "latin-1", "control", "empty"],
)
def test_any_agent_is_written(make_app, lines, sent, agent):
    line = summary_of(make_app(**JSON), lines, "/v1/", HTTP_USER_AGENT=sent)

    assert line["agent"] == agent


def test_what_was_not_sent_is_null(make_app, lines):
    line = summary_of(make_app(**JSON), lines, "/v1/")

    assert (line["agent"], line["lang"]) == (None, None)


def test_nobody_forges_a_line(make_app, caplog):
    caplog.set_level(logging.INFO)

    Request.blank("/v1/%0Aroot", environ={"HTTP_USER_AGENT": "a\r\nb\x1b[2J"}).get_response(make_app().app)

    (message,) = caplog.messages
    assert message.startswith('"GET   /v1/\\nroot" 404 (')
    assert " agent=a\\r\\nb\\x1b[2J " in message


def test_a_path_that_is_no_utf_8_is_written(make_app, lines):
    line = summary_of(make_app(**JSON), lines, "/", PATH_INFO="/v1/\xff", QUERY_STRING="a=\xff")

    assert (line["code"], line["path"], line["querystring"]) == (400, "/v1/\ufffd", "a=\ufffd")


def test_where_the_application_is_mounted_is_part_of_the_path(make_app, lines):
    line = summary_of(make_app(**JSON), lines, "/v1/", SCRIPT_NAME="/shelf")

    assert line["path"] == "/shelf/v1/"


def test_the_line_is_made_outside_of_the_exception_views(make_app):
    implicit = make_app().app.registry.getUtility(ITweens).implicit()

    names = [name for name, _ in implicit]
    assert names[0].endswith("request_log_tween_factory")
    assert names.index(EXCVIEW) > 0
