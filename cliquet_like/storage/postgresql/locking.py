"""The order in which a transaction locks collections, so that two of them never wait for each other.

A transaction waits only for a collection that comes after all those it has locked. One that comes
before it tries to lock without waiting. Where that fails the request is tried again, and then
begins with locking, in order, whatever it touched before.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from cliquet_like.storage.sql.terms import Values

# A conflicting row is locked before the condition of the update is looked at.
_LOCK: Final = """
INSERT INTO collections AS c (parent_id, collection_id) VALUES ({parent}, {collection})
ON CONFLICT (parent_id, collection_id) DO UPDATE SET total = c.total WHERE false;
"""
_DO_NOT_WAIT: Final = """
SELECT FROM collections AS c WHERE c.parent_id = {parent} AND c.collection_id = {collection}
FOR UPDATE NOWAIT;
"""


class Key(NamedTuple):
    """Key of a collection's clock row, in the order in which they are locked."""

    parent_id: str
    collection_id: str


class Lock(NamedTuple):
    """A row to be locked, and whether to wait for it."""

    key: Key
    waits: bool


def locks_before(key: Key, held: Sequence[Key], touched: Iterable[Key]) -> list[Lock]:
    """What to lock before a write to a collection; nothing when it is locked already.

    ``held`` is what the transaction has locked. ``touched`` is what the request wrote to in
    earlier attempts: it matters only to the first lock.
    """
    wanted = {key} if held else {key, *touched}
    last = max(held, default=None)
    return [Lock(each, last is None or each > last) for each in sorted(wanted.difference(held))]


def lock_statements(locks: Iterable[Lock], bind: Values) -> str:
    """Statements that lock rows, each of which is made where it is missing; empty for none."""
    texts = []
    for (parent, collection), waits in locks:
        template = _LOCK if waits else _DO_NOT_WAIT + _LOCK
        texts.append(template.format(parent=bind(parent), collection=bind(collection)))
    return "".join(texts)
