"""Permissions in the memory of this process: for tests, trials, and the meaning of the contract."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sortedcontainers import SortedList

from cliquet_like.permission.access import (
    WILDCARD,
    Access,
    Entry,
    Pair,
    SharedQuestion,
    literal_prefix,
    matches,
    replaced,
)
from cliquet_like.permission.base import PermissionBase


class _Held(NamedTuple):
    """Entry in the order in which it is looked for by its principal."""

    principal: str
    permission: str
    object_id: str


class Permission(PermissionBase):
    """All is in dicts of sets, which lose a key with its last member; a call is one moment.

    Besides them all entries stand in one sorted list by principal, permission and object id,
    so that a pattern of object ids is a stretch of it for each principal.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._groups: dict[str, set[str]] = {}
        self._members: dict[str, set[str]] = {}
        self._by_object: dict[str, set[Entry]] = {}
        self._held = SortedList()

    def _flush(self) -> None:
        with self._lock:
            for kept in (self._groups, self._members, self._by_object, self._held):
                kept.clear()

    def _add_user_principal(self, user_id: str, principal: str) -> None:
        with self._lock:
            self._groups.setdefault(user_id, set()).add(principal)
            self._members.setdefault(principal, set()).add(user_id)

    def _remove_user_principal(self, user_id: str, principal: str) -> None:
        with self._lock:
            _discard(self._groups, user_id, principal)
            _discard(self._members, principal, user_id)

    def _remove_principal(self, principal: str) -> None:
        with self._lock:
            for user_id in self._members.pop(principal, ()):
                _discard(self._groups, user_id, principal)

    def _user_principals(self, user_id: str) -> set[str]:
        with self._lock:
            return set(self._groups.get(user_id, ()))

    def _add_entry(self, object_id: str, entry: Entry) -> None:
        with self._lock:
            if not self._has(object_id, entry):
                self._by_object.setdefault(object_id, set()).add(entry)
                self._held.add(_held(object_id, entry))

    def _remove_entry(self, object_id: str, entry: Entry) -> None:
        with self._lock:
            if self._has(object_id, entry):
                _discard(self._by_object, object_id, entry)
                self._held.remove(_held(object_id, entry))

    def _entries(self, object_ids: Sequence[str]) -> dict[str, Iterable[Entry]]:
        with self._lock:
            return {key: tuple(self._by_object[key]) for key in object_ids if key in self._by_object}

    def _replace_entries(
        self,
        object_id: str,
        names: frozenset[str] | None,
        wanted: frozenset[Entry],
        expected: frozenset[Entry] | None,
    ) -> frozenset[Entry]:
        with self._lock:
            before = frozenset(self._by_object.get(object_id, ()))
            if expected is not None and before != expected:
                return before
            after = replaced(before, names, wanted)
            for entry in before - after:
                self._remove_entry(object_id, entry)
            for entry in after - before:
                self._add_entry(object_id, entry)
            return before

    def _delete_objects(self, object_ids: Sequence[str]) -> dict[str, Iterable[Entry]]:
        with self._lock:
            deleted = self._entries(object_ids)
            for object_id, entries in deleted.items():
                del self._by_object[object_id]
                for entry in entries:
                    self._held.remove(_held(object_id, entry))
            return deleted

    def _accessible(self, principals: frozenset[str], pairs: Sequence[Pair]) -> set[str]:
        with self._lock:
            return {
                object_id
                for principal in principals
                for pair in pairs
                for object_id in self._candidates(principal, pair)
                if matches(object_id, pair.object_id)
            }

    def _read_access(
        self, object_ids: Sequence[str], user_id: str | None, shared: SharedQuestion | None
    ) -> Access:
        with self._lock:
            return super()._read_access(object_ids, user_id, shared)

    def _candidates(self, principal: str, pair: Pair) -> Iterator[str]:
        """Objects on which a principal has a permission, of those whose ids begin as the pattern does."""
        pattern, permission = pair
        if WILDCARD not in pattern:
            if self._has(pattern, Entry(permission, principal)):
                yield pattern
            return
        prefix = literal_prefix(pattern)
        for held in self._held.irange(_Held(principal, permission, prefix)):
            if held[:2] != (principal, permission) or not held.object_id.startswith(prefix):
                return
            yield held.object_id

    def _has(self, object_id: str, entry: Entry) -> bool:
        return entry in self._by_object.get(object_id, ())


def _held(object_id: str, entry: Entry) -> _Held:
    return _Held(entry.principal, entry.permission, object_id)


def _discard(index: dict[str, set[Any]], key: str, member: str | Entry) -> None:
    """Take a member from the set of a key, and the key with its last one."""
    members = index.get(key, set())
    members.discard(member)
    if not members:
        index.pop(key, None)


def load_from_config(config: Any) -> Permission:
    """Make the backend; there is nothing to set."""
    return Permission()
