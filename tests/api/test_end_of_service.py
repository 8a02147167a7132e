"""The end of a service: announced, then done."""

import json

import pytest
from pyramid import httpexceptions

from tests.support import application, raising

FUTURE, PAST = "2999-01-01", "2001-01-01"


def alert_of(response):
    return json.loads(response.headers["Alert"])


def test_a_service_without_end_says_nothing():
    assert "Alert" not in application().get("/v1/").headers


def test_an_end_that_comes_is_announced():
    settings = {"eos": FUTURE, "eos_message": "Thank you.", "eos_url": "https://bye.example"}

    response = application(settings).get("/v1/")

    assert response.status_code == 200
    assert alert_of(response) == {"code": "soft-eol", "message": "Thank you.", "url": "https://bye.example"}


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/thing", "/articles"])
def test_an_end_that_comes_is_announced_on_every_response(path):
    app = application({"eos": FUTURE}, services=[raising(httpexceptions.HTTPNotModified())])

    assert alert_of(app.get(path, expect_errors=True))["code"] == "soft-eol"


@pytest.mark.parametrize("path", ["/v1/", "/v1/nothing", "/articles", "/v1/%ff"])
def test_after_the_end_everything_is_gone(path):
    settings = {"eos": PAST, "project_docs": "https://docs.example", "backoff": 3}

    response = application(settings).get(path, headers={"Origin": "https://a.example"}, status=410)

    assert response.json == {
        "code": 410,
        "errno": 202,
        "error": "Gone",
        "message": "The service you are trying to connect no longer exists at this location.",
    }
    assert alert_of(response) == {"code": "hard-eol", "message": None, "url": "https://docs.example"}
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Backoff"] == "3"


@pytest.mark.parametrize(
    "eos", ["2001-01-01T00:00:00Z", "2001-01-01T00:00:00+02:00", "20010101", 20010101], ids=str
)
def test_a_date_may_have_a_time_and_a_zone(eos):
    application({"eos": eos}).get("/v1/", status=410)


def test_the_end_may_be_set_on_a_running_application():
    app = application()

    app.app.registry.settings["eos"] = PAST

    app.get("/v1/", status=410)


def test_a_typing_mistake_on_a_running_application_ends_nothing(caplog):
    app = application()

    app.app.registry.settings["eos"] = "tomorrow"

    assert app.get("/v1/").status_code == 200
    assert "eos" in caplog.text


def test_after_the_end_a_preflight_still_succeeds_so_that_pages_see_the_end():
    app = application({"eos": "2015-01-01"})
    headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}

    response = app.options("/v1/", headers=headers, status=204)

    assert "hard-eol" in response.headers["Alert"]
