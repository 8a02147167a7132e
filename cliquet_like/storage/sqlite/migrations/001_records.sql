-- One row for each collection of a parent: the milliseconds of its last write (NULL before the
-- first one), and how many records live in it.
CREATE TABLE collections (
    parent_id TEXT NOT NULL,
    collection_id TEXT NOT NULL,
    last_modified INTEGER,
    total INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (parent_id, collection_id)
) WITHOUT ROWID;

-- Records, and tombstones of deleted ones. `data` is JSON without id and timestamp.
CREATE TABLE records (
    parent_id TEXT NOT NULL,
    collection_id TEXT NOT NULL,
    id TEXT NOT NULL,
    last_modified INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    data TEXT NOT NULL,
    PRIMARY KEY (id, collection_id, parent_id)
);

CREATE INDEX records_by_time
    ON records (parent_id, collection_id, last_modified, id);

CREATE INDEX records_alive
    ON records (parent_id, collection_id, last_modified, id) WHERE NOT deleted;
