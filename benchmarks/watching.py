"""What logs and metrics cost on GET one, all in one run."""

import argparse
import io
import json
import logging
import socket
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

from benchmarks import tables  # noqa: E402 - cornice warns when it is imported
from benchmarks.client import call  # noqa: E402
from cliquet_like.testing.app import make_wsgi_app  # noqa: E402

LOG = logging.getLogger("cliquet_like")
RENDERERS = ("ClassicLogRenderer", "JSONLogRenderer", "MozillaHekaRenderer")

Variant = tuple[str, int, Callable[[], Any]]
"""Name, level of the log, and a request."""


class Nowhere(io.TextIOBase):
    """Stream that takes everything: what is measured is the library, not the disk."""

    def write(self, text: str) -> int:
        return len(text)


def get_one(**settings: Any) -> Callable[[], Any]:
    """Reading one record of an application on the memory backend with these settings."""
    app = make_wsgi_app("benchmarks.ours", settings=settings)
    body = json.dumps({"data": {"url": "http://example.org/", "title": "A title"}}).encode()
    made = json.loads(call(app, "POST", "/v1/bookmarks", body).body)["data"]
    return lambda: call(app, "GET", f"/v1/bookmarks/{made['id']}", USER_AGENT="curl/8.5.0")


def variants(statsd_url: str) -> Sequence[Variant]:
    """The first has neither summaries nor metrics."""
    quiet = logging.WARNING
    logged = [
        (name, logging.INFO, get_one(logging_renderer=f"cliquet_like.logs.{name}")) for name in RENDERERS
    ]
    return [("neither", quiet, get_one()), *logged, ("statsd", quiet, get_one(statsd_url=statsd_url))]


def seconds_of(variant: Variant, calls: int) -> float:
    """CPU seconds of a request, over so many."""
    _, level, request = variant
    LOG.setLevel(level)
    started = time.process_time()
    for _ in range(calls):
        request()
    return (time.process_time() - started) / calls


def drain(server: socket.socket) -> None:
    """Take what was sent, so that the socket never is full."""
    with suppress(BlockingIOError):
        while True:
            server.recv(65_536)


def measure(rounds: int, calls: int) -> dict[str, float]:
    """Seconds of a request to each variant: medians of rounds in which each has its turn."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.setblocking(False)
        compared = variants(f"udp://127.0.0.1:{server.getsockname()[1]}")
        figures: list[list[float]] = [[] for _ in compared]
        for _ in tqdm(range(rounds), desc="GET one", leave=False, disable=None):
            for variant, seconds in zip(compared, figures, strict=True):
                seconds.append(seconds_of(variant, calls))
                drain(server)
    return {name: statistics.median(seconds) for (name, _, _), seconds in zip(compared, figures, strict=True)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watching", description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="turns of each (25)")
    parser.add_argument("--calls", type=int, default=400, help="requests in a turn (400)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write the table")
    options = parser.parse_args(arguments)
    handler, level, propagates = logging.StreamHandler(Nowhere()), LOG.level, LOG.propagate
    LOG.addHandler(handler)
    LOG.propagate = False
    try:
        figures = measure(options.rounds, options.calls)
    finally:
        LOG.removeHandler(handler)
        LOG.setLevel(level)
        LOG.propagate = propagates
    base = figures["neither"]
    rows = [(name, tables.duration(own), f"{100 * (own / base - 1):+.0f} %") for name, own in figures.items()]
    text = tables.table(("GET one, on memory", "a request", "more than neither"), rows)
    print(text)
    if options.output:
        options.output.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
