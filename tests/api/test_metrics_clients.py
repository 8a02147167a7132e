"""Applications whose metrics go elsewhere than to statsd, or nowhere."""

import socket
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pyramid.exceptions import ConfigurationError
from webtest import TestApp

from cliquet_like import DEFAULT_SETTINGS
from cliquet_like.initialization.metrics import measure
from cliquet_like.kernel.metrics import Metrics
from cliquet_like.statsd import Client, statsd_count
from cliquet_like.testing.app import make_client, sign_in
from tests.metering import Resolver, finish_lookups, metering

_LONG_S = 5
"""More than any request of these tests takes, on a slow machine too."""


class Totals:
    """Metrics as a server that asks for them wants them: totals by name, kept in memory."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.counters: Counter[str] = Counter()
        self.different: dict[str, set[Any]] = {}

    @contextmanager
    def timer(self, key: str) -> Iterator[None]:
        began_s = time.perf_counter()
        try:
            yield
        finally:
            self.calls[key] += 1
            self.seconds[key] += time.perf_counter() - began_s

    def count(self, key: str, count: int = 1, unique: Any = None) -> None:
        if unique is None:
            self.counters[key] += count
        else:
            self.different.setdefault(key, set()).add(unique)


class Batches(Totals):
    """The same, for a client that wants to be told of the end of a request."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[int] = []
        self.holding = False

    def hold(self) -> bool:
        asked_first, self.holding = not self.holding, True
        return asked_first

    def send(self) -> None:
        self.holding = False
        self.sent.append(self.counters.total())


def measured_by(metrics: Metrics, **settings: Any) -> TestApp:
    """Application with a step of its own, after those of the library."""

    def setup_metrics(config: Any) -> None:
        measure(config, metrics)

    steps = [*DEFAULT_SETTINGS["initialization_sequence"], setup_metrics]
    return make_client("tests.resources", initialization_sequence=steps, **settings)


def test_another_client_sees_timers_counters_and_users() -> None:
    totals = Totals()
    app = measured_by(totals)

    app.post_json("/v1/notes", {"data": {}})
    app.get("/v1/notes")
    sign_in(app, "bob").get("/v1/notes")
    app.get("/v1/nosuch", status=404)

    assert totals.calls["storage.memory.get_page"] == 2
    assert totals.calls["view.note-collection.GET"] == 2
    assert totals.calls["authentication.basicauth.authenticated_userid"] >= 3
    assert (
        0 < totals.seconds["storage.memory.get_page"] < totals.seconds["view.note-collection.GET"] < _LONG_S
    )
    assert totals.counters["view.note-collection.GET"] == 2
    assert [totals.counters[f"status.{code}"] for code in (200, 201, 404)] == [2, 1, 1]
    assert len(totals.different["users"]) == 2


def test_another_client_is_the_application_s() -> None:
    totals = Totals()
    app = measured_by(totals)
    request = app.get("/v1/").request
    request.registry = app.app.registry

    statsd_count(request, "exports")

    assert isinstance(app.app.registry.statsd, Totals)
    assert app.app.registry.statsd.counters["exports"] == totals.counters["exports"] == 1


def test_another_client_may_be_told_of_the_end_of_a_request() -> None:
    batches = Batches()
    app = measured_by(batches)

    app.get("/v1/")
    app.post_json("/v1/batch", {"requests": [{"path": "/"}, {"path": "/nosuch"}]})

    # Status, service and policy; then those of a batch with two requests, one of them without service.
    assert batches.sent == [3, 3 + 3 + 3 + 2]


def test_an_application_has_one_client() -> None:
    with (
        metering() as meter,
        pytest.raises(ConfigurationError, match="a client already: leave statsd_url empty"),
    ):
        measured_by(Totals(), statsd_url=meter.url)


@contextmanager
def unused_port() -> Iterator[int]:
    """Port where nobody listens, and nobody else will."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken, metering() as meter:
        taken.bind(("127.0.0.1", 0))
        taken.connect(("127.0.0.1", meter.port))
        yield taken.getsockname()[1]


def seconds_of(call: Callable[[], Any]) -> float:
    began_s = time.monotonic()
    call()
    return time.monotonic() - began_s


# The second is in a network for documentation, RFC 5737; nobody may send to the third.
@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1", "255.255.255.255", "nosuch.invalid"])
def test_a_server_that_is_away_neither_breaks_nor_slows_a_request(host: str) -> None:
    with unused_port() as port:
        app = make_client("tests.resources", statsd_url=f"udp://{host}:{port}")

        answers = [app.post_json("/v1/notes", {"data": {}}, status=201) for _ in range(5)]
        slowest_s = max(seconds_of(lambda: app.get("/v1/notes", status=200)) for _ in range(5))

        assert len(answers) == 5
        assert slowest_s < _LONG_S
        app.app.registry.statsd.close()


def test_a_lookup_that_hangs_neither_stops_the_service_nor_slows_a_request() -> None:
    resolver, apps = Resolver(), []

    def start() -> None:
        client = Client("slow.invalid", 8125, connect=resolver.connect)
        apps.append(measured_by(client))

    start_s = seconds_of(start)
    slowest_s = max(seconds_of(lambda: apps[0].get("/v1/notes", status=200)) for _ in range(5))

    assert resolver.made == []
    assert (start_s < 1 + _LONG_S, slowest_s < _LONG_S) == (True, True)
    resolver.refuse()
    finish_lookups()


def test_a_lookup_that_ends_late_lets_the_application_send() -> None:
    resolver = Resolver()
    with metering() as meter:
        client = Client("127.0.0.1", meter.port, connect=resolver.connect)
        app = measured_by(client)
        app.get("/v1/")
        resolver.answer()
        finish_lookups()

        app.get("/v1/notes")

        assert ("view.note-collection.GET", "c") in [(name, kind) for name, kind in meter.metrics()]
        client.close()
