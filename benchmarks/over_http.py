"""Requests a second over HTTP, and how long the slow ones take, with more and more clients at once."""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tqdm import tqdm

from benchmarks import tables
from benchmarks.client import AUTHORIZATION
from benchmarks.dataset import fields_of
from benchmarks.load import Load, request
from benchmarks.subjects import BARE, OURS, Kind, PostgreSQLProcess
from benchmarks.workloads import Service
from benchmarks.wsgi import OPTIONS
from tests import servers
from tests.operations.serving import Served, free_port, served
from tests.server_host import hosting

CONNECTIONS = (1, 2, 4, 8, 16, 32)
SETUPS = ((1, 4), (2, 4))
"""Processes of a server, with the threads of each."""
ENOUGH = 0.95
"""Part of the most requests a second at which more connections do nothing but wait."""


@dataclass
class Level:
    """What so many connections got, over all rounds."""

    connections: int
    rates: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second: the median of the rounds."""
        return statistics.median(self.rates)

    def percentile(self, share: int) -> float:
        """Seconds in which so many of a hundred requests are answered."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) * share // 100, len(ordered) - 1)]


def knee(levels: Sequence[Level]) -> Level:
    """The fewest connections with which nearly the most requests are answered."""
    most = max(level.rate for level in levels)
    return next(level for level in levels if level.rate >= ENOUGH * most)


def requests_of(workload: str, size: int) -> tuple[list[bytes], int]:
    """Some hundred requests of a kind, and the status of their answers."""
    service, headers = Service(None, size), {"Authorization": AUTHORIZATION}
    numbers = range(500)
    if workload == "GET one":
        return [request("GET", service.one(number), headers) for number in numbers], 200
    if workload == "newest 100":
        return [request("GET", service.newest, headers)], 200
    bodies = [service.body(fields_of(number, size)) for number in numbers]
    return [request("POST", service.collection, headers, body) for body in bodies], 201


WORKLOADS = ("GET one", "newest 100", "POST")


@contextmanager
def serving(kind: Kind, setup: tuple[int, int], size: int) -> Iterator[Served]:
    """A gunicorn with the service, on a database with records."""
    with servers.new_database() as url, tempfile.TemporaryDirectory(prefix="cliquet-like-bench-") as place:
        filler = PostgreSQLProcess(kind, size, url)
        try:
            filler.reset()
        finally:
            filler.end()
        workers, threads = setup
        port = free_port()
        command = [
            str(Path(kind.python).with_name("gunicorn")),
            "--no-control-socket",
            f"--workers={workers}",
            f"--threads={threads}",
            f"--bind=127.0.0.1:{port}",
            f'benchmarks.wsgi:application("{kind.module}")',
        ]
        options = {OPTIONS: json.dumps({"url": url, **kind.options})}
        with served(command, port=port, log=Path(place) / "log", settings=options) as server:
            yield server


def measure(
    running: Sequence[Served], load: Load, workload: str, options: argparse.Namespace
) -> list[list[Level]]:
    """Levels of each server, which take turns."""
    requests, status = requests_of(workload, options.size)
    found = [[Level(connections) for connections in options.connections] for _ in running]
    for round_ in tqdm(range(options.rounds + 1), desc=workload, leave=False, disable=None):
        for place, connections in enumerate(options.connections):
            for server, levels in zip(running, found, strict=True):
                # The first round only warms up.
                seconds = options.seconds if round_ else min(options.seconds, 0.2)
                taken = load.put(
                    server.port, requests, connections=connections, seconds=seconds, status=status
                )
                if round_ and taken:
                    levels[place].rates.append(len(taken) / seconds)
                    levels[place].latencies += taken
    return found


def rows_of(setup: str, workload: str, names: Sequence[str], found: Any) -> Iterator[tuple[str, ...]]:
    """Rows of the table: each service at its knee."""
    for name, levels in zip(names, found, strict=True):
        best = knee(levels)
        times = (tables.duration(best.percentile(share)) for share in (50, 95, 99))
        yield setup, workload, name, str(best.connections), f"{best.rate:.0f}", *times


def run(options: argparse.Namespace) -> str:
    """Table of all of it."""
    kinds = [BARE, OURS]
    rows: list[tuple[str, ...]] = []
    for setup in SETUPS[: options.setups]:
        with ExitStack() as stack:
            load = stack.enter_context(Load())
            running = [stack.enter_context(serving(kind, setup, options.size)) for kind in kinds]
            text = f"{setup[0]} by {setup[1]}"
            for workload in options.only or WORKLOADS:
                found = measure(running, load, workload, options)
                rows += rows_of(text, workload, [kind.name for kind in kinds], found)
    heads = ("processes by threads", "workload", "service", "clients", "requests/s", "p50", "p95", "p99")
    return tables.table(heads, rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print and write the table; 1 when there is no server."""
    options = _parser().parse_args(arguments)
    try:
        with hosting():
            text = run(options)
    except pytest.skip.Exception as reason:
        print(reason, file=sys.stderr)
        return 1
    print(text)
    if options.output:
        options.output.write_text(text, "utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.over_http", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each number of clients (5)")
    parser.add_argument("--seconds", type=float, default=0.5, help="time of a turn in seconds (0.5)")
    parser.add_argument("--size", type=int, default=10_000, help="records of the user (10000)")
    parser.add_argument("--setups", type=int, default=len(SETUPS), help="how many of 1 by 4 and 2 by 4 (2)")
    parser.add_argument("--connections", type=int, nargs="+", default=CONNECTIONS, help="clients at once")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, metavar="WORKLOAD", help=", ".join(WORKLOADS))
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write the table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
