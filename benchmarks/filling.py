"""Collections of any size, filled in one go."""

from tqdm import tqdm

from benchmarks.dataset import COMMON, fields_of, id_of, stamp_of, statuses
from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.kernel.codec import dumps_text
from cliquet_like.storage.base import StorageBase

COLLECTION, PARENT = "bookmark", "ada"

_CHUNK = 10_000

_FILL_POSTGRESQL = """
INSERT INTO records (parent_id, collection_id, id, last_modified, data)
SELECT %(parent)s, %(collection)s, md5(n::text)::uuid::text, %(first)s + n, jsonb_build_object(
    'title', 'Title ' || n, 'url', 'http://example.org/' || n,
    'status', CASE WHEN n %% 5 = 0 THEN %(common)s ELSE 's' || n %% %(statuses)s END)
FROM generate_series(1, %(size)s) AS n"""
_FILL_SQLITE = """
INSERT INTO records (parent_id, collection_id, id, last_modified, data)
SELECT :parent, :collection, value ->> 0, :first + (value ->> 1), value ->> 2 FROM json_each(:rows)"""
_SET_CLOCK = "INSERT INTO collections (parent_id, collection_id, last_modified, total) VALUES ({})"


def fill_postgresql(database: PostgreSQL, size: int) -> None:
    """Fill, and do what the server does by itself a minute later."""
    place = {"parent": PARENT, "collection": COLLECTION}
    values = {"first": stamp_of(0), "common": COMMON, "statuses": statuses(size), "size": size}
    database.write(_FILL_POSTGRESQL, {**place, **values})
    clock = _SET_CLOCK.format("%(parent)s, %(collection)s, %(stamp)s, %(size)s")
    database.write(clock, {**place, "stamp": stamp_of(size), "size": size})
    database.write("VACUUM ANALYZE records")
    database.write("VACUUM ANALYZE collections")


def fill_sqlite(database: SQLite, size: int) -> None:
    place = {"parent": PARENT, "collection": COLLECTION}
    for first in range(1, size + 1, _CHUNK):
        numbers = range(first, min(first + _CHUNK, size + 1))
        rows = [[id_of(number), number, dumps_text(fields_of(number, size))] for number in numbers]
        database.write(_FILL_SQLITE, {**place, "first": stamp_of(0), "rows": dumps_text(rows)})
    clock = _SET_CLOCK.format(":parent, :collection, :stamp, :size")
    database.write(clock, {**place, "stamp": stamp_of(size), "size": size})


def fill_by_creating(storage: StorageBase, size: int) -> None:
    for number in tqdm(range(1, size + 1), desc=f"{size} records", leave=False, disable=None):
        own = {"id": id_of(number), "last_modified": stamp_of(number)}
        storage.create(COLLECTION, PARENT, {**fields_of(number, size), **own})
