"""What a process costs besides time: memory after many requests, and how long the import takes."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tqdm import tqdm

from benchmarks import tables
from benchmarks.subjects import OURS, ROOT, Process, running
from tests.server_host import hosting

MOST_GROWTH = 0.05
MOST_IMPORT_S = 0.25
OPTIONAL = (
    *("fxa", "newrelic", "prometheus_client", "psycopg2", "raven", "redis", "requests"),
    *("sentry_sdk", "sqlalchemy", "sqlite3", "statsd", "werkzeug"),
)
"""Packages that only some installations have."""

IMPORT = """
import cliquet_like
import cliquet_like.storage.memory, cliquet_like.permission.memory, cliquet_like.cache.memory
"""
START = """
from pyramid.config import Configurator
places = {f"{kind}_backend": f"cliquet_like.{kind}.memory" for kind in ("storage", "permission", "cache")}
config = Configurator(settings={**places, "userid_hmac_secret": "of the benchmarks"})
cliquet_like.initialize(config, version="1.0", project_name="bookmarks")
config.make_wsgi_app()
"""
_TIMED = f"""
import json, sys, time
started = time.perf_counter()
{IMPORT}
imported = time.perf_counter()
loaded = [name for name in {OPTIONAL!r} if name in sys.modules]
{START}
print(json.dumps([imported - started, time.perf_counter() - imported, loaded]))
"""

_MIX = (
    *(("GET one", 40), ("GET one, 304", 20), ("newest 100", 10), ("POST", 5), ("PUT", 10), ("PATCH", 10)),
    *(("filter and sort, 200 match", 2), ("hello", 2), ("heartbeat", 1)),
)
"""A hundred requests, as clients send them."""


def import_times(processes: int) -> tuple[list[float], list[float], list[str]]:
    """Seconds of the import, and of a start after it, each in new processes and in order.

    At last the optional packages that the import loaded. As after an installation, all modules are
    compiled beforehand, whatever the environment says of bytecode.
    """
    imports: list[float] = []
    starts: list[float] = []
    loaded: list[str] = []
    with tempfile.TemporaryDirectory(prefix="cliquet-like-bench-") as compiled:
        for place in tqdm(range(processes + 1), desc="imports", leave=False, disable=None):
            imported, started, loaded = _one_import(compiled)
            if place:
                imports.append(imported)
                starts.append(started)
    return sorted(imports), sorted(starts), loaded


def _one_import(compiled: str) -> tuple[float, float, list[str]]:
    variables = {**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONPYCACHEPREFIX": compiled}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", _TIMED],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    imported, started, loaded = json.loads(done.stdout)
    return imported, started, loaded


def growth(requests: int, size: int) -> Iterator[tuple[str, int]]:
    """Moments, each with the KiB that a process on PostgreSQL then has in memory.

    It is not the one that made the records, which took more than a service needs.
    """
    with running([OURS], size) as (filled,), filled.twin() as process:
        yield "after the start", process.ask("resident_kib")
        warm = min(requests, 1_000)
        ask_for(process, 0, warm)
        yield f"after {warm:,} requests", process.ask("resident_kib")
        half = max(warm, requests // 2)
        ask_for(process, warm, half)
        yield f"after {half:,} requests", process.ask("resident_kib")
        ask_for(process, half, requests)
        yield f"after {requests:,} requests", process.ask("resident_kib")


def ask_for(process: Process, first: int, last: int) -> None:
    """Let it answer requests of all kinds, those with these numbers."""
    for number in tqdm(range(first, last, 100), desc="requests", leave=False, disable=None):
        for workload, calls in _MIX:
            # A record that was changed meanwhile is no 304 any more: that is not looked at.
            action = "run" if workload == "GET one, 304" else "check"
            process.ask(action, workload=workload, first=number, calls=calls)


def report_growth(requests: int, size: int) -> str:
    """Table of the memory at each moment."""
    moments = list(growth(requests, size))
    warm = moments[1][1]
    rows = [
        (moment, f"{kib / 1024:.1f} MiB", f"{100 * (kib / warm - 1):+.1f} %" if place else "")
        for place, (moment, kib) in enumerate(moments)
    ]
    return tables.table(("a process", "in memory", "against the second line"), rows)


def report_imports(processes: int) -> str:
    """Table of the import, in so many new processes."""
    imports, starts, loaded = import_times(processes)
    rows = [
        (f"import, best of {processes}", f"{imports[0] * 1000:.0f} ms"),
        ("import, median", f"{statistics.median(imports) * 1000:.0f} ms"),
        ("import, may take", f"{MOST_IMPORT_S * 1000:.0f} ms"),
        ("start after it, median", f"{statistics.median(starts) * 1000:.0f} ms"),
        ("optional packages loaded", ", ".join(loaded) or "none"),
    ]
    return tables.table(("with the memory backends", ""), rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print and write the tables; 1 when there is no server."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.footprint", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="requests to grow by (100000)")
    parser.add_argument("--size", type=int, default=10_000, help="records of the user (10000)")
    parser.add_argument("--imports", type=int, default=7, help="processes that import the library (7)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write the tables")
    options = parser.parse_args(arguments)
    text = report_imports(options.imports)
    try:
        with hosting():
            text += "\n" + report_growth(options.requests, options.size)
    except pytest.skip.Exception as reason:
        print(reason, file=sys.stderr)
        return 1
    print(text)
    if options.output:
        options.output.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
