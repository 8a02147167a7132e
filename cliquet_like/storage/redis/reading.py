"""How much of a collection must be read for a list, and the list made of what was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any, Final, NamedTuple

from cliquet_like.kernel import codec
from cliquet_like.storage.listing import Listing
from cliquet_like.storage.matching import filter_records, page_records, sort_records, with_tie_breaker
from cliquet_like.storage.query import COMPARISON, Filter, Record, Rules, Sort
from cliquet_like.storage.window import Window, split_filters, window_of_rules


@dataclass(frozen=True, slots=True)
class Span:
    """Records to read: those of a window of timestamps, or so many from where the list begins.

    The records of the timestamp ``edge`` are read besides the ``count`` (None: all), for the page
    rules may refuse some; ``whole_ties`` goes on to the end of the last timestamp.
    """

    window: Window
    newest_first: bool = False
    count: int | None = None
    edge: int | None = None
    whole_ties: bool = False

    def arguments(self) -> list[str | int]:
        """What the script ``READ`` takes for it."""
        return [
            *bounds(self.window),
            int(self.newest_first),
            -1 if self.count is None else self.count,
            "" if self.edge is None else self.edge,
            int(self.whole_ties),
        ]


WHOLE: Final = Span(Window())
"""All records of a collection."""


class Snapshot(NamedTuple):
    """What was read in one moment; ``total`` counts the live records of the window of the filters."""

    timestamp: int | None
    total: int
    live: list[Record]
    dead: list[Record]


def bounds(window: Window) -> list[str]:
    """Bounds of a window as the server's sorted sets take them."""
    return [_bound(window.low), _bound(window.high)]


def _bound(value: float) -> str:
    return f"{value:+}" if isinf(value) else str(value)


def span_of(listing: Listing) -> Span:
    """Least span that holds the list and, where filters must be tried on records, all that they count."""
    window, others = split_filters(listing.filters, listing.modified_field)
    if others:
        return Span(window)
    window = window.within(window_of_rules(listing.rules, listing.modified_field))
    first, *later = with_tie_breaker(listing.sorting, listing.id_field)
    if listing.limit == 0:
        return Span(window, count=0)
    if first.field != listing.modified_field or not _begins_at_edge(listing.rules, first):
        return Span(window)
    return Span(
        window,
        newest_first=first.direction < 0,
        count=listing.limit,
        edge=_edge(listing.rules, first),
        whole_ties=later[:1] != [Sort(listing.id_field, first.direction)],
    )


def _edge(rules: Rules | None, key: Sort) -> int | None:
    """Timestamp beyond which a group of rules lets every record pass; None when none does so."""
    beyond = COMPARISON.GT if key.direction > 0 else COMPARISON.LT
    for group in rules or ():
        field, value, operator = group[0] if len(group) == 1 else (None, None, None)
        if field == key.field and operator is beyond and type(value) is int:
            return value
    return None


def _begins_at_edge(rules: Rules | None, key: Sort) -> bool:
    """Whether the rules can only refuse records of the edge itself, and of what lies before it."""
    if not rules:
        return True
    edge, reach = _edge(rules, key), window_of_rules(rules, key.field)
    if edge is None:
        return False
    return reach.low >= edge if key.direction > 0 else reach.high <= edge


def record_of(value: bytes, modified_field: str) -> Record:
    """Record of the text that is kept of it."""
    ms, _, text = value.partition(b" ")
    record: Record = codec.loads(text)
    record[modified_field] = int(ms)
    return record


def tombstones_of(
    ids: Sequence[str], stamps: Sequence[bytes], listing: Listing, deleted_field: str
) -> list[Record]:
    """Tombstones of these ids and timestamps."""
    return [
        {listing.id_field: object_id, listing.modified_field: int(ms), deleted_field: True}
        for object_id, ms in zip(ids, stamps, strict=True)
    ]


def snapshot_of(answer: Any, listing: Listing, deleted_field: str) -> Snapshot:
    """What the script ``READ`` answered."""
    timestamp, total, values, dead = answer
    return Snapshot(
        None if timestamp is None else int(timestamp),
        total,
        [record_of(value, listing.modified_field) for value in values],
        tombstones_of([object_id.decode() for object_id in dead[::2]], dead[1::2], listing, deleted_field),
    )


def list_of(snapshot: Snapshot, listing: Listing) -> list[Record]:
    """Records of the list, in order."""
    kept = filter_records([*snapshot.live, *snapshot.dead], listing.filters)
    kept = page_records(kept, listing.rules, None)
    return sort_records(kept, with_tie_breaker(listing.sorting, listing.id_field))[: listing.limit]


def total_of(snapshot: Snapshot, listing: Listing) -> int:
    """Number of live records that satisfy the filters, on whatever page."""
    _, others = split_filters(listing.filters, listing.modified_field)
    return len(filter_records(snapshot.live, listing.filters)) if others else snapshot.total


def newest_in(snapshot: Snapshot, filters: Sequence[Filter], modified_field: str) -> int:
    """Timestamp of the newest live record of the snapshot that satisfies the filters, 0 when none does."""
    return max((record[modified_field] for record in filter_records(snapshot.live, filters)), default=0)
