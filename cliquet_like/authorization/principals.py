"""Principals of a request whose groups are looked for when a decision depends on them, not before."""

from collections.abc import Callable, Iterable, Iterator, Set
from typing import Any


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
