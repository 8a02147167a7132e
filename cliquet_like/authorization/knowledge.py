"""What a request knows of permissions: asked of the backend once, together with the user's groups."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from cliquet_like.authorization.groups import keep_groups, known_groups
from cliquet_like.authorization.principals import Principals
from cliquet_like.permission.access import Access, Pair, Permissions, Shared

Pairs = tuple[Pair, ...]


class Knowledge:
    """Entries of objects, and which objects are shared with the user, as the request was told of them."""

    def __init__(self, request: Any) -> None:
        """Know nothing yet."""
        self._request = request
        self._permissions: dict[str, Permissions] = {}
        self._shared: dict[Pairs, frozenset[str]] = {}

    @property
    def backend(self) -> Any:
        """Permission backend of the application; None when it has none, and nobody has any permission."""
        return getattr(self._request.registry, "permission", None)

    def learn(
        self, object_ids: Iterable[str], principals: Collection[str], *, among: Pairs = (), unless: Pairs = ()
    ) -> None:
        """Ask for the entries of those objects that are not known.

        If there are any, the objects that match ``among`` are asked for too, as
        :class:`~cliquet_like.permission.access.Shared` says.
        """
        missing = sorted(set(object_ids) - self._permissions.keys())
        if missing:
            self._ask(missing, principals, among=among, unless=unless)

    def permissions_of(self, object_id: str) -> Permissions:
        """Principals by permission of an object; a copy."""
        # The groups come along: whoever decides after that needs them.
        self.learn([object_id], Principals((), tuple))
        found = self._permissions.get(object_id, {})
        return {name: set(principals) for name, principals in found.items()}

    def learned(self, object_id: str) -> Permissions | None:
        """Principals by permission of an object; None when it was not asked for."""
        return self._permissions.get(object_id)

    def grants(self, pairs: Pairs, principals: Collection[str]) -> bool:
        """Whether one of the principals has one of the permissions, as far as it is known."""
        return any(
            not self._permissions.get(object_id, {}).get(permission, set()).isdisjoint(principals)
            for object_id, permission in pairs
        )

    def shared(self, among: Pairs, principals: Collection[str]) -> frozenset[str]:
        """Objects that match one of the pairs and are shared with one of the principals."""
        if among not in self._shared:
            self._ask((), principals, among=among)
        return self._shared.get(among, frozenset())

    def correct(self, object_id: str, current: Permissions) -> None:
        """Replace what is known of an object."""
        self._permissions[object_id] = current

    def forget(self) -> None:
        """Know nothing of objects any more: another writer came first."""
        self._permissions.clear()
        self._shared.clear()

    def _ask(
        self, object_ids: Sequence[str], principals: Collection[str], *, among: Pairs, unless: Pairs = ()
    ) -> None:
        if self.backend is None:
            return
        userid = self._user_with_unknown_groups() if isinstance(principals, Principals) else None
        known = principals.known if userid and isinstance(principals, Principals) else principals
        question = Shared(frozenset(known), among, unless) if among else None
        access: Access = self.backend.read_access(object_ids, user_id=userid, shared=question)
        self._permissions.update(access.permissions)
        if userid is not None:
            keep_groups(self._request, userid, access.groups)
        if among:
            self._shared[among] = access.shared

    def _user_with_unknown_groups(self) -> str | None:
        """User whose groups were not asked for yet; None also for an anonymous one."""
        userid: str | None = self._request.prefixed_userid
        return userid if userid is not None and known_groups(self._request, userid) is None else None
