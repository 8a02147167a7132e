"""The contract of a cache: keys, JSON and times to live are decided here, a backend supplies seven hooks."""

from typing import Any, Final

from cliquet_like.kernel import codec

_LONGEST_MS: Final = 2**53
"""Far beyond any use: 285 000 years. Servers add it to the present in 64 bits."""


class CacheBase:
    """A cache of JSON values under text keys, with a time to live in seconds.

    A backend overrides ``initialize_schema``, where it has one, and the hooks, which get whole
    keys (prefix included) and whole positive milliseconds. A failure of the server leaves any
    method as ``BackendError``, and in no other shape. Construction does not connect.

    A key that holds U+0000 or a lone surrogate raises ``ValueError``: no server could keep it.
    """

    def __init__(self, cache_prefix: str = "") -> None:
        self.prefix = cache_prefix

    def initialize_schema(self) -> None:
        """Create tables or whatever else is needed, or bring them up to date. May run twice."""

    def flush(self) -> None:
        """Empty the whole cache, the keys of other prefixes included."""
        self._flush()

    def ttl(self, key: str) -> float:
        """Seconds left, or -1 when the key is absent, expired, or never expires."""
        left_ms = self._ttl_ms(self._whole(key))
        return -1 if left_ms is None else left_ms / 1000

    def expire(self, key: str, ttl: float) -> None:
        """Let a key expire in ``ttl`` seconds; at once if not positive. Nothing happens if it is absent."""
        whole = self._whole(key)
        if ttl > 0:
            self._expire(whole, _milliseconds(ttl))
        else:
            self._remove(whole)

    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        """Keep a value for ``ttl`` seconds, in place of an older value and of its time to live.

        None is for ever; a ``ttl`` that is not positive leaves the key absent. Tuples come back
        as lists. Raises ``TypeError`` for what JSON cannot hold.
        """
        whole, text = self._whole(key), codec.dumps_text(value)
        if ttl is None:
            self._store(whole, text, None)
        elif ttl > 0:
            self._store(whole, text, _milliseconds(ttl))
        else:
            self._remove(whole)

    def get(self, key: str) -> Any:
        """Value of a key, a new copy each time; None when it is absent or expired."""
        text = self._load(self._whole(key))
        return None if text is None else codec.loads(text)

    def pop(self, key: str) -> Any:
        """Value of a key, which is absent from then on; None when it was absent or expired.

        Of several callers at once exactly one gets the value. After a ``BackendError`` the key may
        be there or not.
        """
        text = self._pop(self._whole(key))
        return None if text is None else codec.loads(text)

    def delete(self, key: str) -> None:
        """Remove a key; silent when it is absent."""
        self._remove(self._whole(key))

    def _whole(self, key: str) -> str:
        whole = self.prefix + key
        if "\0" in whole:
            raise ValueError("a cache key cannot hold a NUL character")
        whole.encode()  # UnicodeEncodeError, which is a ValueError, for a lone surrogate
        return whole

    def _flush(self) -> None:
        """Hook: remove everything."""
        raise NotImplementedError

    def _store(self, key: str, text: str, ttl_ms: int | None) -> None:
        """Hook: keep a text for so many milliseconds, or for ever."""
        raise NotImplementedError

    def _load(self, key: str) -> str | None:
        """Hook: the text of a key, or None when it is absent or expired."""
        raise NotImplementedError

    def _pop(self, key: str) -> str | None:
        """Hook: the text of a key, removed in the same step; None when it is absent or expired."""
        raise NotImplementedError

    def _remove(self, key: str) -> None:
        """Hook: remove a key, if there is one."""
        raise NotImplementedError

    def _expire(self, key: str, ttl_ms: int) -> None:
        """Hook: let a key expire in so many milliseconds, unless it is absent or expired already."""
        raise NotImplementedError

    def _ttl_ms(self, key: str) -> int | None:
        """Hook: milliseconds left, or None when the key is absent, expired, or never expires."""
        raise NotImplementedError


def _milliseconds(ttl: float) -> int:
    """Whole milliseconds of positive seconds: the nearest, never none at all, and within bounds."""
    return max(1, round(min(ttl * 1000, _LONGEST_MS)))
