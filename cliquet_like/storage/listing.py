"""Lists of a memory collection: which records, in which order, how many."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import groupby, islice
from operator import itemgetter
from sys import maxsize

from cliquet_like.storage.collection import Collection
from cliquet_like.storage.matching import matcher, page_matcher, sort_records, with_tie_breaker
from cliquet_like.storage.query import Filter, Record, Rules, Sort
from cliquet_like.storage.window import split_filters, window_of_rules


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is asked for; ``limit`` None is no limit."""

    filters: Sequence[Filter] | None
    sorting: Sequence[Sort] | None
    rules: Rules | None
    limit: int | None
    _: KW_ONLY
    id_field: str
    modified_field: str
    include_deleted: bool = False


def records_of(collection: Collection, listing: Listing) -> list[Record]:
    """Uncopied records of the list, in order.

    Sorted first by timestamp, only those are visited that stand in the span of the filters and
    rules, up to the limit. Any other order visits the whole span.
    """
    sorting = with_tie_breaker(listing.sorting, listing.id_field)
    window, others = split_filters(listing.filters, listing.modified_field)
    window = window.within(window_of_rules(listing.rules, listing.modified_field))
    first = sorting[0]
    by_time = first.field == listing.modified_field
    walk = collection.walk(
        window, include_deleted=listing.include_deleted, newest_first=by_time and first.direction < 0
    )
    kept = filter(page_matcher(listing.rules), filter(matcher(others), walk))
    ordered = _sort_ties(kept, sorting) if by_time else iter(sort_records(kept, sorting))
    return list(islice(ordered, None if listing.limit is None else min(listing.limit, maxsize)))


def _sort_ties(records: Iterable[Record], sorting: Sequence[Sort]) -> Iterator[Record]:
    """Records that come sorted by the first key, sorted by the other keys where that one ties."""
    for _, ties in groupby(records, key=itemgetter(sorting[0].field)):
        yield from sort_records(ties, sorting[1:])


def count_of(collection: Collection, listing: Listing) -> int:
    """Number of live records that satisfy the filters, on whatever page; not visited when none remain."""
    window, others = split_filters(listing.filters, listing.modified_field)
    if not others:
        return collection.count(window)
    return sum(map(matcher(others), collection.walk(window, include_deleted=False)))
