"""Permissions in a PostgreSQL database, which storage may have tables in too."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.migrations import Migrations
from cliquet_like.drivers.postgresql.client import client_from_config
from cliquet_like.permission.access import Entry
from cliquet_like.permission.sql import (
    FLUSH_ENTRIES,
    FLUSH_PRINCIPALS,
    TABLES,
    PermissionDialect,
    SQLPermission,
    Values,
    by_object,
)


def _table(name: str) -> str:
    arrays = ", ".join(f"%({name}_{column})s::text[]" for column in TABLES[name])
    return f"SELECT * FROM unnest({arrays}) AS t ({', '.join(TABLES[name])})"


def _rows(name: str, rows: Iterable[Sequence[str]]) -> Values:
    kept = list(rows)
    return {f"{name}_{column}": [row[place] for row in kept] for place, column in enumerate(TABLES[name])}


DIALECT: Final = PermissionDialect(
    placeholder="%({})s",
    # Without OFFSET it could be turned into a walk through all entries, and is where the planner has
    # no statistics yet.
    join=(
        "CROSS JOIN LATERAL"
        " (SELECT object_id, permission, principal FROM access_control_entries AS e"
        " WHERE {condition} OFFSET 0) AS e"
    ),
    table=_table,
    rows=_rows,
)

# Who replaces the entries of an object waits for the one before: there may be no row to wait for.
# The second statement has a snapshot of its own, taken after the first one got the lock. The rows
# are locked against those who delete without it. Advisory locks of one number are apart from those
# of two (see ``drivers.postgresql.schema``).
_LOCK: Final = DIALECT("SELECT pg_advisory_xact_lock(hashtextextended({object}, 1668049265))")
_REPLACE_LOCKED: Final = DIALECT("""
WITH before AS MATERIALIZED (
    SELECT permission, principal FROM access_control_entries WHERE object_id = {object} FOR UPDATE
),
wanted AS ({wanted}),
expected AS ({expected}),
agreed AS MATERIALIZED (
    SELECT true AS yes WHERE NOT {conditional} OR NOT EXISTS (
        (SELECT * FROM before EXCEPT SELECT * FROM expected)
        UNION ALL (SELECT * FROM expected EXCEPT SELECT * FROM before)
    )
),
gone AS (
    DELETE FROM access_control_entries AS e USING before AS b, agreed
    WHERE e.object_id = {object} AND e.permission = b.permission AND e.principal = b.principal
      AND (%(names)s::text[] IS NULL OR b.permission = ANY(%(names)s::text[]))
      AND NOT EXISTS (
        SELECT FROM wanted AS w WHERE w.permission = b.permission AND w.principal = b.principal
      )
),
came AS (
    INSERT INTO access_control_entries (object_id, permission, principal)
    SELECT {object}, w.permission, w.principal FROM wanted AS w, agreed
    ON CONFLICT DO NOTHING
)
SELECT permission, principal FROM before
""")
_REPLACE: Final = FixedStatement(_LOCK, _REPLACE_LOCKED)
# The first one waits for whoever replaces entries; what that one added is not in its snapshot, but in
# that of the second, which has nobody to wait for.
_DELETE_OBJECTS: Final = DIALECT("""
SELECT count(*) FROM ({objects}) AS o CROSS JOIN LATERAL (
    SELECT FROM access_control_entries WHERE object_id = o.object_id OFFSET 0 FOR UPDATE
) AS locked;
DELETE FROM access_control_entries WHERE ctid = ANY(ARRAY(
    SELECT e.ctid FROM ({objects}) AS o
    CROSS JOIN LATERAL (SELECT ctid FROM access_control_entries WHERE object_id = o.object_id OFFSET 0) AS e
))
RETURNING object_id, permission, principal
""")
_FLUSH: Final = f"{FLUSH_PRINCIPALS};\n{FLUSH_ENTRIES}"


class Permission(SQLPermission):
    """Every method is one message to the server."""

    migrations = Migrations("permission", "cliquet_like.permission.postgresql")
    dialect = DIALECT

    def _flush(self) -> None:
        self.database.write(_FLUSH)

    def _delete_objects(self, object_ids: Sequence[str]) -> dict[str, Iterable[Entry]]:
        return by_object(self.database.write(_DELETE_OBJECTS, self.dialect.objects(object_ids)))

    def _replace_entries(
        self,
        object_id: str,
        names: frozenset[str] | None,
        wanted: frozenset[Entry],
        expected: frozenset[Entry] | None,
    ) -> frozenset[Entry]:
        values = {
            "object": object_id,
            "names": None if names is None else sorted(names),
            "conditional": expected is not None,
            **_rows("wanted", sorted(wanted)),
            **_rows("expected", expected or ()),
        }
        return frozenset(Entry(*row) for row in self.database.write(_REPLACE, values))


def load_from_config(config: Any) -> Permission:
    """Make the backend that ``permission_url`` and the settings of its pool ask for."""
    return Permission(client_from_config(config, "permission"))
