"""Services: JSON answers, and a copy for each application."""

import functools
from datetime import UTC, datetime

import cornice
import pytest
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like import Service
from cliquet_like.service import service_for
from tests.support import application, open_service

ORIGIN = {"Origin": "https://a.example"}


class Custom:
    def __json__(self, request):
        return {"custom": request.path}


def answer(view, **arguments):
    return application(services=[open_service(view, **arguments)]).get("/v1/thing")


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], "text", 0, False])
def test_a_value_leaves_as_json(value):
    response = answer(lambda request: value)

    assert response.json == value
    assert response.headers["Content-Type"] == "application/json"


def test_status_and_headers_of_the_view_are_kept():
    def view(request):
        request.response.status_code = 201
        request.response.headers["X-Shelf"] = "3"
        return {}

    response = answer(view)

    assert (response.status_code, response.headers["X-Shelf"]) == (201, "3")


def test_a_response_leaves_as_it_is():
    response = answer(lambda request: Response("<p>", content_type="text/html"))

    assert (response.text, response.content_type) == ("<p>", "text/html")


def test_no_content_has_no_body():
    def view(request):
        request.response.status_code = 204
        return {"a": 1}

    response = answer(view)

    assert (response.status_code, response.body) == (204, b"")


def test_objects_that_know_their_json_are_asked():
    assert answer(lambda request: {"it": Custom()}).json == {"it": {"custom": "/v1/thing"}}


def test_dates_are_iso_8601():
    assert answer(lambda request: datetime(2030, 1, 2, tzinfo=UTC)).json == "2030-01-02T00:00:00+00:00"


def test_a_partial_function_is_a_view():
    assert answer(functools.partial(lambda size, request: {"size": size}, 3)).json == {"size": 3}


def test_a_renderer_of_its_own_is_respected():
    assert answer(lambda request: 3, renderer="string").text == "3"


def test_a_method_of_a_class_is_a_view():
    class Views:
        def __init__(self, request, context=None):
            self.request = request

        def get(self):
            return {"path": self.request.path}

    service = Service(name="klass", path="/klass")
    service.add_view("GET", "get", klass=Views, permission=NO_PERMISSION_REQUIRED)

    assert application(services=[service]).get("/v1/klass").json == {"path": "/v1/klass"}


def test_two_applications_have_their_own_cors():
    service = open_service(lambda request: {})
    one = application({"cors_origins": "https://a.example"}, services=[service])
    two = application({"cors_origins": "*"}, services=[service])

    answers = [app.get("/v1/thing", headers=ORIGIN) for app in (one, two, one)]

    assert [answer.headers["Access-Control-Allow-Origin"] for answer in answers] == [
        "https://a.example",
        "*",
        "https://a.example",
    ]


def test_a_copy_shares_no_list_with_its_service():
    service = open_service(lambda request: {})
    service.viewset = object()
    before = [(method, list(args["validators"])) for method, _, args in service.definitions]

    app = application(services=[service])

    assert [(method, args["validators"]) for method, _, args in service.definitions] == before
    assert service.defined_methods == ["GET", "HEAD"]
    assert app.app.registry.cornice_services["v1/thing"].viewset is service.viewset


def test_what_a_service_declares_wins():
    service = open_service(lambda request: {}, cors_origins=("https://b.example",), cors_max_age=5)

    copied = service_for(service, {"cors_origins": "*", "cors_max_age_seconds": 3600})

    assert (copied.cors_origins, copied.cors_max_age) == (["https://b.example"], 5)


@pytest.mark.parametrize(("setting", "age"), [("", None), (None, None), ("60", 60)])
def test_the_age_of_a_preflight_may_be_absent(setting, age):
    copied = service_for(open_service(lambda request: {}), {"cors_max_age_seconds": setting})

    assert copied.cors_max_age == age


def test_a_plain_cornice_service_gets_no_cors():
    service = cornice.Service(name="plain", path="/plain")
    service.add_view("GET", lambda request: {"a": 1}, permission=NO_PERMISSION_REQUIRED)

    response = application(services=[service]).get("/v1/plain", headers=ORIGIN)

    assert response.json == {"a": 1}
    assert "Access-Control-Allow-Origin" not in response.headers
