"""CORS headers of every kind of answer."""

import pytest
from pyramid import httpexceptions
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like.drivers.errors import BackendError
from tests.support import application, open_service, raising

RESOURCES = ("tests.resources.notes",)
ORIGIN = {"Origin": "https://a.example"}
EXPOSED = {"Alert", "Backoff", "Retry-After", "Content-Length", "Vary"}


def exposed(response):
    return set(response.headers["Access-Control-Expose-Headers"].split(", "))


@pytest.fixture
def app():
    return application()


@pytest.mark.parametrize("path", ["/v1/", "/v1/nothing", "/nothing", "/v2/", "/v1/__lbheartbeat__"])
def test_every_url_answers_other_origins(app, path):
    response = app.get(path, headers=ORIGIN, expect_errors=True)

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert exposed(response) == EXPOSED
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    "exception",
    [
        httpexceptions.HTTPUnauthorized(),
        httpexceptions.HTTPForbidden(),
        httpexceptions.HTTPNotFound(),
        httpexceptions.HTTPNotModified(),
        httpexceptions.HTTPPreconditionFailed(),
        httpexceptions.HTTPServiceUnavailable(),
        BackendError(message="gone"),
        RuntimeError("a mistake"),
    ],
    ids=lambda exception: type(exception).__name__,
)
def test_every_failure_answers_other_origins(exception):
    app = application(services=[raising(exception)])

    response = app.get("/v1/thing", headers=ORIGIN, expect_errors=True)

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert exposed(response) == EXPOSED


def test_a_method_that_is_not_allowed_answers_other_origins(app):
    response = app.delete("/v1/", headers=ORIGIN, status=405)

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert exposed(response) == EXPOSED


def test_a_service_may_expose_more():
    service = open_service(lambda request: {}, cors_headers=("ETag",))

    response = application(services=[service]).get("/v1/thing", headers=ORIGIN)

    assert exposed(response) == EXPOSED | {"ETag"}


def test_without_origin_nobody_is_let_in(app):
    headers = app.get("/v1/").headers

    assert "Access-Control-Allow-Origin" not in headers
    assert headers["Vary"] == "Authorization"


@pytest.mark.parametrize("path", ["/v1/", "/v1/nothing"])
def test_a_listed_origin_is_echoed(path):
    app = application({"cors_origins": "https://b.example https://*.example"})

    response = app.get(path, headers=ORIGIN, expect_errors=True)

    assert response.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert response.headers["Vary"] == "Authorization, Origin"


def test_answers_that_depend_on_the_origin_say_so_without_one():
    app = application({"cors_origins": "https://b.example"})

    assert app.get("/v1/").headers["Vary"] == "Authorization, Origin"


@pytest.mark.parametrize("path", ["/v1/", "/v1/nothing"])
def test_another_origin_is_not_let_in(path):
    app = application({"cors_origins": "https://b.example"})

    response = app.get(path, headers=ORIGIN, expect_errors=True)

    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_page_of_another_origin_is_answered_but_only_a_preflight_refused():
    app = application({"cors_origins": "https://b.example"})
    preflight = {**ORIGIN, "Access-Control-Request-Method": "POST"}

    assert app.post_json("/v1/batch", {"requests": []}, headers=ORIGIN, status=200).json == {"responses": []}
    refused = app.options("/v1/batch", headers=preflight, status=400)
    assert refused.json["details"][0]["name"] == "Origin"


def test_a_service_may_close_itself():
    app = application(services=[open_service(lambda request: {}, cors_enabled=False)])

    assert "Access-Control-Allow-Origin" not in app.get("/v1/thing", headers=ORIGIN).headers


def test_a_service_may_name_its_own_origins():
    service = open_service(lambda request: {}, cors_origins=("https://a.example",))

    response = application(services=[service]).get("/v1/thing", headers=ORIGIN)

    assert response.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert response.headers["Vary"] == "Authorization, Origin"


def test_a_preflight_says_what_is_allowed(app):
    headers = {**ORIGIN, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "X-A"}

    response = app.options("/v1/", headers=headers)

    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-A" in response.headers["Access-Control-Allow-Headers"].split(",")
    assert "GET" in response.headers["Access-Control-Allow-Methods"].split(",")
    assert response.headers["Access-Control-Max-Age"] == "3600"
    assert "Access-Control-Expose-Headers" not in response.headers


@pytest.mark.parametrize("headers", [{}, ORIGIN, {"Access-Control-Request-Method": "GET"}])
def test_options_that_are_no_preflight_say_what_is_allowed(app, headers):
    response = app.options("/v1/", headers=headers)

    assert (response.status_code, response.body) == (204, b"")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("age", ["", None])
def test_a_preflight_may_have_no_age(age):
    app = application({"cors_max_age_seconds": age})

    response = app.options("/v1/", headers={**ORIGIN, "Access-Control-Request-Method": "GET"})

    assert "Access-Control-Max-Age" not in response.headers


def test_a_preflight_of_an_unlisted_method_is_refused(app):
    response = app.options("/v1/", headers={**ORIGIN, "Access-Control-Request-Method": "PUT"}, status=400)

    assert response.json["errno"] == 107
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_a_plain_pyramid_view_answers_other_origins():
    def setup(config):
        config.add_route("plain", "/plain")
        config.add_view(
            lambda request: {}, route_name="plain", renderer="json", permission=NO_PERMISSION_REQUIRED
        )

    response = application(setup=setup).get("/v1/plain", headers=ORIGIN)

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert exposed(response) == EXPOSED
