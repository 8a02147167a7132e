"""The name of the server of statsd: who waits for it, and when it is asked for again."""

import gc
import logging
import threading
import time
import weakref

import pytest
import statsd

from cliquet_like.statsd import Client
from cliquet_like.statsd.connection import LOOKUP_S, RETRY_S
from cliquet_like.testing.clock import FrozenClock
from tests.metering import Resolver, finish_lookups, metering


@pytest.fixture
def meter():
    with metering() as meter:
        yield meter


@pytest.fixture
def resolver():
    resolver = Resolver()
    yield resolver
    resolver.answer()
    finish_lookups()


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def make_client(meter, resolver, clock):
    """Maker of clients of the server, which are closed at the end."""
    made = []

    def make(host="127.0.0.1", connect=resolver.connect):
        made.append(Client(host, meter.port, "shelf", clock=clock, connect=connect))
        return made[-1]

    yield make
    for client in made:
        client.close()


def lookups():
    return [thread for thread in threading.enumerate() if thread.name == "statsd"]


@pytest.mark.parametrize("host", ["nosuch.invalid", "a" * 64 + ".invalid"])
def test_a_name_that_is_not_found_is_logged_once(make_client, caplog, host):
    with caplog.at_level(logging.WARNING):
        client = make_client(host, statsd.StatsClient)

    for _ in range(10):
        client.count("books", unique="a")
        with client.timer("dust"):
            client.hold()
        client.send()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert host in caplog.text


def test_a_name_is_looked_up_again_after_a_while(make_client, resolver, clock, meter):
    resolver.refuse()
    client = make_client()
    client.count("books")
    clock.advance(RETRY_S)
    client.count("books")
    finish_lookups()
    client.count("books")
    failures = resolver.asked
    resolver.answer()
    clock.advance(RETRY_S)
    client.count("lost, or not")
    finish_lookups()

    client.count("books")

    assert failures == 2
    assert meter.lines().count("shelf.books:1|c") == 1


def test_the_start_waits_a_moment_for_a_name(make_client, resolver, caplog):
    began_s = time.monotonic()

    with caplog.at_level(logging.WARNING):
        make_client()

    assert LOOKUP_S / 2 < time.monotonic() - began_s < LOOKUP_S + 5
    assert "statsd is not found" in caplog.text


def test_a_name_that_is_found_late_is_found(make_client, resolver, meter):
    client = make_client()
    resolver.answer()
    finish_lookups()

    client.count("books")

    assert meter.lines() == ["shelf.books:1|c"]


def test_nobody_waits_for_a_lookup_or_begins_another(make_client, resolver, clock):
    client = make_client()
    began_s = time.monotonic()

    for _ in range(10):
        clock.advance(RETRY_S)
        client.count("books")

    assert time.monotonic() - began_s < 5
    assert (len(lookups()), resolver.asked) == (1, 1)


def test_a_client_that_is_closed_meanwhile_opens_nothing(make_client, resolver, clock, meter):
    client = make_client()

    client.close()
    resolver.answer()
    finish_lookups()

    clock.advance(RETRY_S)
    client.count("books")
    finish_lookups()
    assert [made.close_calls for made in resolver.made] == [1]
    assert (resolver.asked, meter.lines()) == (1, [])


def test_a_closed_client_does_not_look_for_its_server(make_client, resolver, clock):
    resolver.refuse()
    client = make_client()
    client.close()

    clock.advance(RETRY_S)
    client.count("books")

    finish_lookups()
    assert resolver.asked == 1


def test_a_client_may_be_closed_while_others_send(make_client):
    client, failures, started = make_client(connect=statsd.StatsClient), [], threading.Event()

    def count():
        try:
            for _ in range(3000):
                client.count("books")
                started.set()
        except AttributeError as error:
            failures.append(error)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    started.wait(10)
    client.close()
    for thread in threads:
        thread.join()

    assert failures == []


def test_a_client_that_nobody_uses_leaves_no_socket(meter, resolver):
    resolver.answer()
    client = Client("127.0.0.1", meter.port, connect=resolver.connect)
    (made,) = resolver.made
    gone = weakref.ref(client)
    finish_lookups()

    del client
    gc.collect()

    assert gone() is None
    assert made.close_calls == 1


def test_no_thread_is_no_failure(meter, monkeypatch, caplog):
    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    clock = FrozenClock()
    client = Client("127.0.0.1", meter.port, clock=clock)
    clock.advance(RETRY_S)

    assert client.count("books") is None
    assert "statsd is not found" in caplog.text
