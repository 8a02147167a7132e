"""What an answer shows of records: time and cache headers, projection, ``Response-Behavior``."""

import enum
from collections.abc import Iterable, Mapping
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from cliquet_like.kernel.dicts import dict_subset
from cliquet_like.storage.query import Record
from cliquet_like.web.etags import format_etag


class Behavior(enum.Enum):
    """Values of the request header ``Response-Behavior`` on PATCH."""

    FULL = "full"
    LIGHT = "light"
    DIFF = "diff"


def timestamp_headers(timestamp: int) -> dict[str, str]:
    """``ETag`` and ``Last-Modified`` of a timestamp in milliseconds (RFC 9110, section 8.8)."""
    return {
        "ETag": format_etag(timestamp),
        "Last-Modified": http_date(timestamp // 1000),
    }


@lru_cache(maxsize=256)
def http_date(seconds: int) -> str:
    """Date of seconds since 1970 as headers have it (RFC 9110, section 5.6.7)."""
    return formatdate(seconds, usegmt=True)


def cache_headers(expires_s: int | None, *, anonymous: bool, now_ms: int) -> dict[str, str]:
    """``Cache-Control`` and ``Expires``: only what everybody sees may be kept.

    None and zero seconds mean that a cache asks again each time.
    """
    if not (anonymous and expires_s):
        return {"Cache-Control": "no-cache"}
    return {
        "Cache-Control": f"max-age={expires_s}",
        "Expires": http_date(now_ms // 1000 + expires_s),
    }


def project(record: Record, fields: Iterable[str], always: Iterable[str]) -> Record:
    """Record with the given fields only (dots go inside), and those that are ``always`` shown."""
    return dict_subset(record, (*always, *fields))


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any], ignored: Iterable[str]) -> list[str]:
    """Fields whose value differs or that only one of both has, in the order of ``new``."""
    skipped = set(ignored)
    changed = [
        name
        for name, value in new.items()
        if name not in skipped and not (name in old and is_same(old[name], value))
    ]
    return changed + [name for name in old if name not in new and name not in skipped]


def is_same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same in depth, types included: 1 is neither True nor 1.0."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other)


def parse_behavior(text: str | None) -> Behavior:
    """Behaviour that a PATCH asks for, in any case; unknown ones and none mean the full record."""
    try:
        return Behavior((text or "full").strip().lower())
    except ValueError:
        return Behavior.FULL


def behave(behavior: Behavior, record: Record, *, changed: Iterable[str], sent: Mapping[str, Any]) -> Record:
    """Record as the behaviour shows it: whole, what changed, or what changed otherwise than sent."""
    if behavior is Behavior.FULL:
        return record
    light = {name: record[name] for name in changed if name in record}
    if behavior is Behavior.LIGHT:
        return light
    return {
        name: value for name, value in light.items() if name not in sent or not is_same(sent[name], value)
    }
