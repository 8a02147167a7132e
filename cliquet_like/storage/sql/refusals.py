"""Which writes are refused, and for what first, given what is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cliquet_like.storage.exceptions import RecordNotFoundError, UnicityError
from cliquet_like.storage.query import Expected, Record
from cliquet_like.storage.sql.listing import Selection
from cliquet_like.storage.sql.rows import Place
from cliquet_like.storage.timestamps import refuse_if_moved
from cliquet_like.storage.unicity import Claim, refuse_taken


class Row(NamedTuple):
    """A stored record: its id, its timestamp in ms, its JSON."""

    id: str
    last_modified: int
    text: str


class Write(NamedTuple):
    """A record to be stored, and on which condition.

    ``creates`` is true when nothing may live under the id; ``expected`` is then a timestamp of
    the collection, else of the record.
    """

    place: Place
    id: str
    text: str
    given: int | None
    creates: bool
    expected: Expected = None
    claims: Sequence[Claim] = ()
    id_is_random: bool = False
    """Whether the id was made just now, out of so much chance that nothing has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A record to be deleted; ``tombstone`` is the JSON that remains, None when nothing does."""

    place: Place
    id: str
    tombstone: str | None
    given: int | None
    expected: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRemoval:
    """All records of a list to be deleted; ``expected`` is a timestamp of the collection."""

    place: Place
    selection: Selection
    tombstone: str | None
    expected: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """What is stored where a record shall be written."""

    collection_stamp: int | None
    live: Row | None
    owners: Mapping[int, Row] = field(default_factory=dict)
    """Who has the claimed values, by the number of the claim."""


def refuse_write(write: Write, found: Found) -> None:
    """Raise what forbids the write, in the order in which it is blamed.

    ``ModifiedMeanwhileError`` first, then ``UnicityError`` of the id, then of the unique fields.
    """
    place, live = write.place, found.live
    if write.creates:
        refuse_if_moved(write.expected, current=found.collection_stamp)
        if live is not None:
            raise UnicityError(place.id_field, place.read(*live))
    else:
        refuse_if_moved(write.expected, current=None if live is None else live.last_modified)

    def owner_of(claim: Claim) -> Record | None:
        owner = found.owners.get(write.claims.index(claim))
        return None if owner is None else place.read(*owner)

    refuse_taken(write.claims, owner_of)


def refuse_removal(removal: Removal, current: int | None) -> int:
    """Timestamp of the live record, if it may be deleted; ``current`` is None when there is none.

    Raises ``RecordNotFoundError``, then ``ModifiedMeanwhileError``.
    """
    if current is None:
        raise RecordNotFoundError(removal.id)
    refuse_if_moved(removal.expected, current=current)
    return current
