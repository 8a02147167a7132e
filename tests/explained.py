"""Databases that note how each statement is carried out; nothing of what they do is lasting."""

import sqlite3
from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg2

from cliquet_like.drivers.database import Database
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.postgresql.prepared import prepared_texts
from cliquet_like.drivers.transactions import Rows, Session


class Explained(Database):
    """Between ``BEGIN`` and ``ROLLBACK`` every statement is explained before it is carried out."""

    notes: list[Any] | None = None

    def explain(self, call: Callable[[], Any]) -> list[Any]:
        """What was noted of each statement of a call, which is undone afterwards."""
        self.run("BEGIN")
        notes = self.notes = []
        try:
            call()
        finally:
            self.notes = None
            self.run("ROLLBACK")
        return notes

    def _read(self, statement: str, values: Any) -> Rows:
        return self.run(statement, values)

    _write = _read

    def _begin(self) -> Session:
        return _Part(self)

    @abstractmethod
    def run(self, statement: str, values: Any = ()) -> Rows:
        """Rows of the last statement in a text."""


class _Part(Session):
    """What storages write as one; it ends with the call that is explained."""

    def __init__(self, database: Explained) -> None:
        super().__init__()
        self._database = database

    def run(self, statement: str, values: Any = ()) -> Rows:
        return self._database.run(statement, values)

    def savepoint(self) -> int:
        raise NotImplementedError

    def rollback_to(self, savepoint: int) -> None:
        raise NotImplementedError

    def commit(self) -> None:
        pass

    def rollback(self) -> None:
        pass


@dataclass(frozen=True)
class Plan:
    """How PostgreSQL carried out one statement (EXPLAIN ANALYZE), as far as records are concerned."""

    indexes: set[str]
    scans: int
    """Walks through the whole table."""
    records: int
    """Records that were looked at."""
    sorted: int
    """Most rows that one sort got."""
    blocks: int
    """Blocks that were read, from memory or disk."""


class ExplainedPostgreSQL(Explained):
    """Notes a :class:`Plan` of each statement, not of each text.

    Of a fixed one it is the plan for whatever values, which those who prepare it may get.
    """

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True

    def close(self) -> None:
        self._connection.close()

    def has_table(self, name: str) -> bool:
        return self.run("SELECT to_regclass(%s) IS NOT NULL", (name,)) == [(True,)]

    def run(self, statement: str, values: Any = ()) -> Rows:
        with self._connection.cursor() as cursor:
            if self.notes is None:
                return self._rows(cursor, statement, values)
            rows: Rows = []
            if isinstance(statement, FixedStatement):
                for part in statement.parts:
                    self.notes.append(self._plan_for_any(cursor, part, values))
                    rows = self._rows(cursor, part, values)
                return rows
            for part in cursor.mogrify(statement, values or None).decode().split(";\n"):
                self.notes.append(self._plan(cursor, part))
                rows = self._rows(cursor, part)
            return rows

    def _plan_for_any(self, cursor: Any, part: str, values: Any) -> Plan:
        making, running = prepared_texts(part)
        for text in ("SET LOCAL plan_cache_mode = force_generic_plan", making):
            cursor.execute(text, values)
        plan = self._plan(cursor, cursor.mogrify(running, values).decode())
        cursor.execute("DEALLOCATE ALL")
        return plan

    def _rows(self, cursor: Any, statement: str, values: Any = ()) -> Rows:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []

    def _plan(self, cursor: Any, statement: str) -> Plan:
        cursor.execute("SAVEPOINT before")
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {statement}")
        root = cursor.fetchone()[0][0]["Plan"]
        cursor.execute("ROLLBACK TO before")
        return _summary(root)


def _summary(root: dict[str, Any]) -> Plan:
    nodes = list(_nodes(root))
    own = [node for node in nodes if node.get("Relation Name") == "records" and "Scan" in node["Node Type"]]
    sorts = [node for node in nodes if node["Node Type"].endswith("Sort")]
    return Plan(
        indexes={node["Index Name"] for node in nodes if "Index Name" in node} - {"collections_pkey"},
        scans=sum(node["Node Type"] == "Seq Scan" for node in own),
        records=sum(_looked_at(node) for node in own),
        sorted=max((int(node["Plans"][0]["Actual Rows"]) for node in sorts), default=0),
        blocks=root["Shared Hit Blocks"] + root["Shared Read Blocks"],
    )


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _looked_at(node: dict[str, Any]) -> int:
    return int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])


class ExplainedSQLite(Explained):
    """Notes the lines of EXPLAIN QUERY PLAN of each statement."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)

    def close(self) -> None:
        self._connection.close()

    def add_function(self, name: str, arguments: int, function: Callable[..., Any]) -> None:
        self._connection.create_function(name, arguments, function, deterministic=True)

    def has_table(self, name: str) -> bool:
        return bool(self.run("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)))

    def run(self, statement: str, values: Any = ()) -> Rows:
        if self.notes is not None:
            plan = self._connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            self.notes.append([detail for *_, detail in plan])
        return self._connection.execute(statement, values).fetchall()
