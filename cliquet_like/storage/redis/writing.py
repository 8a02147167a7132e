"""A record on its way into a collection, and what may refuse it."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from operator import itemgetter
from typing import Final, TypeVar

from cliquet_like.storage.exceptions import BackendError, UnicityError
from cliquet_like.storage.listing import Listing
from cliquet_like.storage.matching import filter_records
from cliquet_like.storage.query import (
    ABSENT,
    COMPARISON,
    Expected,
    Filter,
    Record,
)
from cliquet_like.storage.redis.reading import Snapshot, record_of
from cliquet_like.storage.timestamps import refuse_if_moved
from cliquet_like.storage.unicity import Claim, refuse_taken

ATTEMPTS: Final = 100
_LONGEST_PAUSE_MS: Final = 10

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to store, which is ours, with what the write expects.

    ``creating`` expects that no live record has the id, and blames the id otherwise.
    """

    record: Record
    claims: Sequence[Claim]
    id_field: str
    modified_field: str
    _: KW_ONLY
    creating: bool = False
    of_collection: int | None = None
    of_record: Expected = None

    @property
    def whole(self) -> Listing:
        """List of the whole collection, for claims to be held against."""
        return Listing(None, None, None, None, id_field=self.id_field, modified_field=self.modified_field)

    def expectations(self, seen: Snapshot | None) -> list[str]:
        """What the script ``PUT`` takes for it; ``seen`` is what its claims were held against."""
        of_record = ABSENT if self.creating else self.of_record
        of_collection: Expected = self.of_collection
        if seen is not None:
            of_collection = ABSENT if seen.timestamp is None else seen.timestamp
        return [expectation(of_collection), expectation(of_record)]

    def refuse_conflict(self, timestamp: bytes | None, existing: bytes | None) -> None:
        """Raise what stands against the write, by the answer of the script ``PUT``.

        Returns when the expectations hold: then it was only that the claims were held against an
        older state of the collection.
        """
        self._refuse(
            None if timestamp is None else int(timestamp),
            None if existing is None else record_of(existing, self.modified_field),
        )

    def refuse_by(self, snapshot: Snapshot) -> None:
        """Raise what stands against the write, claims included, in a collection that was read whole."""
        same: list[Record] = []
        others: list[Record] = []
        for record in snapshot.live:
            (same if record[self.id_field] == self.record[self.id_field] else others).append(record)
        self._refuse(snapshot.timestamp, same[0] if same else None)

        def owner_of(claim: Claim) -> Record | None:
            owners = filter_records(others, [Filter(claim.field, claim.value, COMPARISON.EQ)])
            return min(owners, key=itemgetter(self.id_field), default=None)

        refuse_taken(self.claims, owner_of)

    def _refuse(self, timestamp: int | None, existing: Record | None) -> None:
        refuse_if_moved(self.of_collection, current=timestamp)
        if self.creating and existing is not None:
            raise UnicityError(self.id_field, existing)
        refuse_if_moved(self.of_record, current=existing[self.modified_field] if existing else None)


def expectation(expected: Expected) -> str:
    """What a script takes for an expectation of a write."""
    if expected is None:
        return "*"
    return "" if expected is ABSENT else str(expected)


def until_not_overtaken(attempt: Callable[[], Result | None]) -> Result:
    """First answer of ``attempt`` that is not None, which says that another write came between.

    It is called again after ever longer pauses, and must look at the collection anew. Raises
    ``BackendError`` when it never succeeds.
    """
    for number in range(ATTEMPTS):
        time.sleep(random.uniform(0, min(number, _LONGEST_PAUSE_MS)) / 1000)
        result = attempt()
        if result is not None:
            return result
    raise BackendError(message=f"overtaken by other writes to the collection {ATTEMPTS} times")
