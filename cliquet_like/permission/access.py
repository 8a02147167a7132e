"""The vocabulary of permissions: entries, bound pairs, patterns of object ids, what a decision needs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

Permissions = dict[str, set[str]]
"""Principals by permission, of one object; a permission that nobody has is not among them."""

BoundPermissions = Callable[[str, str], Sequence[tuple[str, str]] | None]
"""From an object id and a permission to all pairs (object id, permission) that include it."""

WILDCARD: Final = "*"
"""In a pattern of object ids: any text, also none, also with slashes."""


MAX_ENTRY_BYTES: Final = 2500
"""Object id, permission and principal together, in UTF-8: an index of PostgreSQL holds no more."""


class Entry(NamedTuple):
    """Entry of an access control list, without its object."""

    permission: str
    principal: str


class Pair(NamedTuple):
    """A permission on an object, or on all objects whose id matches a pattern."""

    object_id: str
    permission: str


Pairs = tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class SharedQuestion:
    """Which objects, of those that match one of ``patterns``, are shared with one of these principals.

    The ids in ``unless`` are no patterns. It is not answered, as if there
    were none, when they have one of ``unless``.
    """

    principals: frozenset[str]
    patterns: Pairs
    unless: Pairs = ()


@dataclass(frozen=True, slots=True)
class Access:
    """What a decision about one request needs, of one moment where the backend can.

    ``permissions`` has each object that was asked for; ``shared`` is the answer to :class:`SharedQuestion`.
    """

    groups: frozenset[str] = frozenset()
    permissions: Mapping[str, Permissions] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()


def bound_pairs(object_id: str, permission: str, bound: BoundPermissions | None) -> Pairs:
    """Pairs that include a permission on an object: itself alone where ``bound`` is, or answers, None."""
    pairs = None if bound is None else bound(object_id, permission)
    return (Pair(object_id, permission),) if pairs is None else tuple(Pair(*pair) for pair in pairs)


def grouped(entries: Iterable[Entry]) -> Permissions:
    """Principals by permission."""
    permissions: Permissions = {}
    for permission, principal in entries:
        permissions.setdefault(permission, set()).add(principal)
    return permissions


def flattened(permissions: Mapping[str, Iterable[str]]) -> frozenset[Entry]:
    """Entries of principals by permission."""
    return frozenset(
        Entry(permission, principal)
        for permission, principals in permissions.items()
        for principal in principals
    )


def replaced(
    before: Iterable[Entry], names: Iterable[str] | None, wanted: Iterable[Entry]
) -> frozenset[Entry]:
    """Entries of an object after those of ``names`` (None: all of them) gave way to the wanted ones."""
    given_up = None if names is None else set(names)
    kept = () if given_up is None else (entry for entry in before if entry.permission not in given_up)
    return frozenset(kept) | frozenset(wanted)


def matches(object_id: str, pattern: str) -> bool:
    """Whether an object id matches a pattern as a whole."""
    first, *others = pattern.split(WILDCARD)
    if not others:
        return object_id == pattern
    *middle, last = others
    if not object_id.startswith(first) or len(object_id) < len(first) + len(last):
        return False
    position, end = len(first), len(object_id) - len(last)
    for part in middle:
        found = object_id.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return object_id.endswith(last)


def literal_prefix(pattern: str) -> str:
    """What all ids that match a pattern begin with."""
    return pattern.partition(WILDCARD)[0]


def is_storable(*texts: str) -> bool:
    """Whether every backend could keep the texts: without U+0000, without lone surrogates."""
    try:
        return all("\0" not in text and text.encode() is not None for text in texts)
    except UnicodeEncodeError:
        return False


def fits(*texts: str) -> bool:
    """Whether the texts of an entry, which can be stored, are not too long for it."""
    return sum(len(text.encode()) for text in texts) <= MAX_ENTRY_BYTES
