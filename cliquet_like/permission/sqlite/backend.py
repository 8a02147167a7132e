"""Permissions in a SQLite file, of which storage may be a part too."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from cliquet_like.drivers.migrations import Migrations
from cliquet_like.drivers.sqlite.client import client_from_config
from cliquet_like.kernel.codec import dumps_text
from cliquet_like.permission.access import Entry, replaced
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
    columns = (f"json_extract(value, '$[{place}]') AS {column}" for place, column in enumerate(TABLES[name]))
    return f"SELECT {', '.join(columns)} FROM json_each(:{name})"


def _rows(name: str, rows: Iterable[Sequence[str]]) -> Values:
    return {name: dumps_text([list(row) for row in rows])}


# Lists are bound as one JSON text, for placeholders are limited.
DIALECT: Final = PermissionDialect(
    placeholder=":{}",
    join="CROSS JOIN access_control_entries AS e ON {condition}",  # it is the order in which SQLite looks
    table=_table,
    rows=_rows,
)

_DELETE_OBJECTS: Final = DIALECT("""
DELETE FROM access_control_entries WHERE object_id IN ({objects}) RETURNING object_id, permission, principal
""")
_BEFORE: Final = "SELECT permission, principal FROM access_control_entries WHERE object_id = :object"
_REMOVE: Final = DIALECT("""
DELETE FROM access_control_entries WHERE object_id = {object} AND (permission, principal) IN ({unwanted})
""")
_ADD: Final = DIALECT("""
INSERT INTO access_control_entries (permission, principal, object_id)
SELECT permission, principal, {object} FROM ({wanted})
""")


class Permission(SQLPermission):
    """A replacement is a few statements, which nobody comes between: they begin with the lock of a writer."""

    migrations = Migrations("permission", "cliquet_like.permission.sqlite")
    dialect = DIALECT

    def _flush(self) -> None:
        with self.database.writing() as session:
            session.run(FLUSH_PRINCIPALS)
            session.run(FLUSH_ENTRIES)

    def _delete_objects(self, object_ids: Sequence[str]) -> dict[str, Iterable[Entry]]:
        return by_object(self.database.write(_DELETE_OBJECTS, self.dialect.objects(object_ids)))

    def _replace_entries(
        self,
        object_id: str,
        names: frozenset[str] | None,
        wanted: frozenset[Entry],
        expected: frozenset[Entry] | None,
    ) -> frozenset[Entry]:
        key = {"object": object_id}
        with self.database.writing() as session:
            before = frozenset(Entry(*row) for row in session.run(_BEFORE, key))
            if expected is None or before == expected:
                after = replaced(before, names, wanted)
                if gone := before - after:
                    session.run(_REMOVE, key | _rows("unwanted", gone))
                if came := after - before:
                    session.run(_ADD, key | _rows("wanted", came))
        return before


def load_from_config(config: Any) -> Permission:
    """Make the backend that ``permission_url`` and ``permission_pool_size`` ask for."""
    return Permission(client_from_config(config, "permission"))
