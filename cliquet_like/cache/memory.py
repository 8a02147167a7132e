"""Cache in the memory of this process."""

import threading
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from cliquet_like.cache.base import CacheBase
from cliquet_like.kernel.clock import msec_time

_SWEEP_FROM: Final = 1000


class _Kept(NamedTuple):
    """A JSON text, with the time in ms at which it expires, or None."""

    text: str
    deadline: int | None


class Cache(CacheBase):
    """All data is in one dict by whole key, ``entries``, so that two instances can be given the same one.

    Expired keys are forgotten when they are met, and swept out whenever the dict has doubled
    since the last time. ``clock`` answers milliseconds.
    """

    def __init__(self, cache_prefix: str = "", *, clock: Callable[[], int] = msec_time) -> None:
        super().__init__(cache_prefix)
        self._clock = clock
        self._lock = threading.RLock()
        self.entries: dict[str, _Kept] = {}
        self._sweep_above = _SWEEP_FROM

    def _flush(self) -> None:
        with self._lock:
            self.entries.clear()

    def _store(self, key: str, text: str, ttl_ms: int | None) -> None:
        with self._lock:
            self.entries[key] = _Kept(text, None if ttl_ms is None else self._clock() + ttl_ms)
            if len(self.entries) > self._sweep_above:
                self._sweep()

    def _load(self, key: str) -> str | None:
        with self._lock:
            kept = self._alive(key, self._clock())
            return None if kept is None else kept.text

    def _pop(self, key: str) -> str | None:
        with self._lock:
            kept = self._alive(key, self._clock())
            self.entries.pop(key, None)
            return None if kept is None else kept.text

    def _remove(self, key: str) -> None:
        with self._lock:
            self.entries.pop(key, None)

    def _expire(self, key: str, ttl_ms: int) -> None:
        with self._lock:
            now = self._clock()
            kept = self._alive(key, now)
            if kept is not None:
                self.entries[key] = _Kept(kept.text, now + ttl_ms)

    def _ttl_ms(self, key: str) -> int | None:
        with self._lock:
            now = self._clock()
            kept = self._alive(key, now)
            return None if kept is None or kept.deadline is None else kept.deadline - now

    def _alive(self, key: str, now: int) -> _Kept | None:
        kept = self.entries.get(key)
        if kept is None or kept.deadline is None or kept.deadline > now:
            return kept
        self.entries.pop(key, None)
        return None

    def _sweep(self) -> None:
        now = self._clock()
        for key in list(self.entries):
            self._alive(key, now)
        self._sweep_above = max(_SWEEP_FROM, 2 * len(self.entries))


def load_from_config(config: Any) -> Cache:
    """Make the cache that the settings of a Pyramid configurator ask for."""
    return Cache(cache_prefix=config.get_settings().get("cache_prefix", ""))
