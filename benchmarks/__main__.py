"""Requests per second of the memory backend beside a bare Pyramid application, in one run."""

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from tqdm import tqdm

warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

from benchmarks import bare, ours  # noqa: E402 - cornice warns when it is imported
from benchmarks.client import call  # noqa: E402

Work = Callable[[], Any]


def bookmark(number: int) -> bytes:
    return json.dumps(
        {"data": {"url": f"http://example.org/{number}", "title": "A title", "status": number % 5}}
    ).encode()


def filled(make_app: Callable[[], Any], records: int) -> Any:
    app = make_app()
    for number in range(records):
        call(app, "POST", "/v1/bookmarks", bookmark(number))
    return app


def workloads(app: Any) -> dict[str, Work]:
    """One request each, by name."""
    newest = json.loads(call(app, "GET", "/v1/bookmarks?_limit=1").body)["data"][0]
    one, tag = f"/v1/bookmarks/{newest['id']}", f'"{newest["last_modified"]}"'
    post = bookmark(1)
    item = {"method": "POST", "path": "/v1/bookmarks", "body": json.loads(post)}
    batch = json.dumps({"requests": [item] * 25}).encode()
    return {
        "GET one": lambda: call(app, "GET", one),
        "GET one, 304": lambda: call(app, "GET", one, IF_NONE_MATCH=tag),
        "list of 100": lambda: call(app, "GET", "/v1/bookmarks?_limit=100"),
        "POST": lambda: call(app, "POST", "/v1/bookmarks", post),
        "batch of 25 POST": lambda: call(app, "POST", "/v1/batch", batch),
    }


def seconds_of(work: Work, *, at_least_s: float) -> float:
    """Seconds a call takes, over as many calls as fill the time."""
    calls, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < at_least_s:
        work()
        calls += 1
    return elapsed / calls


def interleaved(works: Sequence[Work], *, rounds: int, at_least_s: float, name: str) -> list[float]:
    """Median seconds of each, measured in turns so that a busy moment hits all of them."""
    figures: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    for _ in tqdm(range(rounds), desc=f"{name:<24}", leave=False, disable=None):
        for work, seconds in zip(works, figures, strict=True):
            seconds.append(seconds_of(work, at_least_s=at_least_s))
    return [statistics.median(seconds) for seconds in figures]


def compare_with_bare(options: argparse.Namespace) -> None:
    """Print requests per second of both, and how many times slower ours is."""
    apps = [filled(module.make_app, 10_000) for module in (bare, ours)]
    print(f"{'10 000 records':<24}{'bare /s':>10}{'ours /s':>10}{'ratio':>8}")
    for name, bare_work in workloads(apps[0]).items():
        works = [bare_work, workloads(apps[1])[name]]
        base, own = interleaved(works, rounds=options.rounds, at_least_s=options.seconds, name=name)
        print(f"{name:<24}{1 / base:>10.0f}{1 / own:>10.0f}{own / base:>8.2f}")


def compare_sizes(options: argparse.Namespace) -> None:
    """Print what the newest page costs in a large collection, in times of a small one."""
    urls = {"newest 100": "/v1/bookmarks?_limit=100", "nothing new": "/v1/bookmarks?_since=99999999999999"}
    small, large = (filled(ours.make_app, number) for number in (1_000, 100_000))
    print(f"\n{'':<24}{'1 000':>10}{'100 000':>10}{'ratio':>8}")
    for name, url in urls.items():
        works = [lambda app=app, url=url: call(app, "GET", url) for app in (small, large)]
        few, many = interleaved(works, rounds=options.rounds, at_least_s=options.seconds, name=name)
        print(f"{name:<24}{few * 1e6:>8.0f}us{many * 1e6:>8.0f}us{many / few:>8.2f}")


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="turns of each workload (7)")
    parser.add_argument("--seconds", type=float, default=0.2, help="time of a turn in seconds (0.2)")
    options = parser.parse_args()
    compare_with_bare(options)
    compare_sizes(options)


if __name__ == "__main__":
    main()
