"""A thread that interrupts others which take too long, and costs nothing to those which do not."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final

LINGERS_S: Final = 60.0
_NEVER: Final = float("inf")

Step = tuple[float, Callable[[], object]]
"""When, of ``time.monotonic``, something is to be called."""


class Watchdog:
    """Watches blocks of code, of any thread; its own thread ends when there were none for a while.

    That thread sleeps until the deadline that was the first one when it looked: a block that is left
    in time wakes nobody, and neither does one that begins before it has looked again.
    A forked process has none of its parent's threads, and needs an object of its own.
    """

    def __init__(self, name: str, *, lingers_s: float = LINGERS_S) -> None:
        """The thread has this name, and stays for so long without anything to watch."""
        self._name = name
        self._lingers_s = lingers_s
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._watches: set[_Watch] = set()
        self._is_there = False
        self._wakes_at_s = _NEVER

    def at(self, *steps: Step) -> AbstractContextManager[bool]:
        """Call each from the other thread if the block lasts until its time; never after its end.

        The earliest comes first. They have to be brief, and not to raise: the end of every block waits
        for them. The block is told whether it is watched: it is not when no thread can be started.
        """
        return _Watch(self, steps)

    def _begin(self, watch: "_Watch") -> bool:
        with self._lock:
            if not self._is_there:
                try:
                    threading.Thread(target=self._serve, name=self._name, daemon=True).start()
                except RuntimeError:
                    return False
                self._is_there = True
            elif watch.steps[0][0] < self._wakes_at_s:
                self._changed.notify()
            self._watches.add(watch)
            return True

    def _end(self, watch: "_Watch") -> None:
        with self._lock:
            self._watches.discard(watch)

    def _serve(self) -> None:
        with self._lock:
            try:
                while self._watches or self._gets_another():
                    self._wakes_at_s = min(watch.steps[0][0] for watch in self._watches)
                    self._changed.wait(max(0, self._wakes_at_s - time.monotonic()))
                    self._interrupt_late()
            finally:
                self._is_there = False

    def _gets_another(self) -> bool:
        self._wakes_at_s = _NEVER
        self._changed.wait(self._lingers_s)
        return bool(self._watches)

    def _interrupt_late(self) -> None:
        now_s = time.monotonic()
        for watch in [watch for watch in self._watches if watch.steps[0][0] <= now_s]:
            (_, interrupt), *watch.steps = watch.steps
            if not watch.steps:
                self._watches.remove(watch)
            interrupt()


class _Watch:
    """Context of one block."""

    __slots__ = ("_watchdog", "steps")

    def __init__(self, watchdog: Watchdog, steps: Sequence[Step]) -> None:
        self._watchdog = watchdog
        self.steps = steps

    def __enter__(self) -> bool:
        return self._watchdog._begin(self)

    def __exit__(self, *_: object) -> None:
        self._watchdog._end(self)
