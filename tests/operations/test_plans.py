"""How PostgreSQL carries out each statement on a hundred thousand records."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cliquet_like.storage.indexes import DeclaredIndex
from cliquet_like.storage.postgresql import Storage
from tests import servers
from tests.explained import ExplainedPostgreSQL, Plan
from tests.filled import FILL_POSTGRESQL, explain, filled

pytestmark = pytest.mark.once

PRIMARY, BY_TIME, ALIVE = "records_pkey", "records_by_time", "records_alive"
STATUS = DeclaredIndex("bookmark", ("status",)).name
STATUS_AND_TITLE = DeclaredIndex("bookmark", ("status", "title")).name
OF_STATUS = {STATUS, STATUS_AND_TITLE}

# Which indexes may be used. At least one is, where there are any.
INDEXES: dict[str, set[str]] = {
    "get": {PRIMARY},
    "create at random": set(),
    "create": {PRIMARY},
    "create as expected": {PRIMARY},
    "create with a unique field": {PRIMARY, *OF_STATUS},
    "update": {PRIMARY},
    "update as expected": {PRIMARY},
    "bury": {PRIMARY},
    "drop": {PRIMARY},
    "delete those of a status": {PRIMARY, *OF_STATUS},
    "delete some ids": {PRIMARY},
    "drop the oldest": {PRIMARY, ALIVE},
    "purge": {BY_TIME},
    "newest": {ALIVE},
    "oldest": {ALIVE},
    "middle": {ALIVE},
    "total alone": {ALIVE},
    "nothing new": {ALIVE, BY_TIME},
    "a little new": {ALIVE, BY_TIME},
    "one id": {PRIMARY},
    "some ids": {PRIMARY},
    "some ids, their newest": {PRIMARY},
    "a status": OF_STATUS,
    "a status, after": OF_STATUS,
    "a status by title": {STATUS_AND_TITLE},
    "a status and a title": OF_STATUS,
    "two statuses": OF_STATUS,
    "all by status": OF_STATUS,
}
# What is sorted, where it is more than a page: the whole list, of 200 records or twice as many.
SORTED = {"delete those of a status": 200, "drop the oldest": 235, "two statuses": 400, "all by status": 201}
MOST_SORTED = 101
MOST_RECORDS = 1_000

# A planner without statistics takes a collection for a few records, and so walks through all of it
# for these; the server makes statistics by itself within a minute.
ANALYSED_ONLY = ("two statuses", "all by status")


@contextmanager
def storage_on(url: str) -> Iterator[Storage]:
    database = ExplainedPostgreSQL(url)
    with filled(Storage(database), f"{UNATTENDED}; {FILL_POSTGRESQL}") as storage:
        yield storage


UNATTENDED = """
ALTER TABLE records SET (autovacuum_enabled = off); ALTER TABLE collections SET (autovacuum_enabled = off)"""


@pytest.fixture(scope="module")
def analysed() -> Iterator[Storage]:
    with servers.new_database() as url, storage_on(url) as storage:
        storage.database.write("ANALYZE")
        yield storage


@pytest.fixture(scope="module")
def never_analysed() -> Iterator[Storage]:
    """Its indexes were made while it was empty, as by the command ``migrate``."""
    with servers.new_database() as url, storage_on(url) as storage:
        yield storage


@pytest.mark.parametrize("name", INDEXES)
def test_a_statement_uses_its_index(analysed: Storage, name: str) -> None:
    plans = explain(analysed, name)

    assert_uses_its_index(plans, name)


@pytest.mark.parametrize("name", [name for name in INDEXES if name not in ANALYSED_ONLY])
def test_a_statement_uses_its_index_before_there_are_statistics(
    never_analysed: Storage, analysed: Storage, name: str
) -> None:
    plans = explain(never_analysed, name)
    usual = explain(analysed, name)

    assert_uses_its_index(plans, name)
    # Blocks are counted, not seconds: the same on every machine.
    assert blocks(plans) <= 3 * blocks(usual) + 20


def assert_uses_its_index(plans: list[Plan], name: str) -> None:
    used = set().union(*(plan.indexes for plan in plans))
    assert used <= INDEXES[name]
    assert bool(used) == bool(INDEXES[name])
    assert [plan.scans for plan in plans] == [0] * len(plans)
    assert max(plan.sorted for plan in plans) <= SORTED.get(name, MOST_SORTED)
    assert max(plan.records for plan in plans) <= MOST_RECORDS


def blocks(plans: list[Plan]) -> int:
    return sum(plan.blocks for plan in plans)
