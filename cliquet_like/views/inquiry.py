"""Asking heartbeats: one after the other, or all at the same time for as long as they may take."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextvars import copy_context
from functools import partial
from typing import Any, Final

from pyramid.threadlocal import RequestContext

from cliquet_like.drivers.transactions import joining, joining_nothing
from cliquet_like.kernel.codec import dumps
from cliquet_like.kernel.daemon_threads import DaemonThreads
from cliquet_like.logs import logger

Heartbeats = Mapping[str, Callable[[Any], Any]]
Answers = dict[str, Any]


def ask_in_turn(heartbeats: Heartbeats, request: Any) -> Answers:
    """What each answers, one after the other in this thread, however long they take.

    One that raises, or whose answer JSON cannot hold, is False, and logged.
    """
    with joining_nothing():
        return {name: _answer(name, ping, request) for name, ping in heartbeats.items()}


def ask_together(heartbeats: Heartbeats, request: Any, timeout_s: float) -> Answers:
    """What each answers when all are asked at once, after ``timeout_s`` at the latest.

    One that is not ready by then is False, as are those of :func:`ask_in_turn`, and logged each
    time. It is not asked again before it has ended: it is False at once until then. Two requests
    at the same time share an answer. No heartbeat joins the transaction of the request.
    """
    return _inquiry_of(request.registry).ask(heartbeats, request, timeout_s)


class _Run:
    """A heartbeat that was asked once."""

    def __init__(self, deadline_s: float) -> None:
        self.answer: Any = False
        self.deadline_s = deadline_s
        self.ended = threading.Event()


class _Inquiry:
    """The heartbeats of one application, in one process; at most one run of each goes on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, _Run] = {}
        self._threads = DaemonThreads("heartbeat")

    def ask(self, heartbeats: Heartbeats, request: Any, timeout_s: float) -> Answers:
        deadline_s = time.monotonic() + timeout_s
        runs = {name: self._run_of(name, ping, request, deadline_s) for name, ping in heartbeats.items()}
        answers = {}
        for name, run in runs.items():
            # Who began it may have had less patience, or more.
            left_s = min(deadline_s, run.deadline_s) - time.monotonic()
            if run.ended.wait(max(0, left_s)):
                answers[name] = run.answer
            else:
                logger.error("heartbeat timed out", heartbeat=name, timeout_s=timeout_s)
                answers[name] = False
        return answers

    def _run_of(self, name: str, ping: Callable[[Any], Any], request: Any, deadline_s: float) -> _Run:
        """Run that goes on, or a new one."""
        with self._lock:
            run = self._runs.get(name)
            if run is None or run.ended.is_set():
                run = self._runs[name] = _Run(deadline_s)
                carry_out = partial(copy_context().run, _carry_out, run, name, ping, request)
                try:
                    self._threads.start(carry_out, then=run.ended.set)
                except RuntimeError:
                    logger.exception("heartbeat without a thread", heartbeat=name)
                    run.ended.set()
            return run


def _carry_out(run: _Run, name: str, ping: Callable[[Any], Any], request: Any) -> None:
    # The thread has no threadlocals, and the transaction in the copied context is not for it.
    with RequestContext(request), joining():
        try:
            run.answer = _answer(name, ping, request)
        except BaseException:  # noqa: BLE001 - it would end a thread of which nobody hears
            logger.exception("heartbeat failed", heartbeat=name)


def _answer(name: str, ping: Callable[[Any], Any], request: Any) -> Any:
    # KeyboardInterrupt comes from who stops the server; SystemExit is what a heartbeat calls by mistake.
    try:
        answer = ping(request)
        dumps(answer)
    except (Exception, SystemExit):  # noqa: BLE001 - whatever a plugin's heartbeat raises, others are shown
        logger.exception("heartbeat failed", heartbeat=name)
        return False
    return answer


_REGISTERED_AS: Final = "heartbeat_inquiries"


def _inquiry_of(registry: Any) -> _Inquiry:
    """The one of this process: a forked one has no thread of its parent's, but a copy of its locks."""
    inquiries: dict[int, _Inquiry] = vars(registry).setdefault(_REGISTERED_AS, {})
    process_id = os.getpid()
    if process_id not in inquiries:
        inquiries.setdefault(process_id, _Inquiry())
    return inquiries[process_id]
