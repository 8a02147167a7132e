"""``python -m benchmarks.watching``: what logs and metrics cost on GET one, all in one run."""

import argparse
import io
import json
import logging
import socket
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from tqdm import tqdm

warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

from benchmarks.client import call  # noqa: E402 - cornice warns when it is imported
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


def main() -> None:
    """Print microseconds, and per cent above the first: medians of rounds in which each has its turn."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--calls", type=int, default=400)
    options = parser.parse_args()
    LOG.addHandler(logging.StreamHandler(Nowhere()))
    LOG.propagate = False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.setblocking(False)
        compared = variants(f"udp://127.0.0.1:{server.getsockname()[1]}")
        figures: list[list[float]] = [[] for _ in compared]
        for _ in tqdm(range(options.rounds), desc="GET one", leave=False, disable=None):
            for variant, seconds in zip(compared, figures, strict=True):
                seconds.append(seconds_of(variant, options.calls))
                drain(server)
    base = statistics.median(figures[0])
    for (name, _, _), seconds in zip(compared, figures, strict=True):
        median = statistics.median(seconds)
        print(f"{name:<22}{median * 1e6:>8.0f} us{100 * (median / base - 1):>+8.1f} %")


if __name__ == "__main__":
    main()
