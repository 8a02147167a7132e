CREATE TABLE cache (
    digest bytea PRIMARY KEY,
    key text NOT NULL,
    value text NOT NULL,
    expires_at bigint
);

CREATE INDEX cache_expires_at ON cache (expires_at) WHERE expires_at IS NOT NULL;
