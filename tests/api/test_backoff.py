"""The headers that every response carries."""

import pytest
from pyramid import httpexceptions
from pyramid.response import Response

from cliquet_like.drivers.errors import BackendError
from tests.support import application, open_service, raising

PATHS = ["/v1/", "/v1/nothing", "/articles", "/v1/thing", "/v1/%ff"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "exception",
    [httpexceptions.HTTPNotModified(), BackendError(message="gone"), RuntimeError()],
    ids=lambda exception: type(exception).__name__,
)
def test_backoff_is_on_every_response(path, exception):
    app = application({"backoff": 10}, services=[raising(exception)])

    response = app.get(path, expect_errors=True)

    assert response.headers["Backoff"] == "10"


@pytest.mark.parametrize("backoff", [None, ""])
def test_there_is_no_backoff_unless_it_is_set(backoff):
    assert "Backoff" not in application({"backoff": backoff}).get("/v1/").headers


def test_backoff_may_be_set_on_a_running_application():
    app = application()

    app.app.registry.settings["backoff"] = 5

    assert app.get("/v1/").headers["Backoff"] == "5"


@pytest.mark.parametrize("path", PATHS)
def test_security_headers_are_on_every_response(path):
    headers = application(services=[raising(RuntimeError())]).get(path, expect_errors=True).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert headers["Vary"] == "Authorization"


def test_a_view_may_have_its_own_policy():
    own = Response("<p>", headers={"Content-Security-Policy": "default-src 'self'"})

    response = application(services=[open_service(lambda request: own)]).get("/v1/thing")

    assert response.headers["Content-Security-Policy"] == "default-src 'self'"


@pytest.mark.parametrize(
    ("vary", "header"),
    [
        ("Accept Authorization", "Accept, Authorization"),
        ("Accept, Authorization", "Accept, Authorization"),
        (["Accept"], "Accept"),
        ("", None),
    ],
)
def test_vary_is_a_setting(vary, header):
    assert application({"vary": vary}).get("/v1/").headers.get("Vary") == header


def test_two_applications_do_not_meet():
    one, two = application({"backoff": 1, "vary": "Accept"}), application({"backoff": 2})

    headers = [app.get("/v1/").headers for app in (one, two, one)]

    assert [header["Backoff"] for header in headers] == ["1", "2", "1"]
    assert [header["Vary"] for header in headers] == ["Accept", "Authorization", "Accept"]
