"""ShareableModel: records together with who may do what on them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from cliquet_like.authorization.names import WRITE
from cliquet_like.drivers.errors import TransientBackendError
from cliquet_like.kernel.deprecation import DeprecatedMeta
from cliquet_like.permission.access import Permissions
from cliquet_like.permission.base import PermissionBase
from cliquet_like.permission.exceptions import PermissionsChangedError
from cliquet_like.resource.contention import ATTEMPTS, OVERTAKEN, memory_of_attempts
from cliquet_like.resource.model.records import Model
from cliquet_like.storage.exceptions import BackendError, ModifiedMeanwhileError, RecordNotFoundError
from cliquet_like.storage.query import Expected, Filter, Record, Rules, Sort

_Write = Callable[..., Permissions]


class Guard(Protocol):
    """What a request knows of permissions, and decided by them: the context of its route."""

    def permissions_of(self, object_id: str) -> Permissions:
        """Permissions of an object."""

    def expected_permissions(self, object_id: str) -> Permissions | None:
        """Those of the moment of the decision, None when nothing was decided."""

    def refuse_to_take_over(self, object_id: str, entries: Permissions) -> None:
        """Raise ``HTTPForbidden`` when a new record's path has entries by which the user may not write."""

    def decide_again(self, object_id: str, current: Permissions) -> None:
        """Raise ``HTTPForbidden`` when the user is not allowed any more to do what the request does."""

    def still_shares(self, entries: Mapping[str, Permissions]) -> bool:
        """Whether records with these entries, by record id, are shared with the user as it was decided."""


class ShareableModel(Model):
    """A model whose records have their permissions in ``permissions_field``, outside of the storage.

    Set ``permission``, ``current_principal`` (who is always given ``write``; None: nobody) and
    ``get_permission_object_id``, a function of a record's id, before it is used. Permissions are
    written after the record, whose collection is locked from then on where the storage has
    transactions.
    """

    permissions_field: str = "__permissions__"
    permission: PermissionBase
    current_principal: str | None = None
    get_permission_object_id: Callable[[str], str]
    guard: Guard | None = None
    """Context of the request's route: it knows permissions, and notices when they have changed."""

    def get_record(self, record_id: str, parent_id: str | None = None) -> Record:
        """Record with the id, and its permissions. Raises ``RecordNotFoundError``."""
        record = super().get_record(record_id, parent_id)
        object_id = self.get_permission_object_id(record_id)
        read = self.permission.object_permissions if self.guard is None else self.guard.permissions_of
        return {**record, self.permissions_field: read(object_id)}

    def create_record(
        self,
        record: Record,
        parent_id: str | None = None,
        unique_fields: Sequence[str] | None = None,
        *,
        expected: int | None = None,
    ) -> Record:
        """Store a new record, with the permissions that it holds and no others."""
        bare, permissions = self._parted(record)
        created = super().create_record(bare, parent_id, unique_fields, expected=expected)
        object_id = self.get_permission_object_id(created[self.id_field])
        write = self._writer(object_id, permissions, whole=True)
        found = self._write(write, {}, lambda guard, entries: guard.refuse_to_take_over(object_id, entries))
        return {**created, self.permissions_field: found}

    def update_record(
        self,
        record: Record,
        parent_id: str | None = None,
        unique_fields: Sequence[str] | None = None,
        *,
        expected: Expected = None,
    ) -> Record:
        """Replace the record, and those of its permissions that the given one holds."""
        bare, permissions = self._parted(record)
        object_id = self.get_permission_object_id(record[self.id_field])
        known = self._known(object_id)
        updated = super().update_record(bare, parent_id, unique_fields, expected=expected)
        write = self._writer(object_id, permissions)
        found = self._write(write, known, partial(self._refuse_update, object_id, updated, parent_id))
        return {**updated, self.permissions_field: found}

    def delete_record(
        self,
        record: Record,
        parent_id: str | None = None,
        last_modified: int | None = None,
        *,
        expected: Expected = None,
    ) -> Record:
        """Delete the record and its permissions; its tombstone, without any."""
        object_id = self.get_permission_object_id(record[self.id_field])
        known = self._known(object_id)
        tombstone = super().delete_record(record, parent_id, last_modified, expected=expected)
        write = partial(self.permission.write_object_permissions, object_id, {}, whole=True)
        with suppress(_MadeAgain):
            self._write(write, known, partial(self._refuse_deletion, object_id, tombstone, parent_id))
        return tombstone

    def delete_records(
        self,
        filters: Sequence[Filter] | None = None,
        parent_id: str | None = None,
        *,
        sorting: Sequence[Sort] | None = None,
        pagination_rules: Rules | None = None,
        limit: int | None = None,
        expected: int | None = None,
    ) -> list[Record]:
        """Delete what matches, and its permissions; the tombstones, without any.

        Where a failure undoes both, it is one (``TransientBackendError``, so that the request is
        repeated) to delete a record that somebody has ceased to share with the user.
        """
        tombstones = super().delete_records(
            filters,
            parent_id,
            sorting=sorting,
            pagination_rules=pagination_rules,
            limit=limit,
            expected=expected,
        )
        ids = [tombstone[self.id_field] for tombstone in tombstones]
        object_ids = {record_id: self.get_permission_object_id(record_id) for record_id in ids}
        deleted = self.permission.delete_object_permissions(*object_ids.values())
        if deleted is not None:
            self._start_over_unless_shared({key: deleted.get(object_ids[key], {}) for key in ids})
        return tombstones

    def _parted(self, record: Record) -> tuple[Record, Mapping[str, Any]]:
        bare = dict(record)
        return bare, bare.pop(self.permissions_field, None) or {}

    def _known(self, object_id: str) -> Permissions | None:
        """Permissions at the moment of the decision; to be asked for before the record is written."""
        return None if self.guard is None else self.guard.expected_permissions(object_id)

    def _writer(self, object_id: str, permissions: Mapping[str, Any], *, whole: bool = False) -> _Write:
        added = {} if self.current_principal is None else {WRITE: [self.current_principal]}
        write = self.permission.write_object_permissions
        return partial(write, object_id, permissions, added=added, whole=whole)

    def _write(
        self, write: _Write, expected: Permissions | None, refuse: Callable[[Guard, Permissions], None]
    ) -> Permissions:
        """Permissions after writing them, on condition that nobody else did meanwhile.

        Where somebody did, ``refuse`` is called with what they are, and raises if they may not be
        written any more. The record, which was written before, is rolled back where the storage
        has transactions.
        """
        if self.guard is None:
            return write()
        for _ in range(ATTEMPTS):
            try:
                return write(expected=expected)
            except PermissionsChangedError as error:
                expected = error.current
                refuse(self.guard, expected)
        raise BackendError(message="too many concurrent changes of the permissions of one object")

    def _start_over_unless_shared(self, entries: Mapping[str, Permissions]) -> None:
        memory = memory_of_attempts(self.storage, self.permission)
        if memory is not None and self.guard is not None and not self.guard.still_shares(entries):
            memory.add(OVERTAKEN)
            raise TransientBackendError(message="records ceased to be shared while they were deleted")

    def _refuse_update(
        self, object_id: str, updated: Record, parent_id: str | None, guard: Guard, entries: Permissions
    ) -> None:
        guard.decide_again(object_id, entries)
        if self._stored_version(updated, parent_id) != updated[self.modified_field]:
            raise ModifiedMeanwhileError

    def _refuse_deletion(
        self, object_id: str, tombstone: Record, parent_id: str | None, guard: Guard, entries: Permissions
    ) -> None:
        if self._stored_version(tombstone, parent_id) is not None:
            raise _MadeAgain
        guard.decide_again(object_id, entries)

    def _stored_version(self, record: Record, parent_id: str | None) -> int | None:
        """Timestamp of the record that has this id now, None when there is none."""
        try:
            found = super().get_record(record[self.id_field], parent_id)
        except RecordNotFoundError:
            return None
        version: int = found[self.modified_field]
        return version


class _MadeAgain(Exception):
    """Somebody created the deleted record again: its permissions are his."""


class ProtectedModel(ShareableModel, metaclass=DeprecatedMeta):
    """Retired name of ShareableModel."""

    __deprecation_warning__ = (
        "ProtectedModel is deprecated, use ShareableModel instead. It will be removed in version 1.0."
    )
