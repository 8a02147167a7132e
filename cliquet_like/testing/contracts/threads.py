"""The same work in several threads at once, for the promises a backend makes about them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Final, TypeVar

THREADS: Final = 8

Result = TypeVar("Result")


def in_threads(work: Callable[[int], Result]) -> list[Result]:
    """Results of ``work(number)`` for each of eight threads, which begin together.

    The first exception of a thread is raised here.
    """
    start = Barrier(THREADS)

    def run(number: int) -> Result:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))
