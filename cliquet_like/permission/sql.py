"""Permissions in SQL tables: all that PostgreSQL and SQLite have in common."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cliquet_like.drivers.database import Database
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.guard import Proof, Provable
from cliquet_like.drivers.migrations import Migrated
from cliquet_like.drivers.transactions import Rows
from cliquet_like.permission.access import (
    MAX_ENTRY_BYTES,
    WILDCARD,
    Access,
    Entry,
    Pair,
    SharedQuestion,
    grouped,
    literal_prefix,
    matches,
)
from cliquet_like.permission.base import PermissionBase
from cliquet_like.permission.heartbeat import GROUP, USER

_LAST_CHARACTER: Final = "\U0010ffff"  # of four bytes in UTF-8
_BEYOND: Final = _LAST_CHARACTER * (MAX_ENTRY_BYTES // 4 + 1)
_SURROGATES: Final = range(0xD800, 0xE000)

_GROUP, _ENTRY, _SHARED = 1, 2, 3

FLUSH_PRINCIPALS: Final = "DELETE FROM user_principals"
FLUSH_ENTRIES: Final = "DELETE FROM access_control_entries"
_ADD_PRINCIPAL: Final = """
INSERT INTO user_principals (user_id, principal) VALUES ({user}, {principal}) ON CONFLICT DO NOTHING
"""
# It writes what is there already, too.
_PROOF: Final = FixedStatement(
    f"INSERT INTO user_principals (user_id, principal) VALUES ('{USER}', '{GROUP}') "
    "ON CONFLICT (user_id, principal) DO UPDATE SET principal = excluded.principal RETURNING 1"
)
_REMOVE_USER_PRINCIPAL: Final = (
    "DELETE FROM user_principals WHERE user_id = {user} AND principal = {principal}"
)
_REMOVE_PRINCIPAL: Final = "DELETE FROM user_principals WHERE principal = {principal}"
_USER_PRINCIPALS: Final = "SELECT principal FROM user_principals WHERE user_id = {user}"
_ADD_ENTRY: Final = """
INSERT INTO access_control_entries (object_id, permission, principal)
VALUES ({object}, {permission}, {principal}) ON CONFLICT DO NOTHING
"""
_REMOVE_ENTRY: Final = """
DELETE FROM access_control_entries
WHERE object_id = {object} AND permission = {permission} AND principal = {principal}
"""
_ENTRIES: Final = "SELECT e.object_id, e.permission, e.principal FROM ({objects}) AS o {own}"
_HELD: Final = "FROM holders AS h CROSS JOIN among AS a {reached}"
_ACCESSIBLE: Final = f"""
WITH holders AS ({{principals}}), among AS ({{among}})
SELECT DISTINCT e.object_id, e.permission {_HELD}
"""
_READ_ACCESS: Final = f"""
SELECT {_GROUP} AS kind, principal AS first, NULL AS second, NULL AS third
FROM user_principals WHERE user_id = {{user}}
UNION ALL
SELECT {_ENTRY}, e.object_id, e.permission, e.principal FROM ({{objects}}) AS o {{own}}
"""
# What is behind NOT EXISTS is the same for every row: the servers look once.
_READ_ACCESS_AND_SHARED: Final = f"""
WITH holders AS ({{principals}} UNION SELECT principal FROM user_principals WHERE user_id = {{user}}),
among AS ({{among}}), decisive AS ({{unless}})
{_READ_ACCESS}
UNION ALL
SELECT DISTINCT {_SHARED}, e.object_id, e.permission, NULL {_HELD}
WHERE NOT EXISTS (SELECT 1 FROM decisive AS d CROSS JOIN holders AS h {{decided}})
"""
_TEMPLATES: Final = (
    _ADD_PRINCIPAL,
    _REMOVE_USER_PRINCIPAL,
    _REMOVE_PRINCIPAL,
    _USER_PRINCIPALS,
    _ADD_ENTRY,
    _REMOVE_ENTRY,
    _ENTRIES,
    _ACCESSIBLE,
    _READ_ACCESS,
    _READ_ACCESS_AND_SHARED,
)

_SCALARS: Final = ("user", "principal", "object", "permission", "conditional")
_JOINS: Final = {
    "own": "e.object_id = o.object_id",
    "reached": (
        "e.principal = h.principal AND e.permission = a.permission AND e.object_id BETWEEN a.low AND a.high"
    ),
    "decided": "e.object_id = d.object_id AND e.permission = d.permission AND e.principal = h.principal",
}
TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "objects": ("object_id",),
    "principals": ("principal",),
    "among": ("permission", "low", "high"),
    "unless": ("permission", "object_id"),
    "wanted": ("permission", "principal"),
    "unwanted": ("permission", "principal"),
    "expected": ("permission", "principal"),
}
"""Columns of the lists that are bound to a statement as tables, by name."""

Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class PermissionDialect:
    """What the servers do not write alike."""

    placeholder: str
    """How a value is bound, with ``{}`` for its name."""
    join: str
    """CROSS JOIN with the entries, as ``e``, for a ``{condition}``: looked up for each row before it."""
    table: Callable[[str], str]
    """SELECT of all rows of one of :data:`TABLES`."""
    rows: Callable[[str, Iterable[Sequence[str]]], Values]
    """Values that this SELECT has need of."""

    def __call__(self, template: str) -> str:
        """Statement of a template."""
        scalars = {name: self.placeholder.format(name) for name in _SCALARS}
        tables = {name: self.table(name) for name in TABLES}
        joins = {name: self.join.format(condition=condition) for name, condition in _JOINS.items()}
        return template.format(**scalars, **tables, **joins).strip()

    def objects(self, object_ids: Iterable[str]) -> Values:
        """Values of the table ``objects``."""
        return self.rows("objects", ((object_id,) for object_id in object_ids))


class SQLPermission(Migrated, Provable, PermissionBase):
    """The tables ``user_principals`` and ``access_control_entries``; a subclass has the rest of the hooks.

    All that is written is part of the request's transaction.
    """

    dialect: PermissionDialect

    def __init__(self, database: Database) -> None:
        self.database = database
        self._statements = {template: FixedStatement(self.dialect(template)) for template in _TEMPLATES}

    def heartbeat_proof(self) -> Proof:
        """Write what a heartbeat adds; see the base."""
        return _PROOF, {}

    def _add_user_principal(self, user_id: str, principal: str) -> None:
        self._write(_ADD_PRINCIPAL, {"user": user_id, "principal": principal})

    def _remove_user_principal(self, user_id: str, principal: str) -> None:
        self._write(_REMOVE_USER_PRINCIPAL, {"user": user_id, "principal": principal})

    def _remove_principal(self, principal: str) -> None:
        self._write(_REMOVE_PRINCIPAL, {"principal": principal})

    def _user_principals(self, user_id: str) -> set[str]:
        return {principal for (principal,) in self._read(_USER_PRINCIPALS, {"user": user_id})}

    def _add_entry(self, object_id: str, entry: Entry) -> None:
        self._write(_ADD_ENTRY, {"object": object_id, **entry._asdict()})

    def _remove_entry(self, object_id: str, entry: Entry) -> None:
        self._write(_REMOVE_ENTRY, {"object": object_id, **entry._asdict()})

    def _entries(self, object_ids: Sequence[str]) -> dict[str, Iterable[Entry]]:
        rows = self._read(_ENTRIES, self.dialect.objects(object_ids))
        return by_object(rows)

    def _accessible(self, principals: frozenset[str], pairs: Sequence[Pair]) -> set[str]:
        if not principals or not pairs:
            return set()
        return _matching(self._read(_ACCESSIBLE, self._question(principals, pairs)), pairs)

    def _read_access(
        self, object_ids: Sequence[str], user_id: str | None, shared: SharedQuestion | None
    ) -> Access:
        if not object_ids and user_id is None and shared is None:
            return Access()
        values = {"user": user_id, **self.dialect.objects(object_ids)}
        if shared is None:
            return _access_of(self._read(_READ_ACCESS, values), ())
        unless = ((pair.permission, pair.object_id) for pair in shared.unless)
        values |= self._question(shared.principals, shared.patterns) | self.dialect.rows("unless", unless)
        return _access_of(self._read(_READ_ACCESS_AND_SHARED, values), shared.patterns)

    def _question(self, principals: frozenset[str], pairs: Sequence[Pair]) -> Values:
        ranges = ((pair.permission, *bounds(pair.object_id)) for pair in pairs)
        holders = ((principal,) for principal in sorted(principals))
        return self.dialect.rows("principals", holders) | self.dialect.rows("among", ranges)

    def _read(self, template: str, values: Values) -> Rows:
        return self.database.read(self._statements[template], values)

    def _write(self, template: str, values: Values) -> None:
        self.database.write(self._statements[template], values)


def bounds(pattern: str) -> tuple[str, str]:
    """Least and greatest text, in the order of code points, of a range that has all ids of a pattern.

    There are others in it too, unless the pattern has no wildcard.
    """
    if WILDCARD not in pattern:
        return pattern, pattern
    prefix = literal_prefix(pattern)
    return prefix, _behind_all_with(prefix)


def _behind_all_with(prefix: str) -> str:
    """Text behind every id that can be stored and begins with a prefix."""
    start = prefix.rstrip(_LAST_CHARACTER)
    if not start:
        return _BEYOND
    code = ord(start[-1]) + 1
    return start[:-1] + chr(_SURROGATES.stop if code in _SURROGATES else code)


def _access_of(rows: Rows, among: Sequence[Pair]) -> Access:
    entries = by_object(row for kind, *row in rows if kind == _ENTRY)
    return Access(
        frozenset(principal for kind, principal, *_ in rows if kind == _GROUP),
        {object_id: grouped(found) for object_id, found in entries.items()},
        frozenset(_matching((row[:2] for kind, *row in rows if kind == _SHARED), among)),
    )


def by_object(rows: Iterable[Sequence[Any]]) -> dict[str, Iterable[Entry]]:
    """Entries by object, of rows that begin with the object id."""
    entries: dict[str, list[Entry]] = {}
    for object_id, *entry in rows:
        entries.setdefault(object_id, []).append(Entry(*entry))
    return {**entries}


def _matching(found: Iterable[Sequence[Any]], pairs: Sequence[Pair]) -> set[str]:
    """Object ids, of those found with a permission, that match a pattern of that permission."""
    patterns: dict[str, list[str]] = {}
    for pattern, permission in pairs:
        patterns.setdefault(permission, []).append(pattern)
    return {
        object_id
        for object_id, permission in found
        if any(matches(object_id, pattern) for pattern in patterns[permission])
    }
