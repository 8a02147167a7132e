"""Permissions on a Redis server: every write is one script, and so is every read."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from cliquet_like.drivers.redis import RedisClient, client_from_config
from cliquet_like.permission.access import (
    WILDCARD,
    Access,
    Entry,
    Pair,
    SharedQuestion,
    grouped,
    literal_prefix,
    matches,
)
from cliquet_like.permission.base import PermissionBase
from cliquet_like.permission.redis import scripts

_Words = list[str | int | bytes]

# One hash tag: a script works on several keys, and Redis Cluster runs it only where all of them
# are on one node. There are no others, so each script is told all keys that it uses.
NAMESPACE: Final = "{cliquet_like:permission}:"
GROUPS: Final = NAMESPACE + "groups"
MEMBERS: Final = NAMESPACE + "members"
ENTRIES: Final = NAMESPACE + "entries"
HELD: Final = NAMESPACE + "held"

# U+0000 is in no text that can be stored, so no two lists of texts are joined to the same.
_SEPARATOR: Final = "\0"
_ANYTHING: Final = b"\xff"

_READ_KEYS: Final = (GROUPS, ENTRIES, HELD)
_NOTHING: Final = SharedQuestion(frozenset(), ())


class Permission(PermissionBase):
    """Four sorted sets, in which what begins alike stands together; a call is one moment.

    ``groups`` has user and group, ``members`` group and user, ``entries`` object, permission and
    principal, ``held`` principal, permission and object. The server deletes an empty one by itself.
    """

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._run_add = client.script(scripts.ADD)
        self._run_remove = client.script(scripts.REMOVE)
        self._run_remove_group = client.script(scripts.REMOVE_GROUP)
        self._run_delete = client.script(scripts.DELETE)
        self._run_replace = client.script(scripts.REPLACE)
        self._run_read = client.script(scripts.READ)

    def initialize_schema(self) -> None:
        """Nothing to create; only asks whether the server is there."""
        self._client.execute("PING")

    def _flush(self) -> None:
        self._client.execute("UNLINK", GROUPS, MEMBERS, ENTRIES, HELD)

    def _add_user_principal(self, user_id: str, principal: str) -> None:
        self._run_add([GROUPS, MEMBERS], [_joined(user_id, principal), _joined(principal, user_id)])

    def _remove_user_principal(self, user_id: str, principal: str) -> None:
        self._run_remove([GROUPS, MEMBERS], [_joined(user_id, principal), _joined(principal, user_id)])

    def _remove_principal(self, principal: str) -> None:
        self._run_remove_group([GROUPS, MEMBERS], [principal])

    def _user_principals(self, user_id: str) -> set[str]:
        return set(self._read_access([], user_id, None).groups)

    def _add_entry(self, object_id: str, entry: Entry) -> None:
        self._run_add([ENTRIES, HELD], _both_ways(object_id, entry))

    def _remove_entry(self, object_id: str, entry: Entry) -> None:
        self._run_remove([ENTRIES, HELD], _both_ways(object_id, entry))

    def _entries(self, object_ids: Sequence[str]) -> dict[str, Iterable[Entry]]:
        _, found, _ = self._run_read(_READ_KEYS, _question(object_ids))
        return {key: _entries_of(tails) for key, tails in zip(object_ids, found, strict=True)}

    def _replace_entries(
        self,
        object_id: str,
        names: frozenset[str] | None,
        wanted: frozenset[Entry],
        expected: frozenset[Entry] | None,
    ) -> frozenset[Entry]:
        # The order of bytes, in which the server has them, is that of code points in UTF-8.
        lists = (names, _tails_of(wanted), None if expected is None else sorted(_tails_of(expected)))
        arguments: _Words = [object_id]
        for some in lists:
            arguments += [-1] if some is None else [len(some), *some]
        return _entries_of(self._run_replace([ENTRIES, HELD], arguments))

    def _delete_objects(self, object_ids: Sequence[str]) -> dict[str, Iterable[Entry]]:
        deleted = zip(object_ids, self._run_delete([ENTRIES, HELD], object_ids), strict=True)
        return {object_id: _entries_of(tails) for object_id, tails in deleted if tails}

    def _accessible(self, principals: frozenset[str], pairs: Sequence[Pair]) -> set[str]:
        if not principals or not pairs:
            return set()
        return set(self._read_access([], None, SharedQuestion(principals, tuple(pairs))).shared)

    def _read_access(
        self, object_ids: Sequence[str], user_id: str | None, shared: SharedQuestion | None
    ) -> Access:
        asked = shared or _NOTHING
        groups, found, objects = self._run_read(_READ_KEYS, _question(object_ids, user_id, asked))
        return Access(
            frozenset(group.decode() for group in groups),
            {key: grouped(_entries_of(tails)) for key, tails in zip(object_ids, found, strict=True)},
            _matching(asked.patterns, objects),
        )


def _question(
    object_ids: Sequence[str], user_id: str | None = None, shared: SharedQuestion = _NOTHING
) -> _Words:
    """Arguments of ``scripts.READ``."""
    lists: tuple[_Words, ...] = (
        [] if user_id is None else [user_id],
        [*object_ids],
        [*shared.principals],
        [_joined(*pair) for pair in shared.unless],
        [word for pair in shared.patterns for word in _stretch_of(pair)],
    )
    return [word for some in lists for word in (len(some), *some)]


def _stretch_of(pair: Pair) -> _Words:
    pattern, permission = pair
    return [permission, literal_prefix(pattern), _ANYTHING if WILDCARD in pattern else b""]


def _matching(among: Sequence[Pair], objects: Sequence[Sequence[bytes]]) -> frozenset[str]:
    """Ids that match the pattern of the pair for which they were found; there may be none for any pair."""
    return frozenset(
        object_id
        for pair, found in zip(among, objects, strict=False)
        for object_id in map(bytes.decode, found)
        if matches(object_id, pair.object_id)
    )


def _entries_of(tails: Iterable[bytes]) -> frozenset[Entry]:
    return frozenset(Entry(*tail.decode().split(_SEPARATOR)) for tail in tails)


def _tails_of(entries: Iterable[Entry]) -> list[str]:
    return [_joined(*entry) for entry in entries]


def _both_ways(object_id: str, entry: Entry) -> list[str]:
    return [_joined(object_id, *entry), _joined(entry.principal, entry.permission, object_id)]


def _joined(*texts: str) -> str:
    return _SEPARATOR.join(texts)


def load_from_config(config: Any) -> Permission:
    """Make the backend that ``permission_url`` and ``permission_pool_size`` ask for."""
    return Permission(client_from_config(config, "permission"))
