"""Clients of metrics that somebody else wrote, and that fail."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pyramid.events import NewResponse
from webtest import TestApp

from cliquet_like import DEFAULT_SETTINGS
from cliquet_like.initialization.harmless import Harmless
from cliquet_like.initialization.metrics import measure
from cliquet_like.statsd import Client, statsd_count
from cliquet_like.testing.app import make_client
from tests.metering import metering


class TroubleError(Exception):
    """What a client raises."""


class Failing:
    """Client that fails in the methods, and the parts of a timer, that it was told."""

    def __init__(self, *failing: str) -> None:
        self.failing = set(failing)
        self.called: list[str] = []

    def _call(self, name: str) -> None:
        self.called.append(name)
        if name in self.failing:
            raise TroubleError(name)

    def timer(self, key: str) -> Any:
        self._call("timer")
        return self._context()

    @contextmanager
    def _context(self) -> Iterator[str]:
        self._call("enter")
        try:
            yield "timed"
        finally:
            self._call("exit")

    def count(self, key: str, count: int = 1, unique: Any = None) -> None:
        self._call("count")

    def hold(self) -> bool:
        self._call("hold")
        return True

    def send(self) -> None:
        self._call("send")


class Swallowing(Failing):
    """Client whose timers take exceptions for their own."""

    @contextmanager
    def _context(self) -> Iterator[str]:
        try:
            yield "timed"
        except BaseException:  # noqa: BLE001 - the mistake
            self.called.append("swallowed")


PARTS = ["timer", "enter", "exit", "count", "hold", "send"]


def load_from_config(config: Any, prefix: str) -> Callable[[Any], None]:
    """Listener."""
    return lambda event: None


def measured_by(metrics: Any) -> TestApp:
    def setup_metrics(config: Any) -> None:
        measure(config, metrics)

    steps = [*DEFAULT_SETTINGS["initialization_sequence"], setup_metrics]
    listener = {"event_listeners": "queue", "event_listeners.queue.use": "tests.api.test_metrics_failures"}
    return make_client("tests.resources.notes", initialization_sequence=steps, **listener)


@pytest.mark.parametrize("parts", [*([part] for part in PARTS), PARTS], ids=[*PARTS, "all"])
def test_a_client_that_fails_loses_no_answer_and_is_logged_once(
    parts: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    client = Failing(*parts)
    app = measured_by(client)
    caplog.set_level(logging.WARNING)

    made = app.post_json("/v1/notes", {"data": {}}, status=201).json["data"]
    listed = app.get("/v1/notes", status=200).json["data"]

    assert listed == [made]
    assert client.failing & set(client.called)
    assert caplog.text.count("metrics failed") == caplog.text.count("TroubleError: ") == 1


def test_a_client_without_the_methods_loses_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    app = measured_by(object())

    app.post_json("/v1/notes", {"data": {}}, status=201)

    assert caplog.text.count("AttributeError: ") == 1


def test_what_an_application_counts_itself_may_fail_too() -> None:
    client = Failing("count")
    app = measured_by(client)
    app.app.registry.registerHandler(lambda event: statsd_count(event.request, "exports"), (NewResponse,))

    app.get("/v1/", status=200)

    assert client.called.count("count") == 5


@pytest.mark.parametrize(
    "client",
    [Failing(), *(Failing(part) for part in PARTS[:3]), Swallowing()],
    ids=["none", *PARTS[:3], "swallowing"],
)
def test_an_exception_inside_of_a_timer_is_the_application_s(client: Failing) -> None:
    error = LookupError("book")

    with pytest.raises(LookupError) as raised, Harmless(client).timer("dust"):
        raise error

    assert raised.value is error
    assert (error.__context__, error.__cause__) == (None, None)


def test_what_was_not_opened_is_not_closed() -> None:
    client = Failing("enter")

    with Harmless(client).timer("dust") as found:
        inside = found

    assert inside is None
    assert client.called == ["timer", "enter"]


def test_a_timer_is_what_the_client_made_of_it() -> None:
    client = Failing()
    harmless = Harmless(client)

    @harmless.timer("double")
    def double(number: int) -> int:
        return 2 * number

    with harmless.timer("dust") as found:
        answers = [double(1), double(2)]

    assert (found, answers) == ("timed", [2, 4])
    assert client.called == [*["timer", "enter"] * 2, "exit", "timer", "enter", "exit", "exit"]


def test_an_interruption_is_no_failure_of_a_client() -> None:
    class Interrupted(Failing):
        def count(self, key: str, count: int = 1, unique: Any = None) -> None:
            raise KeyboardInterrupt

    harmless = Harmless(Interrupted())

    with pytest.raises(KeyboardInterrupt):
        harmless.count("books")


def test_our_own_client_needs_no_guard() -> None:
    with metering() as meter:
        client = Client("127.0.0.1", meter.port)

        app = measured_by(client)

        assert app.app.registry.statsd is client
        client.close()
