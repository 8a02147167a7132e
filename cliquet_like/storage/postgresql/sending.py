"""Writes sent behind the statements that lock their collection."""

from typing import Any

from cliquet_like.drivers.database import Database
from cliquet_like.drivers.transactions import Rows, Session, remembered, session_of
from cliquet_like.storage.postgresql.creating import forget_clock
from cliquet_like.storage.postgresql.locking import Key, Plan, behind_lock, lock_statements, plan_locks
from cliquet_like.storage.postgresql.statements import DIALECT
from cliquet_like.storage.sql.rows import Place

Values = dict[str, Any]


def send_locking(
    database: Database,
    place: Place,
    statement: str,
    values: Values,
    *,
    session: Session | None = None,
    locks_itself: bool = False,
) -> Rows:
    """Rows of a write, in this session or, without one, as the database writes by itself.

    A transaction holds the collection locked from then on. A statement that ``locks_itself`` reads
    nothing that has to be read under the lock, and so needs none before it.
    """
    key = Key(place.parent_id, place.collection_id)
    own = session or session_of(database)
    forget_clock(own, key)
    if own is not None and key in own.held:
        return own.run(statement, values)
    plan = _plan(database, key, own)
    if not plan.waits_only_for(key):
        statement, values = _behind_locks(plan, statement, values)
    elif not locks_itself:
        statement = behind_lock(statement)
    rows = database.write(statement, values) if session is None else session.run(statement, values)
    # It may have joined the transaction just now.
    own = session or session_of(database)
    if own is not None:
        own.held.extend(lock.key for lock in plan.locks)
    return rows


def _plan(database: Database, key: Key, session: Session | None) -> Plan:
    """What to lock before a write; the request's next attempt will know of this collection."""
    memory, owner = remembered(), id(database)
    touched = [each for other, each in memory or () if other == owner]
    if memory is not None:
        memory.add((owner, key))
    return plan_locks(key, session.held if session else (), touched)


def _behind_locks(plan: Plan, statement: str, values: Values) -> tuple[str, Values]:
    bind = DIALECT.values(**values)
    return lock_statements(plan, bind) + statement, bind.named
