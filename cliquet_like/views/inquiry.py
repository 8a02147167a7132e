"""Asking heartbeats: one after the other, or all at the same time for as long as they may take."""

import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextvars import copy_context
from functools import partial
from typing import Any, Final

from pyramid.threadlocal import RequestContext

from cliquet_like.drivers.transactions import joining, joining_nothing
from cliquet_like.kernel.codec import dumps
from cliquet_like.kernel.daemon_threads import DaemonThreads
from cliquet_like.logs import logger
from cliquet_like.views.proving import Heartbeats, Proving

Answers = dict[str, Any]

_PATIENCE_S: Final = 0.02
"""How long heartbeats share a thread, at most: to wake another one takes as long as one that is well."""


def ask_in_turn(heartbeats: Heartbeats, request: Any) -> Answers:
    """What each answers, one after the other in this thread, however long they take.

    One that raises, or whose answer JSON cannot hold, is False, and logged.
    """
    with joining_nothing():
        return {name: _answer(name, ping, request) for name, ping in heartbeats.items()}


def ask_together(heartbeats: Heartbeats, request: Any, timeout_s: float) -> Answers:
    """What each answers, in their order, when all are asked at once, after ``timeout_s`` at the latest.

    One that is not ready by then is False, as are those of :func:`ask_in_turn`, and logged each
    time. It is not asked again before it has ended: it is False at once until then. Two requests
    at the same time share an answer. No heartbeat joins the transaction of the request.
    """
    return _inquiry_of(request.registry).ask(heartbeats, request, timeout_s)


class _Run:
    """A heartbeat that is asked once, by the first thread that comes to it."""

    def __init__(self, deadline_s: float, work: Callable[[], Any]) -> None:
        self.answer: Any = False
        self.deadline_s = deadline_s
        self.ended = threading.Event()
        self._work = [work]
        self._is_done = False

    def carry_out(self, *, first: Callable[[], None]) -> None:
        """Do this first, then ask; nothing of it if another thread does or did."""
        try:
            work = self._work.pop()
        except IndexError:
            return
        first()
        self.answer = work()
        self._is_done = True

    def give_up(self) -> None:
        """Answer False without having asked."""
        self._work.clear()
        self.ended.set()

    def waits_for_a_thread(self) -> bool:
        """Whether nobody has begun to ask."""
        return bool(self._work)

    def tell(self) -> None:
        """Wake those who wait for the answer, if it is there."""
        if self._is_done:
            self.ended.set()


class _Inquiry:
    """The heartbeats of one application, in one process; at most one run of each goes on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, _Run] = {}
        self._threads = DaemonThreads("heartbeat")
        self._proving = Proving()

    def ask(self, heartbeats: Heartbeats, request: Any, timeout_s: float) -> Answers:
        deadline_s = time.monotonic() + timeout_s
        patience_s = min(timeout_s / 10, _PATIENCE_S)
        # Those that may hang still would hang here, too.
        proofs = self._proving.proofs_of(self._free(heartbeats), request)
        runs: dict[str, _Run] = {}

        def begin(but: Collection[str] = ()) -> None:
            left = {name: ping for name, ping in heartbeats.items() if name not in but and name not in runs}
            if left:
                runs.update(self._runs_of(left, request, deadline_s))

        if len(proofs.names) < len(heartbeats):
            begin(but=proofs.names)
        # It may be called by the watchdog, but not any more when ``proven`` has returned.
        impatient = partial(copy_context().run, begin)
        proven = self._proving.proven(
            proofs.joint, deadline_s=deadline_s, patience_s=patience_s, impatient=impatient
        )
        if len(proven) == len(heartbeats):
            return dict.fromkeys(heartbeats, True)
        begin(but=proven)
        asked = {name: run for name, run in runs.items() if name not in proven}
        self._let_none_wait(asked, min(patience_s, max(0, deadline_s - time.monotonic())))
        answers = {name: self._answer_of(name, run, deadline_s, timeout_s) for name, run in asked.items()}
        return {name: name in proven or answers[name] for name in heartbeats}

    def _free(self, heartbeats: Heartbeats) -> Heartbeats:
        """Those of which no run goes on."""
        if not self._runs:
            return heartbeats
        with self._lock:
            self._runs = {name: run for name, run in self._runs.items() if not run.ended.is_set()}
            return {name: ping for name, ping in heartbeats.items() if name not in self._runs}

    def _answer_of(self, name: str, run: _Run, deadline_s: float, timeout_s: float) -> Any:
        # Who began it may have had less patience, or more.
        left_s = min(deadline_s, run.deadline_s) - time.monotonic()
        if run.ended.wait(max(0, left_s)):
            return run.answer
        logger.error("heartbeat timed out", heartbeat=name, timeout_s=timeout_s)
        return False

    def _runs_of(self, heartbeats: Heartbeats, request: Any, deadline_s: float) -> dict[str, _Run]:
        """Runs that go on, or new ones: one thread has begun with them, one after the other."""
        new = {}
        with self._lock:
            for name, ping in heartbeats.items():
                run = self._runs.get(name)
                if run is None or run.ended.is_set():
                    work = partial(copy_context().run, _carry_out, name, ping, request)
                    new[name] = self._runs[name] = _Run(deadline_s, work)
            runs = {name: self._runs[name] for name in heartbeats}
        if new and not self._started(list(new.values())):
            for name, run in new.items():
                logger.error("heartbeat without a thread", heartbeat=name)
                run.give_up()
        return runs

    def _let_none_wait(self, runs: dict[str, _Run], patience_s: float) -> None:
        """Give a thread of its own to each that waits behind one that takes its time."""
        for run in list(runs.values())[-1:]:
            run.ended.wait(patience_s)
        for run in runs.values():
            if run.waits_for_a_thread():
                # Where there is none to be had, it may still have its turn.
                self._started([run])

    def _started(self, runs: Sequence[_Run]) -> bool:
        try:
            self._threads.start(partial(_in_turn, runs), then=partial(_tell, runs))
        except RuntimeError:
            logger.exception("no thread can be started")
            return False
        return True


def _in_turn(runs: Sequence[_Run]) -> None:
    for number, run in enumerate(runs):
        # What is left is told when the thread is free again, for whoever comes next.
        run.carry_out(first=partial(_tell, runs[:number]))


def _tell(runs: Sequence[_Run]) -> None:
    for run in runs:
        run.tell()


def _carry_out(name: str, ping: Callable[[Any], Any], request: Any) -> Any:
    # The thread has no threadlocals, and the transaction in the copied context is not for it.
    with RequestContext(request), joining():
        try:
            return _answer(name, ping, request)
        except BaseException:  # noqa: BLE001 - it would end a thread of which nobody hears
            logger.exception("heartbeat failed", heartbeat=name)
            return False


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
    process_id = os.getpid()
    inquiries: dict[int, _Inquiry] = vars(registry).get(_REGISTERED_AS, {})
    if process_id in inquiries:
        return inquiries[process_id]
    inquiries = vars(registry).setdefault(_REGISTERED_AS, {})
    return inquiries.setdefault(process_id, _Inquiry())
