"""The client of statsd, against a socket that a test opens."""

import logging
import socket
import threading
from types import SimpleNamespace

import pytest
from pyramid import testing

from cliquet_like.statsd import RETRY_S, Client, statsd_count
from cliquet_like.testing.clock import FrozenClock
from tests.metering import metering


@pytest.fixture
def meter():
    with metering() as meter:
        yield meter


@pytest.fixture
def make_client(meter):
    """Maker of clients of the server, which are closed at the end."""
    made = []

    def make(host="127.0.0.1", prefix="shelf", **options):
        made.append(Client(host, meter.port, prefix, **options))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client):
    return make_client()


@pytest.fixture
def lookup(monkeypatch):
    """Names are not found until ``found`` is set; ``asked`` is how often somebody asked."""
    found, asked, answer = threading.Event(), [], socket.getaddrinfo

    def getaddrinfo(*args, **kwargs):
        asked.append(args[0])
        if not found.is_set():
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return answer(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return SimpleNamespace(found=found, asked=asked)


def finish_lookups():
    for thread in threading.enumerate():
        if thread.name == "statsd":
            thread.join(10)


def test_a_context_is_timed_in_milliseconds(client, meter):
    with client.timer("shelf.dust"):
        pass

    (line,) = meter.lines()

    name, _, value = line.partition(":")
    assert name == "shelf.shelf.dust"
    assert 0 <= float(value.removesuffix("|ms")) < 10_000


def test_a_function_is_timed_at_each_call(client, meter):
    @client.timer("double")
    def double(number):
        return 2 * number

    answers = [double(1), double(2)]

    assert answers == [2, 4]
    assert [line.partition(":")[0] for line in meter.lines()] == ["shelf.double"] * 2


def test_what_raises_is_timed_too(client, meter):
    with pytest.raises(KeyError), client.timer("fall"):
        raise KeyError("book")

    assert len(meter.lines()) == 1


def test_counts(client, meter):
    client.count("books")
    client.count("books", count=3)

    assert meter.lines() == ["shelf.books:1|c", "shelf.books:3|c"]


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("ada", "ada"),
        ("", ""),
        (7, "7"),
        ("basicauth:ada", "basicauth%3aada"),
        ("a|b@c%d", "a%7cb%40c%25d"),
        ("a b\nc:1|c", "a%20b%0ac%3a1%7cc"),
        ("é", "%e9"),
        ("\ud800", "%d800"),
    ],
)
def test_different_values_stay_different_in_a_set(client, meter, value, sent):
    client.count("users", unique=value)

    assert meter.lines() == [f"shelf.users:{sent}|s"]


def test_a_long_value_is_sent_as_its_digest(client, meter):
    client.count("users", unique="a" * 100_000)
    client.count("users", unique="a" * 99_999 + "b")

    lines = meter.lines()

    assert len(set(lines)) == 2
    assert {len(line) for line in lines} == {len("shelf.users:|s") + 64}


def test_a_key_cannot_end_its_datagram_or_be_too_long_for_it(client, meter):
    client.count("a:1|c\nb é@")
    client.count("k" * 100_000)

    odd, long = meter.lines()

    assert odd == "shelf.a_1_c_b___:1|c"
    assert long == f"shelf.{'k' * 200}:1|c"


@pytest.mark.parametrize("prefix", [None, ""])
def test_without_prefix_a_key_stands_alone(make_client, meter, prefix):
    client = make_client(prefix=prefix)

    client.count("books")

    assert meter.lines() == ["books:1|c"]


class Shelf:
    def put(self, book):
        return [book]

    def _dust(self):
        return "dusted"


def test_the_public_methods_of_one_object_are_watched(client, meter):
    shelf, other = Shelf(), Shelf()
    client.watch_execution_time(shelf, prefix="backend")

    found = (shelf.put("a"), shelf._dust(), other.put("b"))

    assert found == (["a"], "dusted", ["b"])
    assert [line.partition(":")[0] for line in meter.lines()] == ["shelf.backend.shelf.put"]


def test_a_watched_object_may_have_another_name_and_no_prefix(client, meter):
    shelf = Shelf()
    client.watch_execution_time(shelf, classname="Case")

    shelf.put("a")

    assert [line.partition(":")[0] for line in meter.lines()] == ["shelf.case.put"]


def test_what_is_held_is_sent_together(client, meter):
    held = client.hold(), client.hold()
    with client.timer("dust"):
        client.count("books")
    before = meter.datagrams()

    client.send()

    (datagram,) = meter.datagrams()
    assert (held, before) == ((True, False), [])
    assert [line.partition(":")[0] for line in datagram.split("\n")] == ["shelf.books", "shelf.dust"]


def test_after_sending_nothing_is_held(client, meter):
    client.hold()
    client.send()

    client.count("books")
    client.send()

    assert meter.lines() == ["shelf.books:1|c"]


def test_much_is_sent_in_datagrams_that_pass_every_network(client, meter):
    client.hold()
    for number in range(100):
        client.count(f"book-{number}")

    client.send()

    datagrams = meter.datagrams()
    assert sum(datagram.count("\n") + 1 for datagram in datagrams) == 100
    assert max(map(len, datagrams)) <= 512


def test_a_thread_holds_for_itself(client, meter):
    client.hold()
    other = threading.Thread(target=client.count, args=("books",))

    other.start()
    other.join()

    assert meter.lines() == ["shelf.books:1|c"]
    client.send()


def test_a_closed_client_is_silent(client, meter):
    client.hold()
    client.count("books")
    client.close()

    client.send()
    client.count("books")
    client.close()

    assert meter.lines() == []


def has_ipv6():
    try:
        with metering("::1"):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")
def test_an_address_of_version_6_is_one():
    with metering("::1") as meter:
        client = Client("::1", meter.port, "shelf")

        client.count("books")

        assert meter.lines() == ["shelf.books:1|c"]
        client.close()


def test_a_server_that_is_away_is_not_noticed(make_client):
    refused = make_client("255.255.255.255")  # nobody may send there

    refused.count("books")
    refused.hold()
    refused.count("books")

    refused.send()


@pytest.mark.parametrize("host", ["nosuch.invalid", "a" * 64 + ".invalid"])
def test_a_name_that_is_not_found_is_logged_once(make_client, lookup, caplog, host):
    with caplog.at_level(logging.WARNING):
        client = make_client(host)

    for _ in range(10):
        client.count("books", unique="a")
        with client.timer("dust"):
            client.hold()
        client.send()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert host in caplog.text


def test_a_name_is_looked_up_again_after_a_while(make_client, lookup, meter):
    clock = FrozenClock()
    client = make_client("localhost", clock=clock)
    client.count("books")
    clock.advance(RETRY_S)
    client.count("books")
    finish_lookups()
    client.count("books")
    finish_lookups()
    failures = len(lookup.asked)
    lookup.found.set()
    clock.advance(RETRY_S)
    client.count("lost, or not")
    finish_lookups()

    client.count("books")

    assert failures == 2
    assert meter.lines().count("shelf.books:1|c") == 1


def test_nobody_waits_for_a_lookup(make_client, monkeypatch, lookup):
    clock, go_on = FrozenClock(), threading.Event()
    client = make_client("nosuch.invalid", clock=clock)

    def hang(*args, **kwargs):
        go_on.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    clock.advance(RETRY_S)
    client.count("books")

    waiting = [thread for thread in threading.enumerate() if thread.name == "statsd"]

    assert len(waiting) == 1
    go_on.set()
    finish_lookups()


def test_no_thread_is_no_failure(make_client, lookup, monkeypatch):
    clock = FrozenClock()
    client = make_client("nosuch.invalid", clock=clock)
    clock.advance(RETRY_S)

    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)

    assert client.count("books") is None


def test_an_application_counts_where_it_has_metrics(client, meter):
    request = testing.DummyRequest()
    request.registry = SimpleNamespace(statsd=client)

    statsd_count(request, "books")

    assert meter.lines() == ["shelf.books:1|c"]


@pytest.mark.parametrize("registry", [SimpleNamespace(statsd=None), SimpleNamespace()])
def test_an_application_counts_nothing_where_it_has_none(meter, registry):
    request = testing.DummyRequest()
    request.registry = registry

    statsd_count(request, "books")

    assert meter.lines() == []
