"""The threads in which heartbeats are asked, with their application and their process."""

import gc
import os
import subprocess
import sys
import threading
import time
import weakref

from pyramid.registry import Registry
from pyramid.request import Request

from cliquet_like.views.inquiry import ask_together

TIMEOUT_S = 30
TOO_LARGE_A_STACK = 2**46

PRELUDE = """
import os, sys, threading
from pyramid.registry import Registry
from pyramid.request import Request
from cliquet_like.views.inquiry import ask_together

request = Request.blank("/")
request.registry = Registry()
asked = []

def hang(request):
    asked.append(os.getpid())
    threading.Event().wait()
"""

HANGING = """
assert ask_together({"hanging": hang, "fine": lambda request: True}, request, 0.1) == {
    "hanging": False, "fine": True
}
"""

FORKING = f"""{HANGING}
child = os.fork()
if child == 0:
    {HANGING.strip()}
    assert asked[-1] == os.getpid()
    sys.exit(0)  # with all that an interpreter does at its end
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0
{HANGING}
assert asked == [os.getpid()], "it still hangs"
"""


def new_request():
    request = Request.blank("/")
    request.registry = Registry()
    return request


def alive(request):
    return True


def heartbeat_threads():
    return {thread for thread in threading.enumerate() if thread.name == "heartbeat"}


def run(program):
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PRELUDE + program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )


def test_threads_are_used_again():
    request, before = new_request(), heartbeat_threads()
    pings = {"a": alive, "b": alive, "c": alive}
    ask_together(pings, request, TIMEOUT_S)
    made = heartbeat_threads() - before

    answers = [ask_together(pings, request, TIMEOUT_S) for _ in range(100)]

    assert answers == [{"a": True, "b": True, "c": True}] * 100
    assert 1 <= len(made) <= 3
    assert len(heartbeat_threads() - before) <= 3


def test_one_that_is_slow_is_waited_for_and_keeps_no_other_waiting():
    request, others = new_request(), threading.Event()
    asked = []

    def slow(request):
        return others.wait(TIMEOUT_S)

    def other(request):
        asked.append(request)
        others.set()
        return True

    answers = ask_together({"slow": slow, "other": other, "last": alive}, request, TIMEOUT_S)

    assert answers == {"slow": True, "other": True, "last": True}
    assert asked == [request]


def test_threads_end_with_their_application():
    request, before = new_request(), heartbeat_threads()
    ask_together({"a": alive, "b": alive}, request, TIMEOUT_S)
    made = heartbeat_threads() - before

    del request
    gc.collect()

    for thread in made:
        thread.join(timeout=10)
    assert made
    assert not any(thread.is_alive() for thread in made)


def test_a_request_is_forgotten_when_it_was_answered():
    request = new_request()
    registry, kept = request.registry, weakref.ref(request)
    ask_together({"a": alive}, request, TIMEOUT_S)

    del request
    for _ in range(1000):
        if kept() is None:
            break
        gc.collect()
        time.sleep(0.01)

    assert kept() is None
    assert registry is not None, "its threads wait for the next one"


def test_without_a_thread_to_be_had_it_is_false_and_logged(caplog):
    request = new_request()
    usual = threading.stack_size(TOO_LARGE_A_STACK)
    try:
        refused = ask_together({"a": alive}, request, TIMEOUT_S)
    finally:
        threading.stack_size(usual)

    served = ask_together({"a": alive}, request, TIMEOUT_S)

    assert (refused, served) == ({"a": False}, {"a": True})
    assert "heartbeat without a thread" in caplog.text


def test_one_that_hangs_keeps_no_process_alive():
    finished = run(HANGING)

    assert finished.returncode == 0, finished.stderr


def test_a_forked_process_asks_in_threads_of_its_own():
    finished = run(FORKING)

    assert finished.returncode == 0, finished.stderr
