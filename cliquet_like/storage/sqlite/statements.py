"""The SQL of the SQLite storage: small statements, under the lock of the one who writes."""

from collections.abc import Iterator
from typing import Any, Final

from cliquet_like.drivers.transactions import Rows
from cliquet_like.kernel.codec import loads

# An empty page is one row without record.
PAGE: Final = """
SELECT {stamp}, {total}, {newest}, p.id, p.last_modified, p.data FROM (SELECT 1) LEFT JOIN (
    SELECT r.id, r.last_modified, r.data, {keys} FROM records AS r
    WHERE {where} ORDER BY {order}{limit}
) AS p ORDER BY {order_of_keys}"""


def records_of(rows: Rows) -> Iterator[tuple[str, int, Any]]:
    """Id, timestamp and content of each record in the rows of a page."""
    for _, _, _, object_id, last_modified, text in rows:
        if object_id is not None:
            yield object_id, last_modified, loads(text)


LIVE: Final = """
SELECT r.last_modified, r.data FROM records AS r
WHERE r.id = :id AND r.collection_id = :collection AND r.parent_id = :parent AND NOT r.deleted"""

LISTED: Final = "r.parent_id = :parent AND r.collection_id = :collection"
# What is likely narrows little: the planner is told to begin with the ids.
FOUND: Final = "likely(r.parent_id = :parent) AND likely(r.collection_id = :collection)"

OWNER: Final = f"""
SELECT r.id, r.last_modified, r.data FROM records AS r
WHERE {LISTED} AND NOT r.deleted AND {{condition}} AND r.id <> :own ORDER BY +r.id LIMIT 1"""

STORE: Final = """
INSERT INTO records (parent_id, collection_id, id, last_modified, deleted, data)
VALUES (:parent, :collection, :id, :stamp, :deleted, :data)
ON CONFLICT (id, collection_id, parent_id)
DO UPDATE SET last_modified = excluded.last_modified, deleted = excluded.deleted, data = excluded.data"""

DROP: Final = "DELETE FROM records WHERE id = :id AND collection_id = :collection AND parent_id = :parent"

MOVE_CLOCK: Final = """
INSERT INTO collections (parent_id, collection_id, last_modified, total)
VALUES (:parent, :collection, :collection_stamp, :more)
ON CONFLICT (parent_id, collection_id)
DO UPDATE SET last_modified = excluded.last_modified, total = total + excluded.total"""

PURGE: Final = """
DELETE FROM records
WHERE parent_id = :parent AND collection_id = :collection AND deleted"""
PURGE_BEFORE: Final = f"{PURGE} AND last_modified < :before"

CHANGES: Final = "SELECT changes()"

INDEXES: Final = "SELECT name FROM sqlite_master WHERE type = 'index' AND name GLOB ?"
CREATE_INDEX: Final = (
    "CREATE INDEX IF NOT EXISTS {name} ON records (collection_id, parent_id, {columns}) WHERE NOT deleted"
)
