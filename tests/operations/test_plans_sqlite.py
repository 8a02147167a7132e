"""How SQLite looks for records, on a hundred thousand of them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from cliquet_like.storage.indexes import DeclaredIndex
from cliquet_like.storage.sqlite import Storage
from tests.explained import ExplainedSQLite
from tests.filled import FILL_SQLITE, explain, filled

pytestmark = pytest.mark.once

PRIMARY, BY_TIME, ALIVE = "sqlite_autoindex_records_1", "records_by_time", "records_alive"
STATUS = DeclaredIndex("bookmark", ("status",)).name
STATUS_AND_TITLE = DeclaredIndex("bookmark", ("status", "title")).name
OF_STATUS = {STATUS, STATUS_AND_TITLE}

# Which indexes may be used; at least one is.
INDEXES: dict[str, set[str]] = {
    "get": {PRIMARY},
    "create at random": {PRIMARY},
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
    "all by status": {STATUS},
}
# Found by the primary key, and sorted then.
SORTED = {"one id", "some ids", "some ids, their newest", "delete some ids"}

INDEX = re.compile(r"^SEARCH (?:r|records) USING (?:COVERING )?INDEX (\S+) \((.*)\)")
SCAN = re.compile(r"^SCAN (?:r|records)\b")
SORT = "USE TEMP B-TREE FOR ORDER BY"


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Without statistics, which SQLite makes only when it is asked to."""
    path = tmp_path_factory.mktemp("plans") / "records.db"
    database: Any = ExplainedSQLite(str(path))
    with filled(Storage(database), FILL_SQLITE) as storage:
        yield storage


@pytest.mark.parametrize("name", INDEXES)
def test_a_statement_uses_its_index(storage: Storage, name: str) -> None:
    plans = explain(storage, name)

    lines = [line for plan in plans for line in plan]
    used = {match[1] for line in lines if (match := INDEX.match(line))}
    assert used
    assert used <= INDEXES[name]
    assert not [line for line in lines if SCAN.match(line)]


@pytest.mark.parametrize("name", [name for name in INDEXES if name not in SORTED])
def test_a_list_is_in_order_already_when_it_is_read(storage: Storage, name: str) -> None:
    plans = explain(storage, name)

    sorts = [line.startswith(SORT) for plan in plans for line in plan]
    # The rows of a page are joined with its total, and sorted once more.
    assert sum(sorts) <= 1


def test_a_page_begins_in_the_index(storage: Storage) -> None:
    (plan,) = explain(storage, "middle")

    assert any("(last_modified,id)<(?,?)" in line for line in plan)
