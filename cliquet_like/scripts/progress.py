"""How far something long is: a line that changes on a terminal, else one at its start and one at its end."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final, TextIO

from cliquet_like.drivers.errors import BackendError

_INTERVAL_S: Final = 0.5
_CLEAR_LINE: Final = "\r\x1b[K"

Stage = Callable[[], str | None]
"""How far it is (``sorting 40 %``), None when nobody knows; called in a thread of its own."""


@contextmanager
def show_progress(
    label: str,
    stage: Stage,
    *,
    stream: TextIO,
    now_s: Callable[[], float] = time.monotonic,
    interval_s: float = _INTERVAL_S,
) -> Iterator[None]:
    """Tell on ``stream`` that the block runs, and how long it took when it did not fail."""
    started_s = now_s()
    with _changing_line(label, stage, stream, interval_s) if stream.isatty() else _plain_line(label, stream):
        yield
    print(f"{label}: done in {now_s() - started_s:.1f} s", file=stream, flush=True)


@contextmanager
def _plain_line(label: str, stream: TextIO) -> Iterator[None]:
    print(f"{label} ...", file=stream, flush=True)
    yield


@contextmanager
def _changing_line(label: str, stage: Stage, stream: TextIO, interval_s: float) -> Iterator[None]:
    print(_line(label, ""), end="", file=stream, flush=True)
    over = Event()
    thread = Thread(target=_tell, args=(label, stage, stream, interval_s, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        print(end=_CLEAR_LINE, file=stream, flush=True)


def _tell(label: str, stage: Stage, stream: TextIO, interval_s: float, over: Event) -> None:
    while not over.wait(interval_s):
        try:
            reached = stage()
        except BackendError:
            # The work itself goes on, and tells of its failure if the server is gone.
            return
        if reached is not None:
            print(f"{_CLEAR_LINE}{_line(label, reached)}", end="", file=stream, flush=True)


def _line(label: str, reached: str) -> str:
    """One line of the terminal: a longer one could not be cleared, so the label gives way."""
    left = shutil.get_terminal_size().columns - len(reached) - 6
    return f"{label[: max(left, 0)]} ... {reached}"
