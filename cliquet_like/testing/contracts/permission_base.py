"""What the contracts of a permission backend share: the hook that makes the backend."""

from collections.abc import Iterable, Iterator, Mapping

import pytest

from cliquet_like.permission.access import Entry, grouped
from cliquet_like.permission.base import PermissionBase


class PermissionSuite:
    """Base of each contract: subclass a contract and say how your backend is made."""

    def make_backend(self) -> PermissionBase:
        """Hook: a new backend, which the tests may flush."""
        raise NotImplementedError

    @pytest.fixture
    def permission(self) -> Iterator[PermissionBase]:
        """Fresh, empty backend."""
        backend = self.make_backend()
        backend.initialize_schema()
        backend.flush()
        yield backend
        backend.flush()


def give(backend: PermissionBase, object_id: str, *entries: tuple[str, str]) -> None:
    """Give permissions on an object to principals, in pairs (permission, principal)."""
    backend.write_object_permissions(object_id, grouped(Entry(*entry) for entry in entries))


def join(backend: PermissionBase, groups: Mapping[str, Iterable[str]]) -> None:
    """Make users members of groups, in a mapping of users to their groups."""
    for user_id, principals in groups.items():
        for principal in principals:
            backend.add_user_principal(user_id, principal)
