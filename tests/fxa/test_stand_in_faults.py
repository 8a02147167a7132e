"""The stand-in for the accounts server when it misbehaves, is slow, or ends."""

import socket
import struct
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import fxa.errors
import pytest
import requests
from fxa.oauth import Client

from cliquet_like_fxa.testing import NONSENSE, Fault, OAuthServer


@pytest.fixture
def server():
    with OAuthServer() as server:
        yield server


@pytest.fixture
def client(server):
    return client_of(server)


def client_of(server):
    return Client(server.client_id, server.client_secret, server.url, cache=None)


@pytest.mark.parametrize("path", ["/verify", "/v1/verify"])
def test_a_fault_happens_as_often_as_it_was_asked_for(server, client, path):
    token = server.issue_token()

    server.fail_next(path, 500, times=2)

    for _ in range(2):
        with pytest.raises(fxa.errors.ServerError) as fault:
            client.verify_token(token)
        assert (fault.value.code, fault.value.errno) == (500, 999)
    assert client.verify_token(token)["user"] == server.user_id("alice")


def test_faults_of_a_path_happen_in_order_and_leave_others_alone(server):
    server.fail_next("/__heartbeat__", Fault.html(502))
    server.fail_next("/__heartbeat__", Fault.status(429, retry_after=0))

    answers = [requests.get(server.url + path, timeout=10) for path in ["/jwks", *["/__heartbeat__"] * 3]]

    assert [answer.status_code for answer in answers] == [200, 502, 429, 200]
    assert answers[1].headers["Content-Type"] == "text/html; charset=utf-8"
    assert answers[2].headers["Retry-After"] == "0"


def test_a_busy_server_says_when_to_come_back(server):
    server.fail_next("/verify", Fault.status(503, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"))

    answer = requests.post(server.url + "/verify", timeout=10)

    assert (answer.status_code, answer.json()["error"]) == (503, "Service Unavailable")
    assert answer.headers["Retry-After"] == "Wed, 21 Oct 2015 07:28:00 GMT"


def test_a_slow_answer_is_the_ordinary_one(server):
    server.fail_next("/__heartbeat__", Fault.slow(0.3))
    started_s = time.monotonic()

    answer = requests.get(server.url + "/__heartbeat__", timeout=10)

    assert time.monotonic() - started_s >= 0.3
    assert answer.json() == {}


@pytest.mark.parametrize("fault", NONSENSE, ids=lambda fault: fault.name)
def test_nonsense_is_successful_and_useless(server, client, fault):
    server.fail_next("/token", fault)

    with pytest.raises(Exception, match=r".") as failure:
        client.trade_code("any")["access_token"].encode()

    assert not isinstance(failure.value, fxa.errors.InProtocolError)


def test_a_closed_connection_has_no_answer_and_pyfxa_asks_four_times(server):
    client = client_of(server)
    server.fail_next("/token", Fault.closed(), times=4)

    with pytest.raises(requests.ConnectionError):
        client.trade_code("any")

    assert server.calls == [("POST", "/v1/token")] * 4


def test_less_than_one_fault_is_a_mistake(server):
    with pytest.raises(ValueError, match="once at least, not 0 times"):
        server.fail_next("/verify", 500, times=0)


def test_the_end_does_not_wait_for_slow_answers_nor_for_silent_browsers():
    with ExitStack() as browsers:
        with OAuthServer() as server:
            server.fail_next("/__heartbeat__", Fault.slow(60))
            silent, asking = (browsers.enter_context(connection_to(server)) for _ in range(2))
            asking.sendall(b"GET /__heartbeat__ HTTP/1.0\r\n\r\n")
            wait_until(lambda: server.calls)
            started_s = time.monotonic()

        assert time.monotonic() - started_s < 10
        assert silent.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            connection_to(server)


def test_a_server_that_ended_can_start_again_at_its_address():
    with OAuthServer() as server:
        token, address = server.issue_token(), server.url

    with server:
        assert server.url == address
        assert client_of(server).verify_token(token)["scope"] == ["profile"]


def test_a_peer_that_goes_away_is_no_news(server, capfd):
    with connection_to(server) as rude:
        # Closing sends a reset.
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        rude.sendall(b"GET /__heart")

    answer = requests.get(server.url + "/__heartbeat__", timeout=10)

    assert answer.status_code == 200
    assert capfd.readouterr() == ("", "")


def connection_to(server):
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=10)


def wait_until(condition, timeout_s=10):
    deadline_s = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert condition()
