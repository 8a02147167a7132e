"""A service that is measured, in a process of its own: by itself, and with the interpreter that it needs.

It is asked with lines of JSON, and answers each with one. It needs nothing but Python besides what
the service does.
"""

import cProfile
import gc
import importlib
import json
import os
import pstats
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.client import Answer
from benchmarks.layers import Code, own_times
from benchmarks.workloads import WORKLOADS, Service

SAMPLE_OF_WRITING = 1_000
"""Number of the requests by which answers are compared."""

_HANDFUL_S = 0.005


class Subject:
    """What can be asked of a service; ``name`` is that of its module."""

    def __init__(self, module: str, size: int, **options: Any) -> None:
        self._module = importlib.import_module(module)
        self._app = self._module.make_app(**options)
        self._service: Service = self._module.Service(self._app, size)
        self._size = size

    def fill(self) -> None:
        """Make what it needs, with its records."""
        self._module.fill(self._app, self._size)

    def lacks(self) -> list[str]:
        """Names of the workloads that it has no equal of."""
        return sorted(self._service.lacks)

    def sample(self, workload: str) -> dict[str, Any]:
        """What it answers, so that it can be compared: records, and whole bodies."""
        answers = WORKLOADS[workload].checked(self._service, SAMPLE_OF_WRITING)
        shown = {"hello", "heartbeat", "batch of 25 POST"}
        return {
            "answers": len(answers),
            "records": []
            if workload in shown
            else [_without_chance(it, workload) for a in answers for it in self._service.records(a)],
            "body": _body_of(answers[0]),
        }

    def run(self, workload: str, first: int, calls: int) -> float:
        """Seconds of a call, of so many that each has its number.

        They are timed by the handful, some milliseconds each, and the median handful counts: where
        the scheduler gave the processor to somebody else, others are slow.
        """
        run, service = WORKLOADS[workload].run, self._service
        found: list[float] = []
        number, last = first, first + calls
        while number < last:
            began, elapsed, started = number, 0.0, time.perf_counter()
            while elapsed < _HANDFUL_S and number < last:
                run(service, number)
                number += 1
                elapsed = time.perf_counter() - started
            if number < last or not found:
                found.append(elapsed / (number - began))
        return statistics.median(found)

    def check(self, workload: str, first: int, calls: int) -> None:
        """Run without a clock, and look at each status: also what warms it up."""
        for number in range(first, first + calls):
            WORKLOADS[workload].checked(self._service, number)

    def profile(self, workload: str, first: int, calls: int) -> list[tuple[str, float, float, float]]:
        """Functions by cProfile: how often each ran in a call, its microseconds, and with all it called.

        The profiler makes a call about twice as long, and the small functions more than the others.
        """
        return [
            (_name_of(code), row[1] / calls, row[2] * 1e6 / calls, row[3] * 1e6 / calls)
            for code, row in self._profiled(workload, first, calls).items()
        ]

    def layers(self, workload: str, first: int, calls: int) -> dict[str, float]:
        """Microseconds of each layer in a call, by cProfile."""
        times = own_times(self._profiled(workload, first, calls))
        return {name: seconds * 1e6 / calls for name, seconds in times.items()}

    def _profiled(self, workload: str, first: int, calls: int) -> Mapping[Code, Any]:
        run, service = WORKLOADS[workload].run, self._service
        profile = cProfile.Profile()
        profile.enable()
        for number in range(first, first + calls):
            run(service, number)
        profile.disable()
        stats: Mapping[Code, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
        return stats

    def resident_kib(self) -> int:
        """Memory that the process has in RAM, in KiB."""
        gc.collect()
        status = Path(f"/proc/{os.getpid()}/status").read_text("ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1])

    def close(self) -> None:
        """Leave no connection."""
        self._module.close(self._app)


def _name_of(code: tuple[str, int, str]) -> str:
    """File in its package, line and function."""
    path, line, function = code
    for place in (
        "/site-packages/",
        f"/python{sys.version_info[0]}.{sys.version_info[1]}/",
        f"{os.getcwd()}/",
    ):
        path = path.rpartition(place)[2]
    return f"{path}:{line} {function}" if line else function


def _without_chance(record: dict[str, Any], workload: str) -> dict[str, Any]:
    """Record without what is another one each time: the id of a new one, the time of a write."""
    fields = {"url", "title", "status"} if WORKLOADS[workload].writes else {"id", "url", "title", "status"}
    return {name: value for name, value in record.items() if name in fields}


def _body_of(answer: Answer) -> Any:
    body = json.loads(answer.body) if answer.body else None
    return _without_times(body)


def _without_times(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_times(item) for item in value]
    if not isinstance(value, dict):
        return value
    changing = {"headers", *(("id", "last_modified") if "url" in value and "title" in value else ())}
    return {name: _without_times(item) for name, item in value.items() if name not in changing}


def serve(read: Callable[[], str], write: Callable[[str], Any]) -> None:
    """Answer until there is no further line; the first one makes the subject."""
    subject = Subject(**json.loads(read()))
    try:
        write("null\n")
        while line := read():
            action, arguments = json.loads(line)
            write(json.dumps(getattr(subject, action)(**arguments)) + "\n")
    finally:
        subject.close()


def main() -> None:
    """Run as a process; what the service prints goes to the standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with answers:
        serve(sys.stdin.readline, answers.write)


if __name__ == "__main__":
    main()
