"""How far a long loop is: a bar on a terminal, else a plain line a second."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")

_INTERVAL_S = 1.0


def show_progress(
    items: Iterable[Item], total: int, *, stream: TextIO, now_s: Callable[[], float] = time.monotonic
) -> Iterator[Item]:
    """The same items, telling on ``stream`` how many of ``total`` went by and the time left."""
    if stream.isatty():
        return iter(tqdm(items, total=total, file=stream, unit=" bookmarks"))
    return _plain_lines(items, total, stream, now_s)


def _plain_lines(
    items: Iterable[Item], total: int, stream: TextIO, now_s: Callable[[], float]
) -> Iterator[Item]:
    started_s = last_s = now_s()
    for done, item in enumerate(items, 1):
        yield item
        time_s = now_s()
        if time_s - last_s >= _INTERVAL_S:
            last_s = time_s
            left_s = (time_s - started_s) / done * (total - done)
            print(f"{done} of {total} bookmarks, about {left_s:.0f} s left", file=stream, flush=True)
