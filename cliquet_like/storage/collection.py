"""One collection of the memory backend: its records by id, by timestamp and by unique value."""

import heapq
from collections.abc import Hashable, Iterator
from typing import NamedTuple

from sortedcontainers import SortedList

from cliquet_like.storage.matching import field_getter, identity
from cliquet_like.storage.query import MISSING, Record
from cliquet_like.storage.unicity import Claim
from cliquet_like.storage.window import Window


class Entry(NamedTuple):
    """A record or tombstone as it is kept: the mapping is never changed, only replaced."""

    id: str
    timestamp: int
    record: Record
    deleted: bool


class UniqueIndex:
    """Ids of the live records by their value in one field; null and missing values have no place."""

    def __init__(self, field: str) -> None:
        self._value_of = field_getter(field)
        self._ids: dict[Hashable, set[str]] = {}

    def add(self, entry: Entry) -> None:
        """Put a live record in."""
        value = self._value_of(entry.record)
        if value is not None and value is not MISSING:
            self._ids.setdefault(identity(value), set()).add(entry.id)

    def remove(self, entry: Entry) -> None:
        """Take a live record out."""
        key = identity(self._value_of(entry.record))
        ids = self._ids.get(key, set())
        ids.discard(entry.id)
        if not ids:
            self._ids.pop(key, None)

    def ids(self, value: object) -> set[str]:
        """Ids of the records that have the value; more than one where it was not always unique."""
        return self._ids.get(identity(value), set())


class Collection:
    """State of one collection. It has no lock and no clock: the storage has both."""

    def __init__(self) -> None:
        self.timestamp: int | None = None
        self._entries: dict[str, Entry] = {}
        self._live = SortedList()  # of (timestamp, id)
        self._dead = SortedList()
        self._indexes: dict[str, UniqueIndex] = {}

    def live(self, object_id: str) -> Entry | None:
        """Live record with this id; a tombstone is none."""
        entry = self._entries.get(object_id)
        return None if entry is None or entry.deleted else entry

    def put(self, entry: Entry) -> None:
        """Keep a record or tombstone, in place of what had its id."""
        self.drop(entry.id)
        self._entries[entry.id] = entry
        if entry.deleted:
            self._dead.add((entry.timestamp, entry.id))
            return
        self._live.add((entry.timestamp, entry.id))
        for index in self._indexes.values():
            index.add(entry)

    def drop(self, object_id: str) -> None:
        """Forget the record or tombstone with this id, if there is one."""
        entry = self._entries.pop(object_id, None)
        if entry is None:
            return
        if entry.deleted:
            self._dead.remove((entry.timestamp, entry.id))
            return
        self._live.remove((entry.timestamp, entry.id))
        for index in self._indexes.values():
            index.remove(entry)

    def drop_tombstones(self, before: int | None) -> int:
        """Forget tombstones older than ``before`` in ms (None: all of them); how many there were."""
        old = list(self._dead if before is None else self._dead.irange(maximum=(before,)))
        for _, object_id in old:
            self.drop(object_id)
        return len(old)

    def owner_of(self, claim: Claim, *, but: str) -> Record | None:
        """Live record, other than ``but``, that has the claimed value; the least id of several."""
        ids = self._index(claim.field).ids(claim.value) - {but}
        return self._entries[min(ids)].record if ids else None

    def _index(self, field: str) -> UniqueIndex:
        index = self._indexes.get(field)
        if index is None:
            index = self._indexes[field] = UniqueIndex(field)
            for _, object_id in self._live:
                index.add(self._entries[object_id])
        return index

    def count(self, window: Window) -> int:
        """How many live records have their timestamp in the window, without visiting them."""
        after: int = self._live.bisect_left((window.high + 1,))
        before: int = self._live.bisect_left((window.low,))
        return max(0, after - before)

    def walk(self, window: Window, *, include_deleted: bool, newest_first: bool = False) -> Iterator[Record]:
        """Uncopied records by timestamp, then id; lazily, so that the rest is not touched."""
        kept = [self._live, self._dead] if include_deleted else [self._live]
        bounds = (window.low,), (window.high + 1,)
        walks = [keys.irange(*bounds, reverse=newest_first) for keys in kept]
        keys = heapq.merge(*walks, reverse=newest_first) if include_deleted else walks[0]
        entries = self._entries
        return (entries[object_id].record for _, object_id in keys)
