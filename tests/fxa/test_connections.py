"""Connections to the server that are kept open: after a fork, after a long rest, and through proxies."""

import datetime
import ipaddress
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cliquet_like_fxa.oauth import PyFxAServer, ServerUnavailable
from cliquet_like_fxa.settings import parse_settings
from cliquet_like_fxa.testing.hosting import close_connection
from tests.fxa.signing import raw_server

LIMIT_S = 0.4
BOUND_S = LIMIT_S + 1.6
HOST = "accounts.invalid"
KEYS = {"keys": []}


def server_at(url, timeout_s=5, **kw):
    return PyFxAServer(
        parse_settings({"fxa-oauth.oauth_uri": url, "fxa-oauth.timeout_seconds": timeout_s}), **kw
    )


def whole(connection, begun):
    """A request from its first bytes on; empty when the client has hung up."""
    while b"\r\n\r\n" not in begun:
        if not (more := connection.recv(65536)):
            return b""
        begun += more
    head, _, body = begun.partition(b"\r\n\r\n")
    lengths = [
        line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    ]
    while len(body) < int(lengths[0] if lengths else 0):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answered(request):
    """Bytes of the answer: a token is its own user, and a code its own token."""
    head, _, body = request.partition(b"\r\n\r\n")
    answer = KEYS
    if b"/verify" in head:
        answer = {"user": json.loads(body)["token"], "scope": ["profile"], "client_id": "x"}
    if b"/token" in head:
        answer = {"access_token": json.loads(body)["code"]}
    text = json.dumps(answer).encode()
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text) + text
    )


class KeepingServer:
    """Keeps connections open, and ends one in the way of ``hang_up`` after so many answers on it."""

    def __init__(self, answers=10_000, hang_up=lambda connection: None):
        self.connections = []
        self.asked = []
        self.answers = answers
        self._hang_up = hang_up

    def __call__(self, connection, request):
        self.connections.append(connection)
        answers = 0
        while request := whole(connection, request):
            self.asked.append(request.split()[1].decode())
            if answers >= self.answers:
                self._hang_up(connection)
                return
            time.sleep(0.005)
            connection.sendall(answered(request))
            answers += 1
            request = b""


@contextmanager
def serving(keeping, wrap=lambda answer: answer):
    """URL of a server, whose clients need not hang up."""
    with raw_server(wrap(keeping)) as url:
        try:
            yield url
        finally:
            for connection in keeping.connections:
                close_connection(connection)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def begin_an_answer(connection):
    connection.sendall(b"HTTP/1.1 20")


FORKING = """
import os, sys
from cliquet_like_fxa.oauth import PyFxAServer
from cliquet_like_fxa.settings import parse_settings

server = PyFxAServer(parse_settings({"fxa-oauth.oauth_uri": sys.argv[1]}))

def ask(name):
    for number in range(12):
        token = f"{name}-{number}"
        assert server.verify(token, ["profile"]).user == token

ask("before")
children = []
for child in range(3):
    children.append(os.fork())
    if children[-1] == 0:
        ask(f"child{child}")
        sys.exit(0)  # with all that an interpreter does at its end
ask("parent")
statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
assert statuses == [0, 0, 0], statuses
ask("after")
"""


def test_forked_processes_get_no_answers_of_each_other():
    keeping = KeepingServer()
    with serving(keeping) as url:
        finished = subprocess.run(
            [sys.executable, "-c", FORKING, url],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONPATH": os.getcwd(), "PYTHONWARNINGS": "ignore"},
        )

    assert (finished.returncode, finished.stderr) == (0, "")
    assert len(keeping.connections) == 4


def test_another_process_has_a_connection_of_its_own_and_keeps_it():
    process_ids = iter([1, 1, 1, 2, 2])
    keeping = KeepingServer()
    with serving(keeping) as url:
        server = server_at(url, process_id=lambda: next(process_ids))

        found = [server.verify(token, ["profile"]).user for token in "abcd"]

    assert found == ["a", "b", "c", "d"]
    assert len(keeping.connections) == 2


@pytest.mark.parametrize("hang_up", [lambda connection: None, reset], ids=["closed", "reset"])
@pytest.mark.parametrize(("answers", "again"), [(2, "/v1/jwks"), (3, "/v1/verify")])
def test_a_kept_connection_that_is_closed_meanwhile_does_not_fail_a_question(hang_up, answers, again):
    keeping = KeepingServer(answers, hang_up)
    with serving(keeping) as url:
        server = server_at(url)

        found = [server.verify(token, ["profile"]).user for token in "ab"]

    assert found == ["a", "b"]
    assert len(keeping.connections) == 2
    assert keeping.asked.count(again) == 3


def test_a_new_connection_that_is_closed_is_not_asked_twice():
    keeping = KeepingServer(0)
    with serving(keeping) as url, pytest.raises(ServerUnavailable):
        server_at(url).verify("a", ["profile"])

    assert keeping.asked == ["/v1/jwks"]


def test_nobody_is_asked_more_than_twice():
    keeping = KeepingServer(1)
    with serving(keeping) as url:
        server = server_at(url)

        # Each connection takes one question, so the token is sent again.
        assert server.verify("a", ["profile"]).user == "a"
        keeping.answers = 0
        with pytest.raises(ServerUnavailable):
            server.verify("b", ["profile"])

    assert keeping.asked == ["/v1/jwks", *["/v1/verify"] * 2, *["/v1/jwks"] * 2]


def test_an_answer_that_had_begun_is_not_asked_for_again():
    keeping = KeepingServer(2, begin_an_answer)
    with serving(keeping) as url:
        server = server_at(url)
        server.verify("a", ["profile"])

        with pytest.raises(ServerUnavailable):
            server.verify("b", ["profile"])

    assert keeping.asked == ["/v1/jwks", "/v1/verify", "/v1/jwks"]


def test_a_code_is_never_traded_twice():
    keeping = KeepingServer(1)
    with serving(keeping) as url:
        server = server_at(url)
        assert server.trade("a", None) == "a"

        with pytest.raises(ServerUnavailable):
            server.trade("b", None)

    assert keeping.asked == ["/v1/token"] * 2


def drip(connection):
    for byte in b"X-Padding: a\r\n" * 20:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def assert_bounded(url):
    begun = time.monotonic()
    with pytest.raises(ServerUnavailable):
        server_at(url, LIMIT_S).verify("abc", ["profile"])
    assert time.monotonic() - begun < BOUND_S


@pytest.fixture
def through(monkeypatch):
    """Function that has everything asked through the proxy at a URL."""
    for name in ("NO_PROXY", "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)

    def use(url, scheme="http"):
        proxy = url.removesuffix("/v1").replace("http:", f"{scheme}:")
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("HTTPS_PROXY", proxy)

    return use


def test_a_proxy_is_used_and_its_connection_kept(through):
    keeping = KeepingServer()
    with serving(keeping) as proxy:
        through(proxy)

        assert server_at(f"http://{HOST}/v1").verify("a", ["profile"]).user == "a"

    assert keeping.asked == [f"http://{HOST}/v1/jwks", f"http://{HOST}/v1/verify"]
    assert len(keeping.connections) == 1


@pytest.mark.parametrize(
    "at_once",
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"],
    ids=["head", "trailer"],
)
def test_what_comes_through_a_proxy_takes_no_longer_than_it_may(through, at_once):
    def answer(connection, request):
        connection.sendall(at_once)
        drip(connection)

    with raw_server(answer) as proxy:
        through(proxy)

        assert_bounded(f"http://{HOST}/v1")


def test_a_tunnel_is_waited_for_no_longer_than_it_may(through):
    def answer(connection, request):
        assert request.startswith(b"CONNECT ")
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        drip(connection)

    with raw_server(answer) as proxy:
        through(proxy)

        assert_bounded(f"https://{HOST}/v1")


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """Path of a certificate with its key, for the host of the tests."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    today = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certified") / "host.pem"
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(signed.public_bytes(encoding) + secret)
    return path


@pytest.fixture
def tunnel(certified, monkeypatch):
    """Function that turns what a server says to a connection into what it says inside a tunnel, by TLS."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certified))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certified)

    def through_tls(answer):
        def tunnelled(connection, request):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with context.wrap_socket(connection, server_side=True) as inner:
                answer(inner, inner.recv(65536))

        return tunnelled

    return through_tls


def test_an_answer_through_a_tunnel_takes_no_longer_than_it_may(through, tunnel):
    def answer(connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        drip(connection)

    with raw_server(tunnel(answer)) as proxy:
        through(proxy)

        assert_bounded(f"https://{HOST}/v1")


def test_a_tunnel_is_kept_and_made_again_when_it_was_closed_meanwhile(through, tunnel):
    keeping = KeepingServer(2)
    with serving(keeping, tunnel) as proxy:
        through(proxy)
        server = server_at(f"https://{HOST}/v1")

        found = [server.verify(token, ["profile"]).user for token in "ab"]

    assert found == ["a", "b"]
    assert len(keeping.connections) == 2


def greet(connection, pause_s=0.0):
    """SOCKS 5 (RFC 1928): no authentication, then whatever address is asked for is reached."""
    connection.sendall(b"\x05\x00")
    connection.recv(512)
    for byte in b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50":
        time.sleep(pause_s)
        connection.sendall(bytes([byte]))


def test_a_socks_proxy_is_used(through):
    pytest.importorskip("socks")
    keeping = KeepingServer()

    def behind_a_greeting(answer):
        def greeted(connection, request):
            greet(connection)
            answer(connection, b"")

        return greeted

    with serving(keeping, behind_a_greeting) as proxy:
        through(proxy, "socks5h")

        assert server_at(f"http://{HOST}/v1").verify("a", ["profile"]).user == "a"

    assert keeping.asked == ["/v1/jwks", "/v1/verify"]


def test_nothing_is_waited_for_when_the_time_was_over_before_there_was_a_connection(through):
    pytest.importorskip("socks")

    def answer(connection, request):
        greet(connection, LIMIT_S / 5)
        drip(connection)

    with raw_server(answer) as proxy:
        through(proxy, "socks5h")

        assert_bounded(f"http://{HOST}/v1")
