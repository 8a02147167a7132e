"""What a request knows of permissions: asked of the backend once, together with the user's groups."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from cliquet_like.authorization.groups import keep_groups, known_groups
from cliquet_like.authorization.principals import Principals
from cliquet_like.permission.access import Access, Pairs, Permissions, SharedQuestion


class Knowledge:
    """Entries of objects, and which objects are shared with the user, as the request was told of them.

    Without a permission backend there is nothing to know: nobody has any permission.
    """

    def __init__(self, request: Any) -> None:
        """Know nothing yet."""
        self._request = request
        self._permissions: dict[str, Permissions] = {}
        self._shared: dict[Pairs, frozenset[str]] = {}

    def learn(
        self,
        object_ids: Iterable[str],
        principals: Collection[str],
        *,
        patterns: Pairs = (),
        unless: Pairs = (),
    ) -> None:
        """Ask for the entries of the objects, unless all of them are known; then nothing is asked.

        What the principals share of the ``patterns`` is asked for in the same question, if they
        have none of the pairs in ``unless``.
        """
        missing = sorted(set(object_ids) - self._permissions.keys())
        if missing:
            self._ask(missing, principals, patterns=patterns, unless=unless)

    def permissions_of(self, object_id: str) -> Permissions:
        """Principals by permission of an object; a copy."""
        if object_id not in self._permissions:
            # Whoever decides after that needs the groups of the user.
            self._ask([object_id], (), with_groups=True)
        found = self._permissions.get(object_id, {})
        return {name: set(principals) for name, principals in found.items()}

    def grants(self, pairs: Pairs, principals: Collection[str]) -> bool:
        """Whether one of the principals has one of the permissions, by the entries that are known."""
        return any(
            not self._permissions.get(object_id, {}).get(permission, set()).isdisjoint(principals)
            for object_id, permission in pairs
        )

    def shared(self, patterns: Pairs, principals: Collection[str]) -> frozenset[str]:
        """Objects that match one of the patterns and are shared with one of the principals.

        It is for principals who have none of the pairs that :meth:`learn` was told of.
        """
        if patterns not in self._shared:
            self._ask((), principals, patterns=patterns)
        return self._shared.get(patterns, frozenset())

    def correct(self, object_id: str, current: Permissions) -> None:
        """Replace what is known of an object."""
        self._permissions[object_id] = current

    def forget(self) -> None:
        """Know nothing of objects any more."""
        self._permissions.clear()
        self._shared.clear()

    def _ask(
        self,
        object_ids: Sequence[str],
        principals: Collection[str],
        *,
        patterns: Pairs = (),
        unless: Pairs = (),
        with_groups: bool = False,
    ) -> None:
        backend = getattr(self._request.registry, "permission", None)
        if backend is None:
            return
        userid = None
        if with_groups or isinstance(principals, Principals):
            userid = self._user_with_unknown_groups()
        if userid is not None and isinstance(principals, Principals):
            # The backend adds the groups by itself.
            principals = principals.known
        question = SharedQuestion(frozenset(principals), patterns, unless) if patterns else None
        access: Access = backend.read_access(object_ids, user_id=userid, shared=question)
        self._permissions.update(access.permissions)
        if userid is not None:
            keep_groups(self._request, userid, access.groups)
        if patterns:
            self._shared[patterns] = access.shared

    def _user_with_unknown_groups(self) -> str | None:
        """User whose groups were not asked for yet; None also for an anonymous one."""
        userid: str | None = self._request.prefixed_userid
        return userid if userid is not None and known_groups(self._request, userid) is None else None
