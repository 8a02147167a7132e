"""How PostgreSQL and SQLite look for permissions, when a hundred thousand objects have some."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from cliquet_like.permission.access import Pair, SharedQuestion
from cliquet_like.permission.postgresql import Permission as PostgreSQLPermission
from cliquet_like.permission.sql import SQLPermission
from cliquet_like.permission.sqlite import Permission as SQLitePermission
from tests import servers
from tests.explained import Explained, ExplainedPostgreSQL, ExplainedSQLite

pytestmark = pytest.mark.once

# Thirty thousand notes of Ada's and seventy thousand of fifty others, each with its author and two
# readers; everybody may read some. Ada's group is in every twentieth list.
_NOTE = "'/users/' || (CASE WHEN n % 10 < 3 THEN 'ada' ELSE n % 50 || '' END) || '/notes/' || n"
_ENTRIES = f"""
INSERT INTO access_control_entries (object_id, permission, principal)
SELECT {_NOTE}, 'write', CASE WHEN n % 10 < 3 THEN 'ada' ELSE 'user ' || (n % 50) END FROM numbers
UNION ALL SELECT {_NOTE}, 'read', 'user ' || (n % 1000) FROM numbers
UNION ALL SELECT {_NOTE}, 'read', CASE WHEN n % 20 = 0 THEN 'group' ELSE 'user ' || (n % 999) || 'b' END
FROM numbers
UNION ALL SELECT {_NOTE}, 'read', 'system.Everyone' FROM numbers WHERE n % 99 = 0"""
_GROUPS = """
INSERT INTO user_principals (user_id, principal)
SELECT 'user ' || n, 'group ' || (n % 5000) FROM numbers UNION ALL SELECT 'ada', 'group'"""
_NUMBERS = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)"""
FILL = f"{_NUMBERS} {_ENTRIES}", f"{_NUMBERS} {_GROUPS}"
UNATTENDED = """
ALTER TABLE access_control_entries SET (autovacuum_enabled = off);
ALTER TABLE user_principals SET (autovacuum_enabled = off)"""

NOTE, NOTES = "/users/7/notes/7", "/users/7/notes/*"
IDS = [f"/users/7/notes/{50 * number + 7}" for number in range(100)]
READABLE = (Pair(NOTES, "read"), Pair(NOTES, "write"))
HOLDERS = frozenset({"user 57", "system.Everyone", "system.Authenticated"})
SHARED = SharedQuestion(HOLDERS, READABLE, unless=(Pair("/users/7/notes", "read"),))
REFUSED = SharedQuestion(HOLDERS | {"user 7"}, READABLE, unless=(Pair(NOTE, "write"),))

BY_OBJECT, BY_PRINCIPAL = "entries by object", "entries by principal"
OF_USER, OF_GROUP = "groups by user", "groups by group"
NAMES = {
    "access_control_entries_pkey": BY_OBJECT,
    "access_control_entries_by_principal": BY_PRINCIPAL,
    "user_principals_pkey": OF_USER,
    "user_principals_by_principal": OF_GROUP,
}

TABLE = re.compile(r"^(?:SCAN|SEARCH) (?:e|user_principals|access_control_entries)\b")
STEP = re.compile(r"^SEARCH (\w+) USING (?:COVERING )?(PRIMARY KEY|INDEX \w+) \(.*\)$")


@dataclass(frozen=True)
class Work:
    call: Callable[[SQLPermission], Any]
    indexes: set[str]
    """Those that are used, each of them."""
    either: frozenset[str] = frozenset()
    """Those that may be used besides."""
    looked_at: int = 200
    """Most rows of the tables that are looked at."""


WORKS = {
    "groups": Work(lambda backend: backend.user_principals("ada"), {OF_USER}),
    "end of a group": Work(lambda backend: backend.remove_principal("group 7"), {OF_GROUP}),
    "entries of an object": Work(lambda backend: backend.object_permissions(NOTE), {BY_OBJECT}),
    "decision": Work(lambda backend: backend.read_access([NOTE], user_id="ada"), {BY_OBJECT, OF_USER}),
    "decision on a batch": Work(
        lambda backend: backend.read_access(IDS, user_id="ada"), {BY_OBJECT, OF_USER}, looked_at=1_000
    ),
    "shared list": Work(
        lambda backend: backend.read_access([NOTES[:-2]], user_id="ada", shared=SHARED),
        {BY_OBJECT, BY_PRINCIPAL, OF_USER},
        looked_at=500,
    ),
    "list that is not shared": Work(
        lambda backend: backend.read_access([NOTES[:-2]], user_id="ada", shared=REFUSED),
        {BY_OBJECT, BY_PRINCIPAL, OF_USER},
    ),
    "accessible": Work(
        lambda backend: backend.principals_accessible_objects(["user 7", "system.Everyone"], "read", NOTES),
        {BY_PRINCIPAL},
    ),
    "accessible anywhere": Work(
        lambda backend: backend.principals_accessible_objects(["user 7"], "read"),
        {BY_PRINCIPAL},
    ),
    # An entry of which everything is known is in both.
    "write": Work(
        lambda backend: backend.write_object_permissions(NOTE, {"read": ["a"]}),
        {BY_OBJECT},
        either=frozenset({BY_PRINCIPAL}),
    ),
    "deletion": Work(lambda backend: backend.delete_object_permissions(NOTE), {BY_OBJECT}),
    "deletion of many": Work(
        lambda backend: backend.delete_object_permissions(*IDS), {BY_OBJECT}, looked_at=1_000
    ),
}


class NotedPostgreSQL(ExplainedPostgreSQL):
    """Notes the nodes of each plan."""

    def _plan(self, cursor: Any, statement: str) -> Any:
        cursor.execute("SAVEPOINT before")
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}")
        root = cursor.fetchone()[0][0]["Plan"]
        cursor.execute("ROLLBACK TO before")
        return list(nodes(root))


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)


@contextmanager
def on_postgresql(*preparations: str) -> Iterator[SQLPermission]:
    """Backend whose tables get no statistics by themselves."""
    with servers.new_database() as url:
        database = NotedPostgreSQL(url)
        backend = PostgreSQLPermission(database)
        backend.initialize_schema()
        for statement in (UNATTENDED, *preparations):
            database.write(statement)
        yield backend
        database.close()


@pytest.fixture(scope="module")
def grown() -> Iterator[SQLPermission]:
    """Analysed when a hundred objects had permissions."""
    few = [text.replace("< 100000", "< 100").replace("'ada'", "'first'") for text in FILL]
    few = [text.replace("'/users/'", "'/first/'").replace("'user '", "'first '") for text in few]
    with on_postgresql(*few, "ANALYZE", *FILL) as backend:
        yield backend


@pytest.fixture(scope="module")
def never_analysed() -> Iterator[SQLPermission]:
    with on_postgresql(*FILL) as backend:
        yield backend


@pytest.fixture(scope="module")
def analysed() -> Iterator[SQLPermission]:
    with on_postgresql(*FILL, "ANALYZE") as backend:
        yield backend


@pytest.fixture(scope="module", params=["never analysed", "analysed"])
def sqlite(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SQLPermission]:
    database: Any = ExplainedSQLite(f"{tmp_path_factory.mktemp('plans')}/permission.db")
    backend = SQLitePermission(database)
    backend.initialize_schema()
    for statement in (*FILL, *(["ANALYZE"] if request.param == "analysed" else [])):
        database.write(statement)
    yield backend
    database.close()


@pytest.mark.parametrize("state", ["never_analysed", "grown", "analysed"])
@pytest.mark.parametrize("name", WORKS)
def test_postgresql_uses_the_indexes(request: pytest.FixtureRequest, name: str, state: str) -> None:
    backend = request.getfixturevalue(state)

    found = explain(backend, WORKS[name])

    work = WORKS[name]
    used = {NAMES[node["Index Name"]] for node in found if "Index Name" in node}
    assert used - work.either == work.indexes
    assert "Seq Scan" not in {node["Node Type"] for node in found}
    assert sum(looked_at(node) for node in found) <= work.looked_at


@pytest.mark.parametrize("name", WORKS)
def test_sqlite_uses_the_indexes(sqlite: SQLPermission, name: str) -> None:
    lines = explain(sqlite, WORKS[name])

    used = {index_of(line) for line in lines if TABLE.match(line)}
    assert used - WORKS[name].either == WORKS[name].indexes


def test_postgresql_looks_at_nothing_shared_when_it_is_not_asked_for(analysed: SQLPermission) -> None:
    found = explain(analysed, WORKS["list that is not shared"])

    (filtered,) = (node for node in found if "One-Time Filter" in node)
    (below,) = (child for child in filtered["Plans"] if child["Parent Relationship"] == "Outer")
    assert {node["Actual Loops"] for node in nodes(below)} == {0}


def explain(backend: SQLPermission, work: Work) -> list[Any]:
    """What the database notes of all statements of a work."""
    assert isinstance(backend.database, Explained)
    return [line for plan in backend.database.explain(lambda: work.call(backend)) for line in plan]


def looked_at(node: dict[str, Any]) -> int:
    if "Relation Name" not in node or "Scan" not in node["Node Type"]:
        return 0
    return int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])


def index_of(line: str) -> str:
    """Index of a step of SQLite, or the step itself when it walks through a whole table."""
    match = STEP.match(line)
    assert match, line
    table, index = match.groups()
    if index == "PRIMARY KEY":
        return OF_USER if table == "user_principals" else BY_OBJECT
    return NAMES[index.rpartition(" ")[2]]
