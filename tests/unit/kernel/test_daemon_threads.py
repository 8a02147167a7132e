"""Threads that work beside those of a server."""

import gc
import threading

import pytest

from cliquet_like.kernel.daemon_threads import DaemonThreads

TIMEOUT_S = 30


@pytest.fixture
def name(request):
    """Name of the threads of this test alone: those of another may still be about to end."""
    return f"worker of {request.node.name}"


@pytest.fixture
def threads(name):
    return DaemonThreads(name)


def named(name):
    return [thread for thread in threading.enumerate() if thread.name == name]


def where(threads):
    """The thread that did some work, once it is free again."""
    seen, free = [], threading.Event()
    threads.start(lambda: seen.append(threading.current_thread()), then=free.set)
    assert free.wait(TIMEOUT_S)
    return seen[0]


def test_work_is_done_in_another_thread_that_keeps_no_process_alive(threads, name):
    thread = where(threads)

    assert thread is not threading.current_thread()
    assert (thread.name, thread.daemon) == (name, True)


def test_a_free_thread_is_used_again(threads):
    assert len({where(threads) for _ in range(100)}) == 1


def test_there_are_as_many_as_were_ever_needed_at_once(threads, name):
    for _ in range(5):
        meeting, free = threading.Barrier(4), threading.Semaphore(0)
        for _ in range(3):
            threads.start(lambda meeting=meeting: meeting.wait(TIMEOUT_S), then=free.release)
        meeting.wait(TIMEOUT_S)
        assert all(free.acquire(timeout=TIMEOUT_S) for _ in range(3))

    assert len(named(name)) == 3


def test_they_end_with_their_owner(name):
    threads = DaemonThreads(name)
    both = threading.Barrier(3)
    for _ in range(2):
        threads.start(lambda: both.wait(TIMEOUT_S), then=lambda: None)
    both.wait(TIMEOUT_S)
    made = named(name)

    del threads
    gc.collect()

    for thread in made:
        thread.join(TIMEOUT_S)
    assert len(made) == 2
    assert not any(thread.is_alive() for thread in made)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_work_that_raises_ends_its_thread_and_says_that_it_has_ended(threads):
    seen, ended = [], threading.Event()

    def work():
        seen.append(threading.current_thread())
        raise SystemExit

    threads.start(work, then=ended.set)

    assert ended.wait(TIMEOUT_S)
    seen[0].join(TIMEOUT_S)
    assert where(threads) is not seen[0]


def test_without_a_thread_to_be_had_it_raises_and_nothing_waits(threads):
    done = []
    usual = threading.stack_size(2**46)
    try:
        with pytest.raises(RuntimeError):
            threads.start(lambda: done.append("refused"), then=lambda: None)
    finally:
        threading.stack_size(usual)

    where(threads)

    assert done == []
