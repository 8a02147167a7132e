"""A table of a hundred thousand records, and every work of a SQL storage on it.

Half of the records are Ada's bookmarks, the others are bookmarks and notes of fifty people; every
twentieth is a tombstone. Of Ada's bookmarks, 200 at most have the same status.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from cliquet_like.storage.indexes import parse_indexed_fields
from cliquet_like.storage.matching import page_rules, with_tie_breaker
from cliquet_like.storage.query import COMPARISON, Filter, Sort
from cliquet_like.storage.sql.backend import SQLStorage
from tests.explained import Explained

PLACE = ("bookmark", "ada")
PAGE = 100
MIDDLE_MS = 1_700_000_050_000
NEWEST_MS = 1_700_000_100_000

# What the indexes of bookmarks are declared as.
INDEXED_FIELDS = ("status", ("status", "title"))

_COLUMNS = "INSERT INTO records (parent_id, collection_id, id, last_modified, deleted, data) SELECT"
_WHO = """
CASE WHEN n % 100 < 50 THEN 'ada' ELSE 'parent ' || (n % 100) END,
CASE WHEN n % 100 < 50 OR n % 2 = 0 THEN 'bookmark' ELSE 'note' END,"""
FILL_POSTGRESQL = f"""
{_COLUMNS} {_WHO} md5(n::text)::uuid::text, 1700000000000 + n, n % 20 = 0,
CASE WHEN n % 20 = 0 THEN '{{"deleted": true}}' ELSE jsonb_build_object(
    'title', 'Title ' || n, 'url', 'http://example.org/' || repeat(md5(n::text), 2),
    'status', 's' || n % 500) END
FROM generate_series(1, 100000) AS n"""
FILL_SQLITE = f"""
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
{_COLUMNS} {_WHO} printf('%08x', n * 2654435761 % 4294967296), 1700000000000 + n, n % 20 = 0,
CASE WHEN n % 20 = 0 THEN '{{"deleted": true}}' ELSE json_object(
    'title', 'Title ' || n, 'url', 'http://example.org/' || printf('%064d', n), 'status', 's' || n % 500) END
FROM numbers"""
FILL_COLLECTIONS = """
INSERT INTO collections (parent_id, collection_id, last_modified, total)
SELECT parent_id, collection_id, max(last_modified), sum(CASE WHEN deleted THEN 0 ELSE 1 END)
FROM records GROUP BY parent_id, collection_id"""
_IDS = """
SELECT id, last_modified FROM records WHERE parent_id = 'ada' AND collection_id = 'bookmark' AND NOT deleted
ORDER BY last_modified LIMIT 500"""

EQ, GT, IN, LT = COMPARISON.EQ, COMPARISON.GT, COMPARISON.IN, COMPARISON.LT
NEWEST = [Sort("last_modified", -1)]
BY_TITLE = [Sort("title", 1), *NEWEST]
STATUS = Filter("status", "s7", EQ)
AFTER = page_rules(with_tie_breaker(NEWEST, "id"), {"last_modified": MIDDLE_MS, "id": "7"})

Work = Callable[[], Any]
Made = TypeVar("Made", bound=SQLStorage)


@contextmanager
def filled(storage: Made, fill: str) -> Iterator[Made]:
    """The storage with its tables made, its indexes declared, and then its records; closed at the end."""
    database = storage.database
    try:
        storage.initialize_schema()
        for index in parse_indexed_fields("bookmark", INDEXED_FIELDS):
            storage.create_index(index)
        database.write(fill)
        database.write(FILL_COLLECTIONS)
        yield storage
    finally:
        database.close()


def explain(storage: SQLStorage, name: str) -> list[Any]:
    """What the database notes of each statement of a work."""
    work = works_on(storage)[name]
    assert isinstance(storage.database, Explained)
    return storage.database.explain(work)


def works_on(storage: SQLStorage) -> dict[str, Work]:
    """A call of every statement, by name."""
    rows = storage.database.read(_IDS)
    ids = [object_id for object_id, _ in rows]
    one, stamp = rows[200]
    page = partial(storage.get_page, *PLACE, limit=PAGE)
    create, update = partial(storage.create, *PLACE), partial(storage.update, *PLACE, one)
    delete, delete_all = partial(storage.delete, *PLACE, one), partial(storage.delete_all, *PLACE)
    new = {"title": "new", "status": "new"}
    return {
        "get": partial(storage.get, *PLACE, one),
        "create at random": partial(create, new),
        "create": partial(create, {"id": "new", **new}),
        "create as expected": partial(create, {"id": "new", **new}, expected=NEWEST_MS),
        "create with a unique field": partial(create, new, unique_fields=("status",)),
        "update": partial(update, new),
        "update as expected": partial(update, new, expected=stamp),
        "bury": partial(delete),
        "drop": partial(delete, with_deleted=False),
        "delete those of a status": partial(delete_all, [STATUS]),
        "delete some ids": partial(delete_all, [Filter("id", ids[:3], IN)]),
        "drop the oldest": partial(
            delete_all, [Filter("last_modified", stamp, LT)], sorting=NEWEST, with_deleted=False
        ),
        "purge": partial(storage.purge_deleted, *PLACE, before=stamp),
        "newest": partial(page, sorting=NEWEST),
        "oldest": partial(page, sorting=[Sort("last_modified", 1)]),
        "middle": partial(page, sorting=NEWEST, pagination_rules=AFTER),
        "total alone": partial(page, sorting=NEWEST, limit=0),
        "nothing new": partial(
            page, [Filter("last_modified", NEWEST_MS, GT)], sorting=NEWEST, include_deleted=True
        ),
        "a little new": partial(
            page, [Filter("last_modified", NEWEST_MS - 150, GT)], sorting=NEWEST, include_deleted=True
        ),
        "one id": partial(page, [Filter("id", one, EQ)], sorting=NEWEST),
        "some ids": partial(page, [Filter("id", ids[:3], IN)], sorting=NEWEST),
        "some ids, their newest": partial(
            page, [Filter("id", ids[:3], IN)], sorting=NEWEST, newest_of=[Filter("id", ids[:3], IN)]
        ),
        "a status": partial(page, [STATUS], sorting=NEWEST),
        "a status, after": partial(page, [STATUS], sorting=NEWEST, pagination_rules=AFTER),
        "a status by title": partial(page, [STATUS], sorting=BY_TITLE),
        "a status and a title": partial(page, [STATUS, Filter("title", "Title 7", EQ)], sorting=NEWEST),
        "two statuses": partial(page, [Filter("status", ["s7", "s8"], IN)], sorting=NEWEST),
        "all by status": partial(page, sorting=[Sort("status", 1), *NEWEST]),
    }
