"""Principals of a request whose groups are looked for when a decision depends on them, not before."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import Any

from pyramid_multiauth import MultiAuthSecurityPolicy

from cliquet_like.authorization.groups import groupfinder


class Principals(Set[str]):
    """Set of principals: some are known, the groups are asked for by who needs all of them.

    Whether a known one is among them is answered without.
    """

    def __init__(self, known: Iterable[str], find_groups: Callable[[], Iterable[str]]) -> None:
        """Keep a copy of the known ones; ``find_groups`` is called again each time."""
        self.known = frozenset(known)
        self._find_groups = find_groups

    def __contains__(self, principal: object) -> bool:
        return principal in self.known or principal in set(self._find_groups())

    def __iter__(self) -> Iterator[str]:
        return iter(self.known.union(self._find_groups()))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @classmethod
    def _from_iterable(cls, principals: Iterable[Any]) -> Any:
        return frozenset(principals)

    def with_user(self, added: Iterable[str], bare: str) -> "Principals":
        """The same with other names of the user instead of the bare id."""
        return Principals((self.known - {bare}).union(added), self._find_groups)


class Identity:
    """Who sends a request; ``groups`` are asked for when they are looked at."""

    def __init__(self, userid: str, request: Any) -> None:
        """Keep the user id, without prefix."""
        self.userid = userid
        self._request = request

    @property
    def groups(self) -> list[str]:
        """Groups of the user."""
        return groupfinder(self.userid, self._request)


class SecurityPolicy(MultiAuthSecurityPolicy):
    """The stacked policies of pyramid_multiauth with our own groupfinder, which refuses nobody.

    Theirs asks for the groups of every user of every request.
    """

    def __init__(self, policies: Sequence[Any], authz_policy: Any = None) -> None:
        """Keep the stacked policies, and what decides by principals."""
        super().__init__(policies, authz_policy=authz_policy)
        self._without_groups = MultiAuthSecurityPolicy(policies)

    def identity(self, request: Any) -> Identity | None:
        """User of the request, None for an anonymous one."""
        identity = super().identity(request)
        return None if identity is None else Identity(identity.userid, request)

    def effective_principals(self, request: Any) -> Set[str]:
        """Principals of the request, the groups of its user among them."""
        known = self._without_groups.effective_principals(request)
        userid = self.authenticated_userid(request)
        if userid is None:
            return frozenset(known)
        return Principals(known, lambda: groupfinder(userid, request))
