-- One row for each collection of a parent: the milliseconds of its last write (NULL before the
-- first one), and how many records live in it. It is locked from the first write of a transaction
-- to its commit, so that timestamps follow the order of commits. It changes at each write: the
-- free half of each page keeps its versions together.
CREATE TABLE collections (
    parent_id text COLLATE "C" NOT NULL,
    collection_id text COLLATE "C" NOT NULL,
    last_modified bigint,
    total bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (parent_id, collection_id)
) WITH (fillfactor = 50);

-- Records, and tombstones of deleted ones. `data` is the JSON without id and timestamp.
CREATE TABLE records (
    parent_id text COLLATE "C" NOT NULL,
    collection_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    last_modified bigint NOT NULL,
    deleted boolean NOT NULL DEFAULT false,
    data jsonb NOT NULL,
    PRIMARY KEY (id, collection_id, parent_id)
);

-- "POSIX" is another name of the collation "C". A planner without statistics would look an id up
-- in one of these indexes, by walking the whole collection; under the other name it cannot.
CREATE INDEX records_by_time
    ON records (parent_id COLLATE "POSIX", collection_id COLLATE "POSIX", last_modified, id COLLATE "POSIX");

CREATE INDEX records_alive
    ON records (parent_id COLLATE "POSIX", collection_id COLLATE "POSIX", last_modified, id COLLATE "POSIX")
    WHERE NOT deleted;
