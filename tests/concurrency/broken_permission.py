"""Permissions that keep no promise, to see that the run notices."""

import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from cliquet_like.drivers.postgresql.client import client_from_config
from cliquet_like.drivers.transactions import joining
from cliquet_like.permission import postgresql
from cliquet_like.permission.access import Entry, Permissions


class _Broken(postgresql.Permission):
    @classmethod
    def load_from_config(cls, config: Any) -> "_Broken":
        """Make the backend."""
        return cls(client_from_config(config, "permission"))


class Careless(_Broken):
    """Writes whatever was decided on, loses every tenth change, and deletes nothing."""

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self._calls = count(1)

    def write_object_permissions(
        self, object_id: str, permissions: Mapping[str, Iterable[str]], **options: Any
    ) -> Permissions:
        """Write on no condition."""
        time.sleep(0.005)
        return super().write_object_permissions(object_id, permissions, **{**options, "expected": None})

    def _replace_entries(
        self,
        object_id: str,
        names: frozenset[str] | None,
        wanted: frozenset[Entry],
        expected: frozenset[Entry] | None,
    ) -> frozenset[Entry]:
        if not wanted or next(self._calls) % 10 == 0:
            return wanted
        return super()._replace_entries(object_id, names, wanted, expected)

    def _delete_objects(self, object_ids: Sequence[str]) -> dict[str, Iterable[Entry]]:
        return self._entries(object_ids)


class Apart(_Broken):
    """Writes permissions in transactions of their own, beside that of the record."""

    def _replace_entries(self, *args: Any) -> frozenset[Entry]:
        with joining():
            before = super()._replace_entries(*args)
        time.sleep(0.02)
        return before

    def _delete_objects(self, object_ids: Sequence[str]) -> dict[str, Iterable[Entry]]:
        with joining():
            deleted = super()._delete_objects(object_ids)
        time.sleep(0.02)
        return deleted
