"""How long a question to the server takes, and what is believed, whatever it does."""

import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cliquet_like_fxa.oauth import PyFxAServer, Refused, ServerUnavailable
from cliquet_like_fxa.settings import parse_settings
from cliquet_like_fxa.testing import Fault
from cliquet_like_fxa.transport import MAX_ANSWER_BYTES, bounded_session, time_limit
from tests.fxa.signing import app_for, bearer, http_answer, raw_server, settings_for

LIMIT_S = 0.4
# The limit, and what a busy machine needs.
BOUND_S = LIMIT_S + 1.6
VERIFIED = json.dumps({"user": "alice", "scope": ["profile"], "client_id": "x"}).encode()
KEYS = b'{"keys": []}'


def server_at(url, timeout_s=LIMIT_S):
    return PyFxAServer(parse_settings({"fxa-oauth.oauth_uri": url, "fxa-oauth.timeout_seconds": timeout_s}))


def usual_answer(request):
    return http_answer(KEYS if b"/jwks" in request else VERIFIED)


def send_slowly(connection, text):
    for byte in text:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def never(connection, request):
    connection.recv(1)  # until the client hangs up


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
# What is sent at once, and what follows byte by byte, for five seconds at least.
DRIPS = {
    "head": (b"HTTP/1.1 200 OK\r\n", b"X-Padding: a\r\n" * 20),
    "heads before the head": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10),
    "body": (HEAD + b"Content-Length: 100000\r\n\r\n", b" " * 100),
    "body without a length": (HEAD + b"\r\n", KEYS + b" " * 100),
    "size of a chunk": (CHUNKED, b"0" * 100),
    "extension of a chunk": (CHUNKED, b"1;" + b"a" * 100),
    "chunks": (CHUNKED, b"1\r\n \r\n" * 20),
    "trailer": (CHUNKED + b"c\r\n" + KEYS + b"\r\n0\r\n", b"X-Padding: a\r\n" * 20),
    "line of a trailer": (CHUNKED + b"c\r\n" + KEYS + b"\r\n0\r\n", b"X-Padding: " + b"a" * 100),
}


@pytest.mark.parametrize("place", DRIPS)
def test_an_answer_that_comes_byte_by_byte_takes_no_longer_than_it_may(place):
    def drip(connection, request):
        at_once, slowly = DRIPS[place]
        connection.sendall(at_once)
        send_slowly(connection, slowly)

    with raw_server(drip) as url:
        begun = time.monotonic()

        with pytest.raises(ServerUnavailable):
            server_at(url).verify("abc", ["profile"])

        assert time.monotonic() - begun < BOUND_S


def half(connection, request):
    connection.sendall(http_answer(KEYS)[:-3])
    never(connection, request)


@pytest.mark.parametrize("behaviour", [never, half], ids=lambda behaviour: behaviour.__name__)
def test_a_question_takes_no_longer_than_it_may(behaviour):
    with raw_server(behaviour) as url:
        begun = time.monotonic()

        with pytest.raises(ServerUnavailable):
            server_at(url).verify("abc", ["profile"])

        assert time.monotonic() - begun < BOUND_S


def test_an_answer_cut_short_is_not_taken_for_a_whole_one(caplog):
    def endless(connection, request):
        connection.sendall(HEAD + b"\r\n" + KEYS)
        never(connection, request)

    with raw_server(endless) as url, pytest.raises(ServerUnavailable):
        server_at(url).verify("abc", ["profile"])

    assert "the answer takes too long" in caplog.text


def test_both_calls_of_a_verification_share_the_time():
    def wait(connection, request):
        time.sleep(LIMIT_S * 0.75)
        connection.sendall(usual_answer(request))

    with raw_server(wait) as url, pytest.raises(ServerUnavailable):
        server_at(url).verify("abc", ["profile"])


def test_no_call_begins_when_the_time_is_over(server):
    with bounded_session() as session, time_limit(0), pytest.raises(OSError, match="no time left"):
        session.get(server.url)

    assert server.calls == []


def test_a_request_ends_within_a_bound_when_the_server_hangs(server):
    app = app_for(server, timeout_seconds=LIMIT_S)
    server.fail_next("/v1/jwks", Fault.slow(3))
    begun = time.monotonic()

    app.get("/v1/notes", headers=bearer("abc"), status=503)

    assert time.monotonic() - begun < BOUND_S


def test_nobody_is_asked_again_who_did_not_answer(server):
    server.fail_next("/v1/verify", Fault.closed(), times=1)

    with pytest.raises(ServerUnavailable):
        server_at(server.url, 5).verify("abc", ["profile"])

    assert server.calls == [("GET", "/v1/jwks"), ("POST", "/v1/verify")]


def test_nobody_listens():
    with raw_server(never) as url:
        pass

    with pytest.raises(ServerUnavailable):
        server_at(url).trade("abc", None)


def test_a_token_is_carried_to_no_other_place():
    followed = threading.Event()

    def redirect(connection, request):
        if b"/elsewhere" in request:
            followed.set()
        if b"/jwks" in request:
            connection.sendall(http_answer(KEYS))
        else:
            headers = "Location: /elsewhere\r\n"
            connection.sendall(http_answer(b"{}", status="307 Temporary Redirect", headers=headers))

    with raw_server(redirect) as url, pytest.raises(ServerUnavailable):
        server_at(url).verify("abc", ["profile"])

    assert not followed.is_set()


def test_an_endless_answer_is_not_read_to_its_end():
    sent = []

    def flood(connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b" " * 65536)
            sent.append(65536)

    with raw_server(flood) as url, pytest.raises(ServerUnavailable):
        server_at(url, 10).verify("abc", ["profile"])

    assert sum(sent) < 20 * MAX_ANSWER_BYTES


def test_an_answer_that_grows_when_it_is_unpacked_is_none():
    def packed(connection, request):
        assert b"accept-encoding: identity" in request.lower()
        connection.sendall(http_answer(b"\x1f\x8b", headers="Content-Encoding: gzip\r\n"))

    with raw_server(packed) as url, pytest.raises(ServerUnavailable):
        server_at(url).verify("abc", ["profile"])


def test_cookies_of_the_server_are_not_kept():
    requests = []

    def baking(connection, request):
        requests.append(request)
        connection.sendall(usual_answer(request).replace(b"\r\n", b"\r\nSet-Cookie: a=b; Path=/\r\n", 1))

    with raw_server(baking) as url:
        server_at(url, 5).verify("abc", ["profile"])

    assert len(requests) == 2
    assert all(b"cookie" not in request.lower() for request in requests)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n\r\n",
        b"nonsense",
        b"HTTP/1.1 200\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"\x16\x03\x01" * 100,
        http_answer(b"[" * 100_000),
        http_answer(b'{"keys": [{"kty": "RSA"}]}'),
        http_answer(b'{"keys": [7]}'),
        http_answer(b'{"keys": null}'),
        http_answer(b"\xff"),
        http_answer(b"", status="204 No Content"),
    ],
    ids=range(12),
)  # fmt: skip
def test_bytes_that_are_no_answer_are_a_server_of_no_use(answer):
    def nonsense(connection, request):
        connection.sendall(answer)

    token = "eyJhbGciOiJSUzI1NiJ9.e30.YWJj"
    with raw_server(nonsense) as url, pytest.raises(ServerUnavailable):
        server_at(url).verify(token, ["profile"])


def test_the_log_says_what_was_wrong_and_never_what_was_sent(server, caplog):
    server.fail_next("/v1/verify", Fault.body({"user": "s3cret:id", "scope": ["profile"], "client_id": "x"}))
    app = app_for(server)

    with caplog.at_level(logging.DEBUG):
        app.get("/v1/notes", headers=bearer("t0k3nt0k3n"), status=503)

    (record,) = [record for record in caplog.records if "of no use" in record.getMessage()]
    assert record.levelname == "ERROR"
    assert "t0k3nt0k3n" not in caplog.text
    assert server.client_secret not in caplog.text
    assert "s3cret" not in caplog.text


def test_a_refusal_is_told_apart(server):
    asked = PyFxAServer(parse_settings(settings_for(server)))

    with pytest.raises(Refused):
        asked.verify("abc", ["profile"])
    with pytest.raises(Refused):
        asked.trade("abc", "v" * 43)


def test_threads_share_a_server(server):
    asked = PyFxAServer(parse_settings(settings_for(server)))
    tokens = {name: server.issue_token(name) for name in ("alice", "bob", "carol", "dave")}

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: asked.verify(tokens[name], ["profile"]).user, [*tokens] * 10))

    assert found == [server.user_id(name) for name in [*tokens] * 10]


def test_without_an_address_it_is_the_server_that_pyfxa_knows():
    assert PyFxAServer(parse_settings({})).url == "https://oauth.accounts.firefox.com/v1"


@pytest.mark.parametrize("uri", ["http://127.0.0.1:8000", "http://127.0.0.1:8000/v1/"])
def test_the_version_is_a_part_of_the_address(uri):
    assert server_at(uri).url == "http://127.0.0.1:8000/v1"
