"""What operators see of the OAuth server."""

import logging
import time

import pytest
from pyramid.testing import DummyRequest

from cliquet_like_fxa.heartbeat import fxa_ping
from cliquet_like_fxa.testing import Fault
from tests.fxa.signing import app_for, http_answer, make_app, raw_server, settings_for


def request_for(**settings):
    request = DummyRequest()
    request.registry.settings = {f"fxa-oauth.{name}": value for name, value in settings.items()}
    return request


def test_a_server_that_answers_is_well(server):
    assert app_for(server).get("/v1/__heartbeat__").json["oauth"] is True
    assert server.calls == [("GET", "/__heartbeat__")]


def test_a_server_that_nobody_named_is_not_asked(server):
    app = make_app(settings_for(server) | {"fxa-oauth.oauth_uri": ""})

    assert app.get("/v1/__heartbeat__", status=200).json["oauth"] is None
    assert server.calls == []


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (Fault.status(500), "UnusableAnswer: status 500"),
        (Fault.status(404), "UnusableAnswer: status 404"),
        (Fault.closed(), "ConnectionError: "),
        (Fault.slow(2), "UnusableAnswer: the answer takes too long"),
    ],
    ids=lambda fault: getattr(fault, "name", ""),
)
def test_a_server_that_does_not_answer_well_is_ill(server, fault, cause, caplog):
    app = app_for(server, heartbeat_timeout_seconds=0.3)
    server.fail_next("/__heartbeat__", fault)
    begun = time.monotonic()

    with caplog.at_level(logging.WARNING):
        response = app.get("/v1/__heartbeat__", status=503)

    assert response.json["oauth"] is False
    assert response.headers["Retry-After"] == "30"
    (logged,) = [record for record in caplog.records if "heartbeat failed" in record.getMessage()]
    assert (logged.levelname, logged.exc_info) == ("WARNING", None)
    assert "\n" not in logged.getMessage()
    assert cause in logged.getMessage()
    assert time.monotonic() - begun < 1.9


BAD_REDIRECT = http_answer(b"", status="302 Found", headers="Location: http://[\r\n")


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", BAD_REDIRECT], ids=range(3))
def test_bytes_that_are_no_answer_are_ill(answer):
    with raw_server(lambda connection, request: connection.sendall(answer)) as url:
        assert fxa_ping(request_for(oauth_uri=url, heartbeat_timeout_seconds=1)) is False


def test_nobody_there_is_ill():
    with raw_server(lambda connection, request: None) as url:
        pass

    assert fxa_ping(request_for(oauth_uri=url)) is False


def test_a_host_that_has_no_address_is_ill():
    assert fxa_ping(request_for(oauth_uri="https://oauth.invalid/v1", heartbeat_timeout_seconds=1)) is False


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("at_once", "slowly"),
    [
        (b"", OK + b"X-Padding: a\r\n" * 10),
        (OK + b"Content-Length: 1000\r\n\r\n", b" " * 100),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"a" * 100),
        (OK + b"\r\n", b" " * 100),
    ],
    ids=["head", "body", "chunk", "no length"],
)
def test_an_answer_that_comes_byte_by_byte_is_ill_and_bounded(at_once, slowly):
    def drip(connection, request):
        connection.sendall(at_once)
        for byte in slowly:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    with raw_server(drip) as url:
        begun = time.monotonic()

        well = fxa_ping(request_for(oauth_uri=url, heartbeat_timeout_seconds=0.3))

        assert well is False
        assert time.monotonic() - begun < 1.9


@pytest.mark.parametrize(
    ("answer", "well"),
    [
        (OK + b"X-Padd", False),
        (OK + b"X-Padding: a\r\nContent-Type: te", False),
        (OK + b"Content-Length: 3\r\n\r\n{}", False),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{", False),
        (OK + b"Content-Length: 2\r\n\r\n{}", True),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", True),
        (OK + b"Content-Length: 8\r\n\r\nnot JSON", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
    ],
    ids=range(8),
)
def test_an_answer_counts_when_it_is_whole(answer, well):
    with raw_server(lambda connection, request: connection.sendall(answer)) as url:
        assert fxa_ping(request_for(oauth_uri=url, heartbeat_timeout_seconds=5)) is well


def test_a_redirect_is_ill_and_not_followed():
    asked = []

    def redirect(connection, request):
        asked.append(request.partition(b"\r\n")[0])
        redirects = b"/__heartbeat__" in request
        status = "302 Found" if redirects else "200 OK"
        connection.sendall(http_answer(b"{}", status=status, headers="Location: /fine\r\n"))

    with raw_server(redirect) as url:
        well = fxa_ping(request_for(oauth_uri=url, heartbeat_timeout_seconds=5))

    assert well is False
    assert asked == [b"GET /__heartbeat__ HTTP/1.1"]


def test_a_server_below_a_path_has_its_heartbeat_there():
    asked = []

    def answer(connection, request):
        asked.append(request.partition(b"\r\n")[0])
        connection.sendall(http_answer(b"{}"))

    with raw_server(answer) as url:
        assert fxa_ping(request_for(oauth_uri=url.replace("/v1", "/oauth/v1/"))) is True

    assert asked == [b"GET /oauth/__heartbeat__ HTTP/1.1"]
