"""A thread that interrupts blocks of others. Short times are waited for, long ones never pass."""

import threading
import time

import pytest

from cliquet_like.kernel.watchdog import Watchdog

LONG_S = 600
TIMEOUT_S = 30
TOO_LARGE_A_STACK = 2**46


@pytest.fixture
def name(request):
    """Name of the thread of this test alone."""
    return f"watchdog of {request.node.name}"


@pytest.fixture
def watchdog(name):
    return Watchdog(name)


def named(name):
    return [thread for thread in threading.enumerate() if thread.name == name]


def after(seconds, interrupt):
    """Step of a watchdog."""
    return time.monotonic() + seconds, interrupt


def watched(watchdog, seconds):
    """Whether a block was interrupted, which lasts until then."""
    interrupted = threading.Event()
    with watchdog.at(after(seconds, interrupted.set)):
        return interrupted.wait(TIMEOUT_S)


def test_a_block_that_lasts_too_long_is_interrupted_in_another_thread(watchdog, name):
    seen, interrupted = [], threading.Event()

    def interrupt():
        seen.append(threading.current_thread())
        interrupted.set()

    with watchdog.at(after(0.01, interrupt)) as is_watched:
        assert interrupted.wait(TIMEOUT_S)

    assert is_watched
    assert seen == named(name)
    assert seen[0].daemon


def test_one_that_ends_in_time_is_not_and_neither_is_one_that_raises(watchdog):
    calls = []
    with watchdog.at(after(0.05, lambda: calls.append("returned"))):
        pass
    with pytest.raises(ZeroDivisionError), watchdog.at(after(0.05, lambda: calls.append("raised"))):
        raise ZeroDivisionError

    assert watched(watchdog, 0.2)
    assert calls == []


def test_no_interruption_comes_before_its_time(watchdog):
    began_s = time.monotonic()

    assert watched(watchdog, 0.1)

    assert time.monotonic() - began_s >= 0.1


def test_a_time_that_is_over_interrupts_at_once(watchdog):
    assert watched(watchdog, -1)


def test_a_block_with_less_time_than_those_before_it_is_interrupted_first(watchdog):
    calls = []

    with watchdog.at(after(LONG_S, lambda: calls.append("patient"))):
        assert watched(watchdog, 0.01)

    assert calls == []


def test_each_of_many_is_interrupted_once(watchdog):
    calls, all_were = [], threading.Event()

    def interrupt():
        calls.append(1)
        if len(calls) == 3:
            all_were.set()

    with (
        watchdog.at(after(0.01, interrupt)),
        watchdog.at(after(0.02, interrupt)),
        watchdog.at(after(0.03, interrupt)),
    ):
        assert all_were.wait(TIMEOUT_S)
    assert watched(watchdog, 0.05)

    assert len(calls) == 3


def test_steps_are_taken_one_after_the_other_until_the_block_ends(watchdog):
    calls, second = [], threading.Event()

    def take_second():
        calls.append("second")
        second.set()

    steps = after(0.01, lambda: calls.append("first")), after(0.02, take_second), after(LONG_S, print)
    with watchdog.at(*steps):
        assert second.wait(TIMEOUT_S)
        called = list(calls)
    assert watched(watchdog, 0.01)

    assert called == calls == ["first", "second"]


def test_many_blocks_have_one_thread(watchdog, name):
    for _ in range(100):
        with watchdog.at(after(LONG_S, print)):
            pass

    assert len(named(name)) == 1


def test_the_thread_ends_when_it_had_nothing_to_watch_and_is_there_again_when_it_has(name):
    watchdog = Watchdog(name, lingers_s=0)
    assert watched(watchdog, 0.01)
    for thread in named(name):
        thread.join(TIMEOUT_S)
    left = named(name)

    assert watched(watchdog, 0.01)

    assert left == []


def test_a_thread_that_lingers_watches_the_next_block(watchdog, name):
    assert watched(watchdog, 0.01)
    first = named(name)

    assert watched(watchdog, 0.01)

    assert named(name) == first


def test_without_a_thread_to_be_had_a_block_is_told_that_it_is_not_watched(watchdog):
    usual = threading.stack_size(TOO_LARGE_A_STACK)
    try:
        with watchdog.at(after(LONG_S, print)) as is_watched:
            pass
    finally:
        threading.stack_size(usual)

    assert not is_watched
    assert watched(watchdog, 0.01)
