"""GET /: the hello view."""

import pytest

from tests.support import ALICE, application


def test_hello_says_what_the_service_is():
    app = application({"project_docs": "https://docs.example"})

    body = app.get("/v1/").json

    assert body == {
        "project_name": "shelf",
        "project_version": "1.0.3",
        "http_api_version": "1.0",
        "project_docs": "https://docs.example",
        "cliquet_protocol_version": "2",
        "url": "http://localhost/v1/",
        "settings": {"batch_max_requests": 25, "readonly": False},
        "capabilities": {},
    }


def test_slashes_are_not_escaped():
    assert b"http://localhost/v1/" in application().get("/v1/").body


def test_hello_says_when_the_service_ends():
    assert application({"eos": "2999-01-01"}).get("/v1/").json["eos"] == "2999-01-01"


def test_hello_says_who_is_there():
    body = application().get("/v1/", headers=ALICE).json

    assert body["user"]["id"].startswith("basicauth:")
    assert len(body["user"]["id"]) == len("basicauth:") + 64


def test_hello_is_also_for_those_who_cannot_authenticate():
    body = application().get("/v1/", headers={"Authorization": "Odd abc"}).json

    assert "user" not in body


def test_public_settings_are_shown_as_they_were_registered():
    def setup(config):
        config.registry.public_settings.update({"cliquet_like.paginate_by", "shelf.size", "absent"})

    shown = application({"paginate_by": 3, "shelf.size": 4}, setup=setup).get("/v1/").json["settings"]

    assert shown == {
        "absent": None,
        "batch_max_requests": 25,
        "cliquet_like.paginate_by": 3,
        "readonly": False,
        "shelf.size": 4,
    }


def test_capabilities_are_shown():
    def setup(config):
        config.add_api_capability("flush", url="https://x.example")

    body = application(setup=setup).get("/v1/").json

    assert body["capabilities"] == {"flush": {"description": "", "url": "https://x.example"}}


def test_a_changed_setting_is_shown_at_once():
    app = application()

    app.app.registry.settings["batch_max_requests"] = None

    assert app.get("/v1/").json["settings"]["batch_max_requests"] is None


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"http_scheme": "https"}, "https://localhost:80/v1/"),
        ({"http_host": "shelf.example"}, "http://shelf.example/v1/"),
        ({"http_scheme": "https", "http_host": "shelf.example:8443"}, "https://shelf.example:8443/v1/"),
    ],
)
def test_the_settings_win_over_the_request_s_host_and_scheme(settings, url):
    assert application(settings).get("/v1/").json["url"] == url


def test_head_has_no_body():
    response = application().head("/v1/")

    assert (response.status_code, response.body) == (200, b"")
