"""Failures as protocol errors."""

import json

import pytest
from pyramid import httpexceptions
from pyramid.httpexceptions import HTTPForbidden, HTTPServiceUnavailable
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like import Service
from cliquet_like.drivers.errors import BackendError
from cliquet_like.errors import ERRORS, http_error
from tests.support import ALICE, application, open_service, raising

UNAVAILABLE = "Service temporary unavailable due to overloading or maintenance, please retry later."


def failing(exception, **options):
    return application(services=[raising(exception)]).get("/v1/thing", expect_errors=True, **options)


def test_an_unknown_url_is_not_found():
    response = application().get("/v1/nothing", status=404)

    assert response.json == {
        "code": 404,
        "errno": 111,
        "error": "Not Found",
        "message": "The resource you are looking for could not be found.",
    }
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("method", ["DELETE", "TRACE", "get"])
def test_a_method_is_not_allowed(method):
    app = application(lint=False)

    response = app.request("/v1/", method=method, status=405)

    assert response.json == {
        "code": 405,
        "errno": 115,
        "error": "Method Not Allowed",
        "message": "Method not allowed on this endpoint.",
    }
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_mistake_is_ours_and_logged_with_its_traceback(caplog):
    response = failing(RuntimeError("a mistake"))

    assert response.status_code == 500
    assert response.json == {
        "code": 500,
        "errno": 999,
        "error": "Internal Server Error",
        "message": "A programmatic error occured, developers have been informed.",
        "info": "https://github.com/mozilla-services/cliquet/issues/",
    }
    assert "RuntimeError: a mistake" in caplog.text


def test_the_link_for_mistakes_is_a_setting():
    app = application(services=[raising(RuntimeError())])

    app.app.registry.settings["error_info_link"] = "https://help.example"

    assert app.get("/v1/thing", status=500).json["info"] == "https://help.example"


@pytest.mark.parametrize(
    "exception",
    [
        BackendError(message="gone"),
        BackendError(ValueError("of ada@example.com")),
        HTTPServiceUnavailable("odd"),
    ],
    ids=["backend", "driver", "plain"],
)
def test_a_failing_backend_is_for_now(exception):
    response = failing(exception)

    assert response.status_code == 503
    assert response.json == {
        "code": 503,
        "errno": 201,
        "error": "Service Unavailable",
        "message": UNAVAILABLE,
    }
    assert response.headers["Retry-After"] == "30"


def test_the_log_of_a_failing_backend_names_nobody(caplog):
    failing(BackendError(ValueError("of ada@example.com")))

    assert "ValueError" in caplog.text
    assert "ada@example.com" not in caplog.text


def test_a_view_says_itself_when_to_retry():
    response = failing(HTTPServiceUnavailable(headers=[("Retry-After", "7")]))

    assert response.headers["Retry-After"] == "7"


@pytest.mark.parametrize("kind", [HTTPServiceUnavailable, HTTPForbidden, httpexceptions.HTTPNotFound])
def test_an_error_that_says_json_is_kept(kind):
    response = failing(http_error(kind(), errno=42, message="mine"))

    assert (response.json["errno"], response.json["message"]) == (42, "mine")


def test_a_503_that_says_json_gets_retry_after_too():
    assert failing(http_error(HTTPServiceUnavailable())).headers["Retry-After"] == "30"


@pytest.mark.parametrize(
    ("kind", "errno", "message"),
    [
        (httpexceptions.HTTPConflict, ERRORS.CONSTRAINT_VIOLATED, "said"),
        (httpexceptions.HTTPNotFound, ERRORS.MISSING_RESOURCE, ERRORS.MISSING_RESOURCE.text),
        (httpexceptions.HTTPRequestEntityTooLarge, ERRORS.REQUEST_TOO_LARGE, "said"),
        (httpexceptions.HTTPBadRequest, ERRORS.UNDEFINED, "said"),
        (httpexceptions.HTTPInternalServerError, ERRORS.UNDEFINED, ERRORS.UNDEFINED.text),
    ],
)
def test_a_plain_exception_becomes_a_protocol_error(kind, errno, message):
    response = failing(kind("said"))

    assert (response.json["code"], response.json["errno"]) == (kind.code, errno.value)
    assert response.json["message"] == message


def test_a_silent_exception_says_what_its_kind_means():
    assert failing(httpexceptions.HTTPConflict()).json["message"] == ERRORS.CONSTRAINT_VIOLATED.text
    assert "message" not in failing(httpexceptions.HTTPBadRequest()).json


def test_a_redirect_of_a_view_is_kept():
    response = failing(httpexceptions.HTTPFound("https://x.example/"))

    assert (response.status_code, response.headers["Location"]) == (302, "https://x.example/")


def test_not_modified_has_no_body():
    response = failing(httpexceptions.HTTPNotModified())

    assert (response.status_code, response.body) == (304, b"")


def test_headers_of_the_failed_response_are_dropped():
    def view(request):
        request.response.headers["ETag"] = '"1"'
        raise RuntimeError

    response = application(services=[open_service(view)]).get("/v1/thing", status=500)

    assert "ETag" not in response.headers


def test_head_of_an_error_has_no_body():
    response = application(services=[raising(RuntimeError())]).head("/v1/thing", status=500)

    assert response.body == b""


@pytest.fixture
def posting():
    service = Service(name="post", path="/post")
    service.add_view(
        "POST",
        lambda request: {},
        permission=NO_PERMISSION_REQUIRED,
        accept=("application/json",),
        content_type=("application/json",),
    )
    return application(services=[service])


def test_an_accept_header_that_cannot_be_met(posting):
    response = posting.post_json("/v1/post", {}, headers={"Accept": "text/html"}, status=406)

    message = "Accept header should be one of ['application/json']"
    assert response.json == {
        "code": 406,
        "errno": 107,
        "error": "Invalid parameters",
        "message": message,
        "details": [{"location": "header", "name": "Accept", "description": message}],
    }


def test_a_content_type_that_is_not_read(posting):
    response = posting.post("/v1/post", "a=b", status=415)

    assert response.json["code"] == 415
    assert response.json["message"] == "Content-Type header should be one of ['application/json']"


def test_what_a_client_sent_is_quoted_whatever_it_is():
    def view(request):
        request.errors.add("body", "title", json.loads('"\\ud800"'))

    response = application(services=[open_service(view)]).get("/v1/thing", status=400)

    assert response.json["message"] == "title in body: ?"


class Policy:
    """Authentication that fails as a server behind it would."""

    def __init__(self, exception):
        self.exception = exception

    def identity(self, request):
        raise self.exception

    authenticated_userid = identity

    def permits(self, request, context, permission):
        return False

    def forget(self, request, **kw):
        return []


@pytest.mark.parametrize(
    ("exception", "status"),
    [(BackendError(message="gone"), 503), (HTTPServiceUnavailable(), 503), (RuntimeError("a mistake"), 500)],
)
def test_a_policy_that_fails_while_a_refusal_is_written(exception, status):
    def setup(config):
        config.commit()
        config.set_security_policy(Policy(exception))

    app = application(services=[raising(HTTPForbidden())], setup=setup)

    # The hello view asks who is there as well, a refusal only while it is written.
    assert app.get("/v1/thing", status=status).json["code"] == status


def test_a_forbidden_view_asks_who_is_there():
    app = application(services=[raising(HTTPForbidden())])

    assert app.get("/v1/thing", status=401).json["errno"] == 104
    assert app.get("/v1/thing", headers=ALICE, status=403).json["errno"] == 121
