"""The same work in several threads at once, for the promises a backend makes about them."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Final, TypeVar

THREADS: Final = 8

Result = TypeVar("Result")


def in_threads(work: Callable[[int], Result]) -> list[Result]:
    """Results of ``work(number)`` for each of eight threads, which begin together.

    They take turns as often as the interpreter can, so that a missing lock shows. The first
    exception of a thread is raised here.
    """
    start = Barrier(THREADS)

    def run(number: int) -> Result:
        start.wait()
        return work(number)

    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(run, range(THREADS)))
    finally:
        sys.setswitchinterval(usual_s)
