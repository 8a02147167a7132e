"""The SQL of the SQLite storage: small statements, under the lock of the one who writes."""

from typing import Final

LIVE: Final = """
SELECT r.last_modified, r.data FROM records AS r
WHERE r.id = :id AND r.collection_id = :collection AND r.parent_id = :parent AND NOT r.deleted"""

OWNER: Final = """
SELECT r.id, r.last_modified, r.data FROM records AS r
WHERE {place} AND NOT r.deleted AND {condition} AND r.id <> :own ORDER BY +r.id LIMIT 1"""

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
WHERE parent_id = :parent AND collection_id = :collection AND deleted
  AND (:before IS NULL OR last_modified < :before)"""

CHANGES: Final = "SELECT changes()"

INDEXES: Final = "SELECT name FROM sqlite_master WHERE type = 'index' AND name GLOB ?"
CREATE_INDEX: Final = (
    "CREATE INDEX IF NOT EXISTS {name} ON records (collection_id, parent_id, {columns}) WHERE NOT deleted"
)
