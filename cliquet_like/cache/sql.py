"""Cache in a SQL table: all that PostgreSQL and SQLite have in common."""

import itertools
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cliquet_like.cache.base import CacheBase
from cliquet_like.drivers.database import Database
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.migrations import Migrated
from cliquet_like.drivers.transactions import Rows

SWEEP_EVERY: Final = 256
SWEEP_MOST: Final = 500

# Rows are found by a digest of their key: PostgreSQL indexes no text of more than 2.7 kB. The key
# itself is there for people.
_STORE: Final = """
INSERT INTO cache (digest, key, value, expires_at) VALUES ({digest}, {key}, {value}, {now} + {ttl_ms})
ON CONFLICT (digest) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
"""
_LOAD: Final = """
SELECT value FROM cache WHERE digest = {digest} AND (expires_at IS NULL OR expires_at > {now})
"""
_POP: Final = """
DELETE FROM cache WHERE digest = {digest} AND (expires_at IS NULL OR expires_at > {now}) RETURNING value
"""
_REMOVE: Final = "DELETE FROM cache WHERE digest = {digest}"
_EXPIRE: Final = """
UPDATE cache SET expires_at = {now} + {ttl_ms}
WHERE digest = {digest} AND (expires_at IS NULL OR expires_at > {now})
"""
_LEFT: Final = "SELECT expires_at - {now} FROM cache WHERE digest = {digest} AND expires_at > {now}"
_FLUSH: Final = "DELETE FROM cache"
_SWEEP: Final = """
DELETE FROM cache WHERE digest IN (
    SELECT digest FROM cache WHERE expires_at <= {now} ORDER BY expires_at LIMIT {most}{skip_locked}
)
"""
_TEMPLATES: Final = (_STORE, _LOAD, _POP, _REMOVE, _EXPIRE, _LEFT, _FLUSH, _SWEEP)


@dataclass(frozen=True, kw_only=True)
class CacheDialect:
    """What the servers do not write alike."""

    placeholder: str
    """How a value is bound, with ``{}`` for its name."""
    now: str
    """Milliseconds since the epoch, as an integer."""
    skip_locked: str = ""
    """End of a SELECT that locks its rows, and passes over those that are locked."""

    def __call__(self, template: str) -> str:
        """Statement of a template."""
        names = ("digest", "key", "value", "ttl_ms", "most")
        placeholders = {name: self.placeholder.format(name) for name in names}
        return template.format(now=self.now, skip_locked=self.skip_locked, **placeholders).strip()


class SQLCache(Migrated, CacheBase):
    """The table ``cache``; a subclass has ``migrations`` and ``dialect``.

    What is written lasts even when the request fails, unless something else was written to the
    same database in its transaction before: then it is a part of that, and what was popped comes
    back when that is undone. Expired rows are not
    seen, and are removed in passing, at most :data:`SWEEP_MOST` at each :data:`SWEEP_EVERY`-th
    ``set``.
    """

    dialect: CacheDialect

    def __init__(self, database: Database, cache_prefix: str = "") -> None:
        super().__init__(cache_prefix)
        self.database = database
        self._statements = {template: FixedStatement(self.dialect(template)) for template in _TEMPLATES}
        self._writes = itertools.count(1)

    def _flush(self) -> None:
        self._write(_FLUSH, {})

    def _store(self, key: str, text: str, ttl_ms: int | None) -> None:
        self._write(_STORE, _stored(key, text, ttl_ms))
        if next(self._writes) % SWEEP_EVERY == 0:
            self._write(_SWEEP, {"most": SWEEP_MOST})

    def _load(self, key: str) -> str | None:
        rows = self._read(_LOAD, named(key))
        return rows[0][0] if rows else None

    def _pop(self, key: str) -> str | None:
        rows = self._write(_POP, named(key))
        return rows[0][0] if rows else None

    def _remove(self, key: str) -> None:
        self._write(_REMOVE, named(key))

    def _expire(self, key: str, ttl_ms: int) -> None:
        self._write(_EXPIRE, {**named(key), "ttl_ms": ttl_ms})

    def _ttl_ms(self, key: str) -> int | None:
        rows = self._read(_LEFT, named(key))
        return rows[0][0] if rows else None

    def _read(self, template: str, values: dict[str, Any]) -> Rows:
        return self.database.read(self._statements[template], {**values, **self._present()})

    def _write(self, template: str, values: dict[str, Any]) -> Rows:
        statement = self._statements[template]
        return self.database.write(statement, {**values, **self._present()}, joins=False)

    def _present(self) -> dict[str, Any]:
        """Hook: values that the dialect's ``now`` has need of."""
        return {}


def _stored(key: str, text: str, ttl_ms: int | None) -> dict[str, Any]:
    return {**named(key), "key": key, "value": text, "ttl_ms": ttl_ms}


def named(key: str) -> dict[str, Any]:
    """Value by which the row of a key is found."""
    return {"digest": sha256(key.encode()).digest()}
