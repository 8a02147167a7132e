"""The client of statsd, against a socket that a test opens."""

import threading
import time
from types import SimpleNamespace

import pytest
from pyramid import testing

from cliquet_like.statsd.client import MOST_HELD, Client, statsd_count
from tests.metering import Crowded, metering


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


def test_no_more_is_held_than_fits_in_memory(client, meter):
    client.hold()

    for _ in range(10 * (MOST_HELD + 1)):
        client.count("books")

    assert len(meter.lines()) == 10 * (MOST_HELD + 1)
    client.count("books")
    assert meter.lines() == []
    client.send()
    assert meter.lines() == ["shelf.books:1|c"]


def test_a_timer_keeps_what_its_function_says(client):
    @client.timer("double")
    def double(number: int) -> int:
        """Twice as much."""
        return 2 * number

    said = double.__name__, double.__doc__

    assert said == ("double", "Twice as much.")


def test_calls_of_a_timed_function_may_overlap(client, meter):
    @client.timer("fall")
    def fall(depth):
        if depth:
            time.sleep(0.05)
            fall(depth - 1)

    fall(1)

    inner_ms, outer_ms = (float(line.partition(":")[2].removesuffix("|ms")) for line in meter.lines())
    assert outer_ms >= 50
    assert outer_ms > inner_ms


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


@pytest.fixture
def crowded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    crowded = Crowded("statsd")
    yield crowded
    crowded.close()


def is_done_when_counting_much(client):
    thread = threading.Thread(target=lambda: [client.count("books") for _ in range(10_000)], daemon=True)
    thread.start()
    thread.join(30)
    return not thread.is_alive()


def test_nobody_waits_for_room_in_the_socket(make_client, crowded):
    client = make_client(connect=crowded.connect)

    done = is_done_when_counting_much(client)

    assert done


def test_what_there_is_no_room_for_is_lost_and_what_is_later_is_sent(make_client, crowded):
    client = make_client(connect=crowded.connect)
    assert is_done_when_counting_much(client)
    early = crowded.read()

    client.count("late")

    assert 0 < len(early) < 10_000
    assert crowded.read() == ["shelf.late:1|c"]


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
