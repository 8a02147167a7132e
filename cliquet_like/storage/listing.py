"""Lists of a memory collection: which records, in which order, how many."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import groupby, islice
from operator import itemgetter
from sys import maxsize

from cliquet_like.storage.collection import Collection
from cliquet_like.storage.matching import matcher, page_matcher, sort_records, with_tie_breaker
from cliquet_like.storage.query import Filter, Record, Rules, Sort
from cliquet_like.storage.window import Window, split_filters, window_of_rules


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
    window, others = split_filters(listing.filters, listing.modified_field)
    window = window.within(window_of_rules(listing.rules, listing.modified_field))
    return _page_of(_matching(collection, listing, window, others), listing)


def records_and_total(collection: Collection, listing: Listing) -> tuple[list[Record], int]:
    """Records as above, and the number of live records that satisfy the filters, on whatever page."""
    window, others = split_filters(listing.filters, listing.modified_field)
    if not others:
        return records_of(collection, listing), collection.count(window)
    if listing.include_deleted:
        total = sum(map(matcher(others), collection.walk(window, include_deleted=False)))
        return records_of(collection, listing), total
    # All that satisfy the filters are visited to be counted: once is enough.
    matching = list(_matching(collection, listing, window, others))
    return _page_of(matching, listing), len(matching)


def _matching(
    collection: Collection, listing: Listing, window: Window, others: Sequence[Filter]
) -> Iterable[Record]:
    """Records of a window that satisfy the other filters: by timestamp, in the direction of the list."""
    first = _order_of(listing)[0]
    newest_first = first.field == listing.modified_field and first.direction < 0
    walk = collection.walk(window, include_deleted=listing.include_deleted, newest_first=newest_first)
    return filter(matcher(others), walk) if others else walk


def _page_of(records: Iterable[Record], listing: Listing) -> list[Record]:
    """Those of the records, which come by timestamp, that are on the page."""
    sorting = _order_of(listing)
    by_time = sorting[0].field == listing.modified_field
    kept = filter(page_matcher(listing.rules), records) if listing.rules else records
    ordered = _sort_ties(kept, sorting) if by_time else iter(sort_records(kept, sorting))
    return list(islice(ordered, None if listing.limit is None else min(listing.limit, maxsize)))


def _order_of(listing: Listing) -> list[Sort]:
    return with_tie_breaker(listing.sorting, listing.id_field)


def _sort_ties(records: Iterable[Record], sorting: Sequence[Sort]) -> Iterator[Record]:
    """Records that come sorted by the first key, sorted by the other keys where that one ties."""
    for _, tying in groupby(records, key=itemgetter(sorting[0].field)):
        ties = list(tying)
        yield from ties if len(ties) == 1 else sort_records(ties, sorting[1:])
