"""Which timestamp a write gets, and whether it may happen at all."""

from typing import Any, NamedTuple

from cliquet_like.storage.exceptions import ModifiedMeanwhileError
from cliquet_like.storage.query import ABSENT, Expected


class Stamp(NamedTuple):
    """Timestamps in ms after a write: of the record that was written, and of its collection."""

    record: int
    collection: int


def next_stamp(previous: int | None, *, given: Any, now: int) -> Stamp:
    """Timestamps of a write to a collection whose timestamp is ``previous`` (None: never had one).

    A ``given`` timestamp is kept by the record, past or future; what is no integer is not given.
    The collection follows it, but always grows: a timestamp that was generated is never
    generated again, and is greater than every one before.
    """
    if type(given) is not int:
        generated = now if previous is None else max(previous + 1, now)
        return Stamp(generated, generated)
    if previous is None or given > previous:
        return Stamp(given, given)
    return Stamp(given, previous + 1)


def deletion_time(given: Any, *, current: int) -> int | None:
    """Timestamp asked for a deletion, or None when it is no integer later than the record's own."""
    return given if type(given) is int and given > current else None


def refuse_if_moved(expected: Expected, *, current: int | None) -> None:
    """Raise :class:`ModifiedMeanwhileError` unless ``current`` is what the write expects.

    ``current`` is None when nothing lives there.
    """
    if expected is None:
        return
    if current != (None if expected is ABSENT else expected):
        raise ModifiedMeanwhileError(f"expected {expected}, found {current}")
