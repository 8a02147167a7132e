"""What each request is given for services, and what its answer gets from them."""

import cornice
import pytest
from cornice import pyramidhook
from cornice.errors import Errors
from pyramid.events import NewRequest
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like import Service
from cliquet_like.service.requests import finish, prepare
from tests.support import application, open_service

ORIGIN = {"Origin": "https://a.example"}
EXPOSED = "Alert, Backoff, Content-Length, Retry-After, Vary"


def cors_of(response):
    return {
        name.removeprefix("Access-Control-"): value
        for name, value in response.headers.items()
        if name.startswith("Access-Control-")
    }


def plain_service(**arguments):
    service = cornice.Service(name="plain", path="/thing", **arguments)
    service.add_view("GET", lambda request: {"a": 1}, permission=NO_PERMISSION_REQUIRED)
    return service


def test_a_new_request_has_no_errors_and_nothing_validated():
    seen = []

    def look(event):
        request = event.request
        seen.append((list(request.errors), dict(request.validated), dict(request.info)))

    application(setup=lambda config: config.add_subscriber(look, NewRequest)).get("/v1/")

    assert seen == [([], {}, {})]


def test_a_request_keeps_what_its_own_class_gives():
    class OwnRequest(Request):
        errors = Errors(status=418)
        validated = {"from": "the class"}  # noqa: RUF012 - it is what an application may write
        info = {"from": "the class"}  # noqa: RUF012

    def view(request):
        return [request.errors.status, request.validated, request.info]

    app = application(
        services=[open_service(view)], setup=lambda config: config.set_request_factory(OwnRequest)
    )

    assert app.get("/v1/thing").json[:2] == [418, {"from": "the class"}]


def test_errors_are_in_the_language_of_the_request():
    def view(request):
        return request.errors.localizer.locale_name

    app = application({"available_languages": "en fr"}, services=[open_service(view)])

    assert app.get("/v1/thing", headers={"Accept-Language": "fr"}).json == "fr"


def test_the_headers_of_a_service_take_the_place_of_those_of_a_view():
    def view(request):
        request.response.headers["access-control-expose-headers"] = "X-Own"
        return {}

    response = application(services=[open_service(view)]).get("/v1/thing")

    assert response.headers.getall("Access-Control-Expose-Headers") == [EXPOSED]


def test_cornice_itself_looks_at_no_request():
    registry = application().app.registry

    subscribers = [
        getattr(known.factory, "__wrapped__", known.factory) for known in registry.registeredHandlers()
    ]

    assert pyramidhook.wrap_request not in subscribers
    assert [function.__name__ for function in subscribers].count("prepare_request") == 1


def test_without_an_origin_an_answer_says_what_may_be_read():
    app = application(services=[open_service(lambda request: {}, cors_headers=("X-Shelf",))])

    assert cors_of(app.get("/v1/thing")) == {"Expose-Headers": f"{EXPOSED}, X-Shelf"}
    assert cors_of(app.post("/v1/thing", status=405)) == {}


def test_credentials_are_allowed_with_and_without_an_origin():
    app = application(services=[open_service(lambda request: {}, cors_credentials=True)])

    answers = [app.get("/v1/thing"), app.get("/v1/thing", headers=ORIGIN)]

    assert [cors_of(answer)["Allow-Credentials"] for answer in answers] == ["true", "true"]


def test_a_service_that_shows_no_header_says_so_by_silence():
    class Silent(Service):
        default_cors_headers = ()

    service = Silent(name="thing", path="/thing")
    service.add_view("GET", lambda request: {}, permission=NO_PERMISSION_REQUIRED)

    assert cors_of(application(services=[service]).get("/v1/thing")) == {}


def test_a_service_without_cors_says_nothing():
    app = application(services=[open_service(lambda request: {}, cors_enabled=False)])

    assert cors_of(app.get("/v1/thing")) == {}
    assert cors_of(app.get("/v1/thing", headers=ORIGIN)) == {}


@pytest.mark.parametrize("make", [plain_service, lambda **kw: open_service(lambda request: {"a": 1}, **kw)])
@pytest.mark.parametrize("headers", [{}, ORIGIN], ids=["alone", "with an origin"])
def test_filters_see_every_answer(make, headers):
    def shelve(response, request):
        response.headers["X-Shelf"] = request.method
        return response

    app = application(services=[make(filters=shelve)])

    assert app.get("/v1/thing", headers=headers).headers["X-Shelf"] == "GET"


def test_a_plain_service_with_cors_says_it():
    app = application(services=[plain_service(cors_origins=("*",), cors_headers=("X-Shelf",))])

    answer = app.get("/v1/thing", headers=ORIGIN)

    assert cors_of(answer)["Allow-Origin"] == "*"


def test_a_service_may_answer_as_if_an_origin_was_always_sent():
    app = application({"cornice.always_cors": "true"}, services=[open_service(lambda request: {})])

    assert cors_of(app.get("/v1/thing")) == {"Allow-Origin": "*", "Expose-Headers": EXPOSED}


def test_validators_of_a_preflight_are_asked_after_its_origin():
    seen = []

    def look(request, **_):
        seen.append([error["name"] for error in request.errors])

    service = open_service(lambda request: {}, validators=look, cors_origins=("https://b.example",))
    app = application(services=[service])

    answer = app.options(
        "/v1/thing", headers={**ORIGIN, "Access-Control-Request-Method": "GET"}, expect_errors=True
    )

    assert seen == [["Origin"]]
    assert answer.status_code == 400


def test_an_options_view_of_its_own_is_not_refused_for_the_origin():
    service = open_service(lambda request: {}, cors_origins=("https://b.example",))
    service.add_view("OPTIONS", lambda request: {"own": True}, permission=NO_PERMISSION_REQUIRED)

    answer = application(services=[service]).options("/v1/thing", headers=ORIGIN)

    assert answer.json == {"own": True}
    assert "Allow-Origin" not in cors_of(answer)


def test_the_service_of_a_request_is_the_application_s():
    service = Service(name="thing", path="/thing")
    service.add_view(
        "GET", lambda request: request.current_service.cors_origins, permission=NO_PERMISSION_REQUIRED
    )

    app = application({"cors_origins": "https://a.example"}, services=[service])

    assert app.get("/v1/thing").json == ["https://a.example"]


def test_a_request_is_prepared_once():
    request = Request.blank("/")
    request.registry = application().app.registry

    for _ in range(2):
        prepare(request)
    request.errors.add("body", "name", "wrong")
    prepare(request)

    assert list(request.response_callbacks) == [finish]
    assert len(request.errors) == 1
