CREATE TABLE cache (
    digest blob NOT NULL PRIMARY KEY,
    key text NOT NULL,
    value text NOT NULL,
    expires_at integer
);

CREATE INDEX cache_expires_at ON cache (expires_at) WHERE expires_at IS NOT NULL;
