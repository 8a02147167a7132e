"""Creations of a batch whose timestamps are known before they are sent: they travel together."""

from collections.abc import Sequence
from typing import Any

from cliquet_like.drivers.database import Database
from cliquet_like.drivers.deferring import Deferred, memory_of_deferring
from cliquet_like.drivers.postgresql.session import PostgreSQLSession
from cliquet_like.drivers.transactions import Session, session_of
from cliquet_like.storage.postgresql.locking import Key
from cliquet_like.storage.postgresql.statements import CREATE_TOGETHER
from cliquet_like.storage.sql.refusals import Write
from cliquet_like.storage.timestamps import next_stamp

_Row = tuple[str, int, str]


def defer_creation(database: Database, write: Write, text: str, *, now: int) -> int | None:
    """Timestamp of a new record that is sent later; None: it has to be sent now, to learn it.

    It waits where nothing but a failure can refuse it, which has the request run again, and where the
    transaction holds the collection's clock, and so knows what it says. Going back to a savepoint can
    only leave it known too new: numbers are skipped then, which ``CREATE_TOGETHER`` allows.
    """
    memory = memory_of_deferring()
    if memory is None or not _may_wait(write):
        return None
    session = session_of(database)
    if not isinstance(session, PostgreSQLSession):
        return None
    key = _key_of(write)
    if key not in session.held or (newest := session.clocks.get(key)) is None:
        return None
    stamp = next_stamp(newest, given=None, now=now).record
    session.defer(Deferred(key, (write.id, stamp, text), _together, memory))
    session.clocks[key] = stamp
    return stamp


def know_clock(database: Database, write: Write, stamp: int) -> None:
    """Keep in mind what the clock says after a write that was sent, for creations to come."""
    session = None if memory_of_deferring() is None else session_of(database)
    if isinstance(session, PostgreSQLSession) and write.given is None:
        session.clocks[_key_of(write)] = stamp


def forget_clock(session: Session | None, key: Key) -> None:
    """Before a write that is sent: it moves the clock."""
    if isinstance(session, PostgreSQLSession):
        session.clocks.pop(key, None)


def _may_wait(write: Write) -> bool:
    """Whether it has no condition, and its timestamp is the next that the clock gives."""
    return write.id_is_random and write.given is None and write.expected is None and not write.claims


def _key_of(write: Write) -> Key:
    return Key(write.place.parent_id, write.place.collection_id)


def _together(key: Key, rows: Sequence[_Row]) -> tuple[str, dict[str, Any]]:
    ids, stamps, texts = zip(*rows, strict=True)
    # Three texts: the client would quote the elements of lists one by one. No id here needs quotes.
    return CREATE_TOGETHER, {
        "parent": key.parent_id,
        "collection": key.collection_id,
        "count": len(ids),
        "first": stamps[0],
        "last": stamps[-1],
        "ids": f"{{{','.join(ids)}}}",
        "stamps": f"{{{','.join(map(str, stamps))}}}",
        "records": f"[{','.join(texts)}]",
    }
