"""The order in which a transaction locks collections, so that two of them never wait for each other.

A transaction waits only for a collection that comes after all those it has locked. One that comes
before it tries to lock without waiting. Where that fails the request is tried again, and then
begins with locking, in order, all collections of the parents that it touched before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.storage.sql.terms import Values

# A conflicting row is locked before the condition of the update is looked at.
_LOCK: Final = """
INSERT INTO collections AS c (parent_id, collection_id) VALUES ({parent}, {collection})
ON CONFLICT (parent_id, collection_id) DO UPDATE SET total = c.total WHERE false"""
_DO_NOT_WAIT: Final = """
SELECT FROM collections AS c WHERE c.parent_id = {parent} AND c.collection_id = {collection}
FOR UPDATE NOWAIT;"""
# It locks in the order of the rows that it finds.
_LOCK_PARENTS: Final = """
SELECT FROM collections AS c WHERE {parents} ORDER BY c.parent_id, c.collection_id FOR UPDATE;
"""


class Key(NamedTuple):
    """Key of a collection's clock row, in the order in which they are locked."""

    parent_id: str
    collection_id: str


class Lock(NamedTuple):
    """A row to be locked, and whether to wait for it."""

    key: Key
    waits: bool


@dataclass(frozen=True)
class Plan:
    """What to lock before a write: all there is of some parents first, then single rows."""

    parents: Sequence[str]
    locks: Sequence[Lock]

    def waits_only_for(self, key: Key) -> bool:
        """Whether nothing but this one is locked, with waiting: a write to it does that by itself."""
        return not self.parents and len(self.locks) == 1 and self.locks[0] == (key, True)


def plan_locks(key: Key, held: Sequence[Key], touched: Iterable[Key]) -> Plan:
    """What to lock before a write to a collection; nothing when it is locked already.

    ``held`` is what the transaction has locked. ``touched`` is what the request wrote to in
    earlier attempts: it matters only to the first lock.
    """
    earlier = () if held else tuple(touched)
    if not (held or earlier):
        return Plan([], [Lock(key, waits=True)])
    last = max(held, default=None)
    missing = sorted({key, *earlier}.difference(held))
    return Plan(
        parents=sorted({each.parent_id for each in earlier}),
        locks=[Lock(each, waits=last is None or each > last) for each in missing],
    )


def lock_statements(plan: Plan, bind: Values) -> str:
    """Statements that lock rows, single ones being made where they are missing; empty for none."""
    texts = []
    if plan.parents:
        texts.append(_LOCK_PARENTS.format(parents=bind.any_of("c.parent_id", plan.parents)))
    for (parent, collection), waits in plan.locks:
        template = _LOCK if waits else _DO_NOT_WAIT + _LOCK
        texts.append(f"{template};\n".format(parent=bind(parent), collection=bind(collection)))
    return "".join(texts)


def behind_lock(statement: str) -> str:
    """A statement behind one that locks its own collection, of the same ``parent`` and ``collection``."""
    return _fixed(statement) if isinstance(statement, FixedStatement) else f"{_LOCK_OWN};\n{statement}"


_LOCK_OWN: Final = _LOCK.format(parent="%(parent)s", collection="%(collection)s")


@lru_cache(maxsize=32)
def _fixed(statement: FixedStatement) -> FixedStatement:
    return FixedStatement(_LOCK_OWN, *statement.parts)
