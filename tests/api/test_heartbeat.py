"""GET /__heartbeat__ and /__lbheartbeat__."""

import enum
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import pytest
from pyramid.events import NewRequest
from pyramid.threadlocal import get_current_registry, get_current_request

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.transactions import is_open
from tests.support import application

RESOURCES = ("tests.resources.notes",)
PATH = "/v1/__heartbeat__"
TIMEOUT = "heartbeat_timeout_seconds"
LONG_S = 60

mark = ContextVar("mark", default="none")


def with_pings(timeout_s=LONG_S, **pings):
    """Client of an application with these heartbeats only."""

    def setup(config):
        config.registry.heartbeats = pings

    app = application(setup=setup)
    app.app.registry.settings[TIMEOUT] = timeout_s
    return app


def with_ping(ping):
    return with_pings(it=ping)


def alive(request):
    return True


def wait_until(condition):
    """Wait until something is true, not longer than ten seconds."""
    for _ in range(10_000):
        if condition():
            return
        time.sleep(0.001)
    raise AssertionError("It never was.")


@pytest.fixture
def hanging():
    """A heartbeat that hangs until ``hanging.end`` is set, and counts how often it was asked."""

    def ping(request):
        ping.asked += 1
        ping.end.wait(LONG_S)
        return True

    ping.asked, ping.end = 0, threading.Event()
    yield ping
    ping.end.set()


def test_every_backend_is_asked():
    assert application().get(PATH).json == {"storage": True, "cache": True}


def test_nothing_to_ask_is_fine():
    assert application({"storage_backend": "", "cache_backend": ""}).get(PATH).json == {}


@pytest.mark.parametrize("value", [True, None, "fine"])
def test_what_does_not_fail_is_fine(value):
    response = with_ping(lambda request: value).get(PATH)

    assert response.json == {"it": value}


@pytest.mark.parametrize("timeout_s", [LONG_S, 0])
@pytest.mark.parametrize("value", [False, 0, ""])
def test_what_fails_is_unavailable_and_logged(caplog, value, timeout_s):
    app = with_pings(timeout_s, fine=alive, broken=lambda request: value, silent=lambda request: None)

    response = app.get(PATH, status=503)

    assert response.json == {"fine": True, "broken": value, "silent": None}
    assert response.headers["Retry-After"] == "30"
    assert "heartbeats are false" in caplog.text
    assert "broken" in caplog.text


@pytest.mark.parametrize("timeout_s", [LONG_S, 0])
@pytest.mark.parametrize("error", [BackendError(message="gone"), RuntimeError("a mistake")])
def test_what_raises_has_failed_and_is_logged(caplog, error, timeout_s):
    def ping(request):
        raise error

    response = with_pings(timeout_s, it=ping, other=alive).get(PATH, status=503)

    assert response.json == {"it": False, "other": True}
    assert "heartbeat failed" in caplog.text
    assert str(error) in caplog.text


def test_an_answer_that_is_no_json_has_failed(caplog):
    response = with_ping(lambda request: object()).get(PATH, status=503)

    assert response.json == {"it": False}
    assert "heartbeat failed" in caplog.text


@pytest.mark.parametrize(
    ("timeout_s", "ending"),
    [(LONG_S, SystemExit), (LONG_S, KeyboardInterrupt), (LONG_S, GeneratorExit), (0, SystemExit)],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_one_that_would_end_its_thread_is_false_and_can_be_asked_again(caplog, timeout_s, ending):
    answers = iter([ending(), None])

    def ping(request):
        if answer := next(answers):
            raise answer

    app = with_pings(timeout_s, it=ping, other=alive)

    first, second = app.get(PATH, status=503).json, app.get(PATH, status=200).json

    assert (first, second) == ({"it": False, "other": True}, {"it": None, "other": True})
    assert "heartbeat failed" in caplog.text


def test_who_stops_the_server_stops_a_heartbeat_in_its_thread():
    def ping(request):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        with_pings(0, it=ping).get(PATH)


class Mail:
    """A name that is no text."""


class Kind(str, enum.Enum):  # noqa: UP042 - one that is a text, and is told as another one
    DISK = "disk"


@pytest.mark.parametrize("timeout_s", [LONG_S, 0])
@pytest.mark.parametrize("failing", [True, False])
def test_names_that_are_no_text_are_told_as_one(timeout_s, failing):
    names = [Mail, None, "None", 7, Kind.DISK, "\udc80"]

    def setup(config):
        config.registry.heartbeats = {name: lambda request: not failing for name in names}

    response = application({TIMEOUT: timeout_s}, setup=setup).get(PATH, status=503 if failing else 200)

    assert list(response.json) == [str(Mail), "None", "7", str(Kind.DISK), "?"]
    assert set(response.json.values()) == {not failing}


def test_all_are_asked_at_the_same_time():
    meeting = threading.Barrier(3)

    def ping(request):
        meeting.wait(10)
        return True

    assert with_pings(a=ping, b=ping, c=ping).get(PATH).json == {"a": True, "b": True, "c": True}


def test_answers_are_in_the_order_of_registration():
    ended = threading.Event()

    def last(request):
        return ended.wait(10)

    def first(request):
        ended.set()

    assert list(with_pings(z=last, a=first).get(PATH).json) == ["z", "a"]


def test_a_slow_one_is_false_after_the_timeout_and_logged_and_holds_nobody_up(caplog, hanging):
    app = with_pings(0.2, slow=hanging, quick=alive)

    began_s = time.monotonic()
    response = app.get(PATH, status=503)
    took_s = time.monotonic() - began_s

    assert response.json == {"slow": False, "quick": True}
    assert response.headers["Retry-After"] == "30"
    assert 0.2 <= took_s < 2
    assert "heartbeat timed out" in caplog.text


def test_one_that_still_hangs_is_false_at_once_and_not_asked_again_before_it_has_ended(hanging):
    app = with_pings(0.1, slow=hanging, quick=alive)
    app.get(PATH, status=503)
    app.app.registry.settings[TIMEOUT] = LONG_S

    began_s = time.monotonic()
    answers = [app.get(PATH, status=503).json for _ in range(5)]
    took_s = time.monotonic() - began_s
    hanging.end.set()
    healed = [app.get(PATH, expect_errors=True).status_code for _ in range(100) if not time.sleep(0.01)]

    assert answers == [{"slow": False, "quick": True}] * 5
    assert took_s < LONG_S / 2
    assert healed[-1] == 200
    assert hanging.asked > 1


def test_hanging_ones_take_one_thread_each(hanging):
    before = threading.active_count()
    app = with_pings(0.05, a=hanging, b=hanging, quick=alive)

    answers = [app.get(PATH, status=503).json for _ in range(20)]

    assert answers == [{"a": False, "b": False, "quick": True}] * 20
    assert hanging.asked == 2
    assert threading.active_count() - before <= 3


def test_two_requests_at_the_same_time_share_an_answer():
    both_are_here, asked = threading.Event(), []

    def slow(request):
        asked.append("slow")
        return both_are_here.wait(10)

    def quick(request):
        # The second request asks it again, after it has come to the slow one.
        asked.append("quick")
        if asked.count("quick") == 2:
            both_are_here.set()

    app = with_pings(slow=slow, quick=quick)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(app.get, PATH)
        wait_until(lambda: "quick" in asked)
        # Its thread is free in a moment; before that, the second request would share its answer.
        time.sleep(0.2)
        second = threads.submit(app.get, PATH)
        answers = [request.result(timeout=30).json for request in (first, second)]

    assert answers == [{"slow": True, "quick": None}] * 2
    assert asked.count("slow") == 1


@pytest.mark.parametrize("nonsense", [None, "", "soon", -1, True, [], float("nan"), float("inf"), 10**400])
def test_a_timeout_that_is_none_is_the_default(nonsense):
    assert with_pings(nonsense, it=alive).get(PATH).json == {"it": True}


def test_the_timeout_may_be_changed_on_a_running_application(hanging):
    app = with_pings(it=alive)
    app.get(PATH, status=200)

    app.app.registry.settings[TIMEOUT] = "0.1"
    app.app.registry.heartbeats["slow"] = hanging

    assert app.get(PATH, status=503).json == {"it": True, "slow": False}


def test_who_has_less_patience_waits_no_longer_than_that(hanging):
    app = with_pings(slow=hanging)

    with ThreadPoolExecutor(1) as threads:
        patient = threads.submit(app.get, PATH)
        wait_until(lambda: hanging.asked)
        app.app.registry.settings[TIMEOUT] = 0.1
        impatient = app.get(PATH, status=503)
        was_done = patient.done()
        hanging.end.set()

    assert impatient.json == {"slow": False}
    assert not was_done
    assert patient.result().json == {"slow": True}


def where(seen):
    def ping(request):
        seen.append(threading.current_thread())

    return ping


def test_without_timeout_all_are_asked_in_turn_in_the_thread_of_the_request():
    seen = []

    with_pings(0, a=where(seen), b=where(seen)).get(PATH)

    assert seen == [threading.current_thread()] * 2


def batch_of(app, times, **options):
    return app.post_json("/v1/batch", {"requests": [{"path": PATH}] * times}, **options).json


def test_what_an_application_keeps_in_bound_data_is_no_answer_of_a_heartbeat():
    def setup(config):
        config.registry.heartbeats = {"it": alive}
        config.add_subscriber(lambda event: event.request.bound_data.update(heartbeat_answers=3), NewRequest)

    assert application(setup=setup).get(PATH).json == {"it": True}


@pytest.mark.parametrize("timeout_s", [LONG_S, 0])
def test_the_heartbeats_of_a_batch_share_the_answers_of_the_first(timeout_s):
    asked = []
    app = with_pings(timeout_s, it=asked.append, other=alive)

    answers = [answer["body"] for answer in batch_of(app, 25)["responses"]]
    asked_in_a_batch = len(asked)
    batch_of(app, 25)

    assert answers == [{"it": None, "other": True}] * 25
    assert (asked_in_a_batch, len(asked)) == (1, 2)


def test_a_batch_of_slow_ones_takes_no_longer_than_one():
    app = with_pings(LONG_S, it=lambda request: time.sleep(0.2))

    began_s = time.monotonic()
    batch_of(app, 25)

    assert time.monotonic() - began_s < 25 * 0.2 / 2


def test_one_that_hangs_ends_its_batch_after_the_timeout(hanging):
    app = with_pings(0.2, it=hanging)

    began_s = time.monotonic()
    response = batch_of(app, 25, status=503)
    took_s = time.monotonic() - began_s

    assert response["errno"] == 201
    assert 0.2 <= took_s < 5
    assert hanging.asked == 1


@pytest.mark.parametrize("timeout_s", [LONG_S, 0])
def test_a_heartbeat_knows_the_request_and_joins_no_transaction(timeout_s):
    seen = []

    def ping(request):
        right = get_current_request() is request, get_current_registry() is request.registry
        seen.append((*right, mark.get(), is_open()))

    def setup(config):
        config.registry.heartbeats = {"it": ping}
        config.add_subscriber(lambda event: mark.set("request"), NewRequest)

    app = application({TIMEOUT: timeout_s}, setup=setup)
    app.get(PATH, status=200)

    assert seen == [(True, True, "request", False)]


@pytest.mark.parametrize("timeout_s", [LONG_S, 0])
def test_what_a_heartbeat_wrote_is_kept_when_another_one_fails(tmp_path, timeout_s):
    def writes(request):
        request.registry.storage.create("things", "heartbeat", {"id": "1"})

    def setup(config):
        config.registry.storage.initialize_schema()
        config.registry.heartbeats = {"writes": writes, "fails": lambda request: False}

    settings = {
        "storage_backend": "cliquet_like.storage.sqlite",
        "storage_url": f"sqlite:///{tmp_path}/it.db",
    }
    app = application({**settings, TIMEOUT: timeout_s}, setup=setup)

    app.get(PATH, status=503)

    assert app.app.registry.storage.get("things", "heartbeat", "1")["id"] == "1"


def test_the_load_balancer_asks_no_backend():
    response = with_ping(lambda request: False).get("/v1/__lbheartbeat__")

    assert (response.status_code, response.json) == (200, {})
