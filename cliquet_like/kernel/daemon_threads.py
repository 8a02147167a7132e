"""Threads that work beside those of a server, and keep no process alive."""

import threading
import weakref
from collections.abc import Callable
from queue import SimpleQueue

Step = Callable[[], object]

_Waiting = SimpleQueue[tuple[Step, Step] | None]


class DaemonThreads:
    """Threads of one owner, which wait for work; they end when this object is gone.

    One is started where none is free, so that there are as many as were ever needed at once.
    A forked process has none of its parent's threads, and needs an object of its own.
    """

    def __init__(self, name: str) -> None:
        """All of them have this name, which says whose they are to those who look at threads."""
        self._name = name
        self._waiting: _Waiting = SimpleQueue()
        self._free = threading.Semaphore(0)
        weakref.finalize(self, self._waiting.put, None).atexit = False

    def start(self, work: Step, *, then: Step) -> None:
        """Let a thread do some work, ``then`` tell that it is free again.

        Work that raises ends its thread, and ``then`` is called all the same. Raises ``RuntimeError``
        when no thread can be started.
        """
        if not self._free.acquire(blocking=False):
            arguments = (self._waiting, self._free)
            threading.Thread(target=_serve, args=arguments, name=self._name, daemon=True).start()
        self._waiting.put((work, then))


def _serve(waiting: _Waiting, free: threading.Semaphore) -> None:
    # It must know nothing of its owner, or that would never be gone.
    while (steps := waiting.get()) is not None:
        work, then = steps
        try:
            work()
            free.release()
        finally:
            then()
        del steps, work, then
    waiting.put(None)  # for the next one
