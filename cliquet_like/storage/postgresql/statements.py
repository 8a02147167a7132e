"""The SQL of the PostgreSQL storage.

A write is sent behind a statement that locks the collection's clock row (see ``locking``), which
every writer of that collection holds until its transaction ends. It gets its snapshot after the
lock, so what it reads is the latest state. (READ COMMITTED gives each statement a snapshot before
it waits: a single statement could wait for the lock and then decide on what was true before.
Under a stricter isolation it fails, and is tried again.)
"""

from typing import Any, Final

from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.transactions import Rows
from cliquet_like.kernel.codec import loads
from cliquet_like.storage.postgresql.terms import LIST_COLLATION, JsonTerm, any_of
from cliquet_like.storage.sql.dialect import Dialect

# One row, one text: the array keeps the order, and is there for an empty page too.
_PAGE: Final = """
SELECT {stamp}, {total}, {newest}, array_to_json(ARRAY(
    SELECT json_build_array(r.id, r.last_modified, r.data) FROM records AS r
    WHERE {where} ORDER BY {order}{limit}))::text"""


def _records_of(rows: Rows) -> Any:
    return loads(rows[0][3])


_LISTED: Final = f"r.parent_id = :parent {LIST_COLLATION} AND r.collection_id = :collection {LIST_COLLATION}"
_DECLARED: Final = f"{{id}} {LIST_COLLATION} >= ''"

DIALECT: Final = Dialect(
    placeholder="%({})s",
    any_of=any_of,
    json_term=JsonTerm,
    page=_PAGE,
    records_of=_records_of,
    in_collection=_LISTED,
    in_collection_by_id="r.parent_id = :parent AND r.collection_id = :collection",
    any_id=_DECLARED.format(id="r.id"),
    any_timestamp="r.last_modified BETWEEN -9223372036854775807 - 1 AND 9223372036854775807",
    list_collation=LIST_COLLATION,
)


def _fixed(text: str) -> FixedStatement:
    return FixedStatement(DIALECT.statement(text))


_LIVE: Final = """
SELECT r.last_modified, r.data FROM records AS r
WHERE r.id = :id AND r.collection_id = :collection AND r.parent_id = :parent AND NOT r.deleted"""

# See timestamps.next_stamp; greatest() leaves NULL out.
_NEXT: Final = """
CASE WHEN {given} IS NULL THEN greatest(c.last_modified + 1, :now)
     WHEN c.last_modified IS NULL OR {given} > c.last_modified THEN {given}
     ELSE c.last_modified + 1 END"""

_CLOCK_ROW: Final = "c.parent_id = :parent AND c.collection_id = :collection"

GET: Final = _fixed(f"SELECT l.last_modified, l.data::text FROM ({_LIVE}) AS l")

# For an id that nothing can have. Nothing needs to be read under the lock, which is that of the
# update itself. Should something have the id all the same, the primary key refuses it.
CREATE_AT_RANDOM: Final = _fixed(f"""
WITH clock AS (
    INSERT INTO collections AS c (parent_id, collection_id, last_modified, total)
    VALUES (:parent, :collection, coalesce((:given)::bigint, :now), 1)
    ON CONFLICT (parent_id, collection_id)
    DO UPDATE SET total = c.total + 1, last_modified = {_NEXT.format(given="(:given)::bigint")}
    RETURNING last_modified
)
INSERT INTO records (parent_id, collection_id, id, last_modified, data)
SELECT :parent, :collection, :id, coalesce((:given)::bigint, clock.last_modified), :data::jsonb FROM clock
RETURNING last_modified""")

# The same for many, under the lock that is held, with timestamps that were given to them before: as long
# as those are newer than all that is there they are what the statement above would have made.
CREATE_TOGETHER: Final = _fixed(f"""
WITH clock AS (
    UPDATE collections AS c SET total = c.total + :count, last_modified = :last
    WHERE {_CLOCK_ROW} AND c.last_modified < :first
    RETURNING 1
),
written AS (
    INSERT INTO records (parent_id, collection_id, id, last_modified, data)
    SELECT :parent, :collection, new.id, new.last_modified, new.data
    FROM clock, ROWS FROM (
        unnest((:ids)::text[]), unnest((:stamps)::bigint[]), jsonb_array_elements((:records)::jsonb)
    ) AS new (id, last_modified, data)
)
SELECT 1 FROM clock""")

_WRITE: Final = f"""
WITH live AS ({_LIVE}),
clock AS (
    UPDATE collections AS c
    SET total = c.total + CASE WHEN EXISTS (SELECT FROM live) THEN 0 ELSE 1 END,
        last_modified = {_NEXT.format(given="(:given)::bigint")}
    WHERE {_CLOCK_ROW} AND {{condition}}
    RETURNING c.last_modified
),
written AS (
    INSERT INTO records (parent_id, collection_id, id, last_modified, data)
    SELECT :parent, :collection, :id, coalesce((:given)::bigint, clock.last_modified), :data::jsonb FROM clock
    ON CONFLICT (id, collection_id, parent_id)
    DO UPDATE SET last_modified = excluded.last_modified, data = excluded.data, deleted = false
    RETURNING last_modified
)
SELECT (SELECT last_modified FROM written), {{found}}"""
# What is blamed when a new record is refused.
_FOUND_FOR_NEW: Final = f"""
c.last_modified, live.last_modified, live.data::text
FROM collections AS c LEFT JOIN live ON true WHERE {_CLOCK_ROW}"""
# Another one is refused for nothing but its timestamp.
_NOTHING: Final = "NULL, NULL, ''"

_FOUND_LIVE: Final = "(SELECT last_modified FROM live), (SELECT data::text FROM live)"


def _writing(condition: str, found: str = _NOTHING) -> FixedStatement:
    return _fixed(_WRITE.format(condition=condition, found=found))


# Where it is prepared it would be a bigint, and refuse an integer of more bits.
_EXPECTED: Final = "(:expected)::numeric"
_NOTHING_LIVES: Final = "NOT EXISTS (SELECT FROM live)"
CREATE: Final = _writing(_NOTHING_LIVES, _FOUND_FOR_NEW)
CREATE_AS_EXPECTED: Final = _writing(f"{_NOTHING_LIVES} AND c.last_modified = {_EXPECTED}", _FOUND_FOR_NEW)
UPDATE: Final = _writing("true")
REPLACE: Final = _writing("true", _FOUND_LIVE)
REFUSED: Final = _writing("false", _FOUND_FOR_NEW)

_RECORD: Final = "r.id = :id AND r.collection_id = :collection AND r.parent_id = :parent"

# No row where it is not as expected. It has to be sent behind the lock: then its snapshot has the place
# where the record stays as long as the lock is held.
UPDATE_AS_EXPECTED: Final = _fixed(f"""
WITH clock AS (
    UPDATE collections AS c SET last_modified = {_NEXT.format(given="(:given)::bigint")}
    FROM records AS r
    WHERE {_CLOCK_ROW} AND {_RECORD} AND NOT r.deleted AND r.last_modified = {_EXPECTED}
    RETURNING c.last_modified, r.ctid AS place
)
UPDATE records AS r
SET last_modified = coalesce((:given)::bigint, clock.last_modified), data = :data::jsonb
FROM clock WHERE r.ctid = clock.place
RETURNING r.last_modified, {_NOTHING}""")

_REMOVE: Final = f"""
WITH live AS ({_LIVE}),
wanted AS (
    SELECT CASE WHEN (:given)::bigint > live.last_modified THEN (:given)::bigint END AS given FROM live
),
clock AS (
    UPDATE collections AS c
    SET total = c.total - 1, last_modified = {_NEXT.format(given="wanted.given")}
    FROM live, wanted
    WHERE {_CLOCK_ROW} AND (NOT :conditional OR live.last_modified = (:expected)::bigint)
    RETURNING coalesce(wanted.given, c.last_modified) AS stamp
),
removed AS ({{removed}})
SELECT (SELECT stamp FROM removed), (SELECT last_modified FROM live)"""

BURY: Final = _fixed(
    _REMOVE.format(
        removed=f"""
    UPDATE records AS r SET deleted = true, data = :tombstone::jsonb, last_modified = clock.stamp
    FROM clock WHERE {_RECORD} RETURNING clock.stamp"""
    )
)
DROP: Final = _fixed(
    _REMOVE.format(removed=f"DELETE FROM records AS r USING clock WHERE {_RECORD} RETURNING clock.stamp")
)

# The ids are numbered in the order of the list: each tombstone gets a timestamp of its own.
_REMOVE_ALL: Final = f"""
WITH numbered AS MATERIALIZED (
    SELECT id, number FROM unnest(ARRAY({{ids}})) WITH ORDINALITY AS numbered (id, number)
),
clock AS (
    UPDATE collections AS c
    SET total = c.total - count.ids, last_modified = greatest(c.last_modified + 1, :now) + count.ids - 1
    FROM (SELECT count(*) AS ids FROM numbered) AS count
    WHERE {_CLOCK_ROW} AND count.ids > 0
      AND ((:expected)::bigint IS NULL OR c.last_modified = (:expected)::bigint)
    RETURNING c.last_modified - count.ids AS before
),
removed AS ({{removed}})
SELECT (SELECT c.last_modified FROM collections AS c WHERE {_CLOCK_ROW}), removed.id, removed.stamp
FROM (SELECT 1 AS one) AS once LEFT JOIN removed ON true ORDER BY removed.stamp"""
_NUMBERED: Final = (
    "r.id = numbered.id AND r.collection_id = :collection AND r.parent_id = :parent"
    " RETURNING r.id, clock.before + numbered.number AS stamp"
)

BURY_ALL: Final = _REMOVE_ALL.replace(
    "{removed}",
    "UPDATE records AS r SET deleted = true, data = :tombstone::jsonb,"
    f" last_modified = clock.before + numbered.number FROM numbered, clock WHERE {_NUMBERED}",
)
DROP_ALL: Final = _REMOVE_ALL.replace(
    "{removed}", f"DELETE FROM records AS r USING numbered, clock WHERE {_NUMBERED}"
)

PURGE: Final = DIALECT.statement(f"""
WITH gone AS (
    DELETE FROM records AS r
    WHERE {_LISTED} AND r.deleted
      AND ((:before)::bigint IS NULL OR r.last_modified < (:before)::bigint)
    RETURNING 1
)
SELECT count(*) FROM gone""")

# Sorted by an expression that no index has: a walk through the ids would read all of them.
OWNER: Final = DIALECT.statement(f"""
(SELECT {{number}}, r.id, r.last_modified, r.data::text FROM records AS r
 WHERE {_LISTED} AND {DIALECT.any_id} AND NOT r.deleted AND {{condition}} AND r.id <> {{id}}
 ORDER BY r.id || '' LIMIT 1)""")

# It writes a record of the collection again, as it is. Without the order it could be looked for among
# the records of all.
WRITE_ANY: Final = _fixed(f"""
UPDATE records SET last_modified = last_modified
WHERE ctid = (
    SELECT r.ctid FROM records AS r WHERE {_LISTED} AND NOT r.deleted ORDER BY r.last_modified LIMIT 1
)
RETURNING 1""")

INDEXES: Final = """
SELECT c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE i.indrelid = to_regclass('records') AND i.indisvalid = %(valid)s
  AND starts_with(c.relname, %(prefix)s)"""
# CONCURRENTLY lets others write, and so leaves an invalid index behind when it is interrupted.
CREATE_INDEX: Final = f"""
CREATE INDEX CONCURRENTLY {{name}} ON records (parent_id {LIST_COLLATION}, {{columns}})
WHERE collection_id = %(collection)s {LIST_COLLATION} AND {_DECLARED.format(id="id")} AND NOT deleted"""
DROP_INDEX: Final = "DROP INDEX CONCURRENTLY IF EXISTS {name}"
# Until then nothing is known of the values of the index's expressions.
ANALYZE: Final = "ANALYZE records"
