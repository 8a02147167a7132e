"""What a request asks of the storage, in collections of a thousand to a million records."""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tqdm import tqdm

from benchmarks import dataset, filling
from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.drivers.redis import RedisClient
from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.url import parse_url
from cliquet_like.storage import memory, postgresql, redis, sqlite
from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.indexes import IndexedStorage, parse_indexed_fields
from cliquet_like.storage.matching import page_rules, with_tie_breaker
from cliquet_like.storage.query import COMPARISON, Filter, Sort
from tests import servers
from tests.server_host import hosting

SIZES = (1_000, 10_000, 100_000, 1_000_000)
MOST_ELSEWHERE = 100_000
"""Records on the others, for which no more is promised."""

INDEXED_FIELDS = ("status", ("status", "title"))
PAGE = 100
NEWEST = [Sort("last_modified", -1)]
BY_TITLE = [Sort("title", 1), *NEWEST]
HERE = (filling.COLLECTION, filling.PARENT)
CALLS_IN_A_TURN = 10


class Work(NamedTuple):
    """A call to be timed, each time with another number; ``undo`` gets its result, and is not timed."""

    call: Callable[[int], Any]
    undo: Callable[[Any], Any] | None = None


def works_on(storage: StorageBase, size: int, *, fields: bool) -> dict[str, Work]:
    """The works by name; those that look into the fields of the records only with ``fields``."""
    page = partial(storage.get_page, *HERE, limit=PAGE)
    works = {
        "get": Work(lambda number: storage.get(*HERE, dataset.id_of(spread(number, size)))),
        "newest 100": Work(lambda _: page(sorting=NEWEST)),
        "100 in the middle": Work(
            lambda number: page(sorting=NEWEST, pagination_rules=page_after(spread(number, size)))
        ),
        "nothing new since": Work(
            lambda _: page(
                [Filter("last_modified", dataset.stamp_of(2 * size), COMPARISON.GT)],
                NEWEST,
                include_deleted=True,
            )
        ),
        "total alone": Work(lambda _: storage.get_page(*HERE, sorting=NEWEST, limit=0)),
        "create": Work(
            lambda number: storage.create(*HERE, {"title": f"Title {number}", "status": "new"}),
            lambda record: storage.delete(*HERE, record["id"], with_deleted=False),
        ),
    }
    if fields:
        works |= {
            "filter": Work(lambda number: page(filter_of(number, size), NEWEST)),
            "filter and sort": Work(lambda number: page(filter_of(number, size), BY_TITLE)),
            "filter, a fifth matches": Work(lambda _: page([is_status(dataset.COMMON)], NEWEST)),
        }
    return works


def spread(number: int, size: int) -> int:
    """A record's number, far from that of the call before; there are a hundred newer ones at least."""
    return number * 7_919 % (size - PAGE) + 1


def page_after(number: int) -> list[list[Filter]]:
    last = {"last_modified": dataset.stamp_of(number + PAGE), "id": dataset.id_of(number + PAGE)}
    return page_rules(with_tie_breaker(NEWEST, "id"), last)


def filter_of(number: int, size: int) -> list[Filter]:
    return [is_status(dataset.status_of(5 * number + 1, size))]


def is_status(status: str) -> Filter:
    return Filter("status", status, COMPARISON.EQ)


def measured(works: Sequence[Work], *, turns: int, name: str) -> list[float]:
    """Median seconds of each, in turns so that a busy moment hits all of them."""
    figures: list[list[float]] = [[] for _ in works]
    numbers = count()
    for _ in tqdm(range(turns), desc=f"{name:<24}", leave=False, disable=None):
        for work, seconds in zip(works, figures, strict=True):
            for _ in range(CALLS_IN_A_TURN):
                seconds.append(seconds_of(work, next(numbers)))
    return [statistics.median(seconds) for seconds in figures]


def seconds_of(work: Work, number: int) -> float:
    started = time.perf_counter()
    result = work.call(number)
    seconds = time.perf_counter() - started
    if work.undo is not None:
        work.undo(result)
    return seconds


def postgresql_storages(sizes: Sequence[int], stack: ExitStack) -> Iterator[StorageBase]:
    """One database for each size."""
    for size in sizes:
        database = PostgreSQL(stack.enter_context(servers.new_database()))
        stack.callback(database.close)
        storage = postgresql.Storage(database)
        make_tables(storage)
        filling.fill_postgresql(database, size)
        yield storage


def sqlite_storages(sizes: Sequence[int], stack: ExitStack) -> Iterator[StorageBase]:
    """One file for each size."""
    directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cliquet-like-growth-")))
    for size in sizes:
        database = SQLite(parse_url(f"sqlite:///{directory / str(size)}.db", kind="storage"))
        stack.callback(database.close)
        storage = sqlite.Storage(database)
        make_tables(storage)
        filling.fill_sqlite(database, size)
        yield storage


def redis_storages(sizes: Sequence[int], stack: ExitStack) -> Iterator[StorageBase]:
    """One server for each size."""
    for size in sizes:
        server = stack.enter_context(servers.private_server("redis"))
        storage = redis.Storage(RedisClient(server.url))
        filling.fill_by_creating(storage, size)
        yield storage


def memory_storages(sizes: Sequence[int], stack: ExitStack) -> Iterator[StorageBase]:
    """One storage for each size."""
    for size in sizes:
        storage = memory.Storage()
        filling.fill_by_creating(storage, size)
        yield storage


def make_tables(storage: IndexedStorage) -> None:
    storage.initialize_schema()
    for index in parse_indexed_fields(filling.COLLECTION, INDEXED_FIELDS):
        storage.create_index(index)


STORAGES = {
    "postgresql": postgresql_storages,
    "sqlite": sqlite_storages,
    "redis": redis_storages,
    "memory": memory_storages,
}


def compare(backend: str, sizes: Sequence[int], *, turns: int) -> None:
    """Print a table in Markdown: microseconds at each size, and how often the first one is in the last."""
    with ExitStack() as stack:
        made = STORAGES[backend](sizes, stack)
        progress = tqdm(made, desc=f"{backend}: filling", total=len(sizes), leave=False, disable=None)
        works = [
            works_on(storage, size, fields=backend in ("postgresql", "sqlite"))
            for storage, size in zip(progress, sizes, strict=True)
        ]
        print(f"\n| {backend:<24} | " + " | ".join(f"{size:>9,}" for size in sizes) + " | ratio |")
        print("| --- | " + "---: | " * len(sizes) + "---: |")
        for name in works[0]:
            seconds = measured([of_size[name] for of_size in works], turns=turns, name=name)
            figures = " | ".join(f"{value * 1e6:>6.0f} us" for value in seconds)
            print(f"| {name:<24} | {figures} | {seconds[-1] / seconds[0]:>5.2f} |")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("backends", nargs="*", metavar="BACKEND", help=f"{', '.join(STORAGES)}; all of them")
    parser.add_argument("--most", type=int, default=SIZES[-1], help="records in the largest collection")
    parser.add_argument("--turns", type=int, default=30, help="turns of ten calls at each size (30)")
    options = parser.parse_args(arguments)
    if unknown := set(options.backends) - STORAGES.keys():
        parser.error(f"unknown backend: {', '.join(sorted(unknown))}")
    with hosting():
        for backend in options.backends or STORAGES:
            most = min(options.most, SIZES[-1] if backend == "postgresql" else MOST_ELSEWHERE)
            try:
                compare(backend, [size for size in SIZES if size <= most], turns=options.turns)
            except pytest.skip.Exception as reason:
                print(f"\n{backend}: {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
