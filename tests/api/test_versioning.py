"""Versions, slashes and hosts of URLs."""

import pytest
from webtest import TestRequest

from tests.support import application, open_service

RESOURCES = ("tests.resources.notes",)


@pytest.fixture
def app():
    return application(services=[open_service(lambda request: {}, path="/thing/")])


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/", "/v1/"),
        ("/articles", "/v1/articles"),
        ("/articles?a=b&c=%20d", "/v1/articles?a=b&c=%20d"),
        ("/articles/?a=b", "/v1/articles/?a=b"),
        ("/caf%C3%A9%20x", "/v1/caf%C3%A9%20x"),
        ("/V1/articles", "/v1/V1/articles"),
        ("/v1articles", "/v1/v1articles"),
    ],
)
def test_a_path_without_version_is_redirected(app, path, location):
    response = app.get(path)

    assert response.status_code == 307
    assert response.headers["Location"] == f"http://localhost{location}"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_redirect_keeps_the_method(app, method):
    assert app.request("/articles", method=method).status_code == 307


@pytest.mark.parametrize("path", ["/v0/articles", "/v2/", "/v2", "/v01/articles", "/v10/articles"])
def test_another_version_is_not_available(app, path):
    response = app.get(path, status=404)

    assert response.json == {
        "code": 404,
        "errno": 116,
        "error": "Not Found",
        "message": "The requested protocol version is not available on this server.",
    }


def test_the_redirect_of_versions_can_be_disabled():
    app = application({"version_prefix_redirect_enabled": "false"})

    assert app.get("/articles", status=404).json["errno"] == 116


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/",
        "/%5C%5Cevil.example",
        "/%0D%0ASet-Cookie:a",
        "/%2F%2Fevil.example",
        "/@e",
    ],
)
def test_a_redirect_stays_on_this_host(app, path):
    location = app.get(path).headers["Location"]

    assert location.startswith("http://localhost/v1/")
    assert not set(location) & set("\\\r\n")


def test_a_query_is_copied_safely(app):
    request = TestRequest.blank("/articles", environ={"QUERY_STRING": "a=%0d\xe9\r\n<b>"})

    location = app.request(request).headers["Location"]

    assert location == "http://localhost/v1/articles?a=%0d%E9%0D%0A%3Cb%3E"


def test_a_redirect_stays_below_the_mount_point(app):
    location = app.get("/articles", extra_environ={"SCRIPT_NAME": "/m%t"}).headers["Location"]

    assert location == "http://localhost/m%25t/v1/articles"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/v1/articles/", "/v1/articles"),
        ("/v1/articles//?a=b", "/v1/articles?a=b"),
        ("/v1//evil.example/", "/v1//evil.example"),
        ("/v1", "/v1/"),
    ],
)
def test_a_slash_too_much_or_too_few_is_corrected(app, path, location):
    response = app.get(path)

    assert response.status_code == 307
    assert response.headers["Location"] == f"http://localhost{location}"


def test_a_url_that_exists_with_its_slash_is_answered(app):
    assert app.get("/v1/thing/").status_code == 200


def test_the_redirect_of_slashes_can_be_disabled_while_running(app):
    app.app.registry.settings["trailing_slash_redirect_enabled"] = False

    assert app.get("/v1/articles/", status=404).json["errno"] == 111
    assert app.get("/v1", status=404).json["errno"] == 111


def test_a_path_that_is_no_utf_8_is_refused(app):
    response = app.get("/v1/%ff", status=400, headers={"Origin": "https://a.example"})

    assert response.json["errno"] == 107
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_a_path_without_version_that_is_no_utf_8_is_refused_too(app):
    assert app.get("/%ff", status=400).json["errno"] == 107


@pytest.mark.parametrize(
    "host",
    [
        "localhost:abc",
        "[::1",
        "evil/x?",
        "a b",
        "user@host",
        "a\\b",
        "caf\xe9",
        "a:1:2",
        "%zz",
        ":80",
        "[::1]x",
    ],
)
def test_a_host_that_is_none_is_refused(app, host):
    headers = {"Host": host, "Origin": "https://a.example"}

    response = app.get("/articles", status=400, headers=headers)

    assert response.json["errno"] == 107
    assert response.json["details"][0]["name"] == "Host"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8888", "[::1]", "[::1]:80", "a.example:", "under_score"]
)
def test_a_host_may_have_a_port(app, host):
    assert app.get("/v1/", headers={"Host": host}).status_code == 200


def test_an_empty_host_is_the_server_s_name(app):
    assert app.get("/v1/", headers={"Host": ""}).json["url"] == "http://localhost/v1/"


def test_the_host_of_the_settings_replaces_a_bad_one():
    app = application({"http_host": "shelf.example"})

    location = app.get("/articles", headers={"Host": "evil/x?"}).headers["Location"]

    assert location == "http://shelf.example/v1/articles"
