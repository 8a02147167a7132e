"""The contract of a permission backend: a backend supplies the hooks at the end."""

from collections.abc import Iterable, Mapping, Sequence

from cliquet_like.permission.access import (
    MAX_ENTRY_BYTES,
    WILDCARD,
    Access,
    BoundPermissions,
    Entry,
    Pair,
    Permissions,
    SharedQuestion,
    bound_pairs,
    fits,
    flattened,
    grouped,
    is_storable,
    replaced,
)
from cliquet_like.permission.exceptions import PermissionsChangedError


class PermissionBase:
    """Groups of users, and who may do what on which object.

    A principal is a text: a user id with its prefix, a group, ``system.Everyone``,
    ``system.Authenticated``. An object id is any text, for resources the path of their URL
    without the version. Results are copies. A failure of the server leaves any method as
    ``BackendError``, and in no other shape; construction does not connect.

    A text with U+0000 or a lone surrogate, or an entry of more than :data:`MAX_ENTRY_BYTES`, is
    refused with ``ValueError`` where it would be stored; elsewhere nobody has it.
    """

    def initialize_schema(self) -> None:
        """Create tables or whatever else is needed, or bring them up to date. May run twice."""

    def flush(self) -> None:
        """Remove all groups and all permissions."""
        self._flush()

    # Groups

    def add_user_principal(self, user_id: str, principal: str) -> None:
        """Make a user a member of a group; silent when it is one already."""
        _refuse_unstorable(user_id, principal)
        self._add_user_principal(user_id, principal)

    def remove_user_principal(self, user_id: str, principal: str) -> None:
        """End a user's membership of a group; silent when there is none."""
        if is_storable(user_id, principal):
            self._remove_user_principal(user_id, principal)

    def remove_principal(self, principal: str) -> None:
        """End everybody's membership of a group. Its entries on objects stay."""
        if is_storable(principal):
            self._remove_principal(principal)

    def user_principals(self, user_id: str) -> set[str]:
        """Groups of a user; none for an unknown one."""
        return self._user_principals(user_id) if is_storable(user_id) else set()

    # Entries

    def add_principal_to_ace(self, object_id: str, permission: str, principal: str) -> None:
        """Give a principal a permission on an object; silent when it has it already."""
        _refuse_unstorable(object_id, permission, principal)
        self._add_entry(object_id, Entry(permission, principal))

    def remove_principal_from_ace(self, object_id: str, permission: str, principal: str) -> None:
        """Take a permission on an object from a principal; silent when it does not have it."""
        if is_storable(object_id, permission, principal):
            self._remove_entry(object_id, Entry(permission, principal))

    def object_permission_principals(self, object_id: str, permission: str) -> set[str]:
        """Who has a permission by an entry on the object itself."""
        return self.object_permissions(object_id).get(permission, set())

    def object_permissions(self, object_id: str, permissions: Iterable[str] | None = None) -> Permissions:
        """Principals by permission (None: all of them), without the permissions that nobody has."""
        found = self._read_entries([object_id])[object_id]
        return found if permissions is None else {name: found[name] for name in permissions if name in found}

    def replace_object_permissions(self, object_id: str, permissions: Mapping[str, Iterable[str]]) -> None:
        """Give each of these permissions to exactly these principals; others of the object stay.

        An empty list takes it from everybody; an empty mapping does nothing.
        """
        if permissions:
            self.write_object_permissions(object_id, permissions)

    def write_object_permissions(
        self,
        object_id: str,
        permissions: Mapping[str, Iterable[str]],
        *,
        added: Mapping[str, Iterable[str]] | None = None,
        whole: bool = False,
        expected: Permissions | None = None,
    ) -> Permissions:
        """Replace permissions, give the ``added`` ones besides, and answer all that the object has then.

        With ``whole`` the object loses those that are not named. Raises
        :class:`~cliquet_like.permission.exceptions.PermissionsChangedError`, with nothing
        written, when before it the object had others than the ``expected`` (None: whatever they
        are). All of it is one step: nobody comes between.
        """
        names = None if whole else frozenset(filter(is_storable, permissions))
        wanted = flattened(permissions) | flattened(added or {})
        _refuse_unstorable(object_id)
        for entry in wanted:
            _refuse_unstorable(object_id, *entry)
        condition = None if expected is None else flattened(expected)
        if condition is not None and not all(is_storable(*entry) for entry in condition):
            raise PermissionsChangedError(self.object_permissions(object_id))
        before = self._replace_entries(object_id, names, wanted, condition)
        if condition is not None and before != condition:
            raise PermissionsChangedError(grouped(before))
        return grouped(replaced(before, names, wanted))

    def delete_object_permissions(self, *object_ids: str) -> dict[str, Permissions]:
        """Take all permissions on these objects from everybody; none given is nothing to do.

        Answers what was taken, by object: exactly that, also when others write at the same time.
        An object that had no permissions is not among them.
        """
        storable = [object_id for object_id in dict.fromkeys(object_ids) if is_storable(object_id)]
        deleted = self._delete_objects(storable) if storable else {}
        return {object_id: grouped(entries) for object_id, entries in deleted.items()}

    # Decisions

    def object_permission_authorized_principals(
        self, object_id: str, permission: str, get_bound_permissions: BoundPermissions | None = None
    ) -> set[str]:
        """Who has a permission on an object, by an entry on it or by one that it is bound to."""
        pairs = bound_pairs(object_id, permission, get_bound_permissions)
        found = self._read_entries([pair.object_id for pair in pairs])
        return {principal for pair in pairs for principal in found[pair.object_id].get(pair.permission, ())}

    def check_permission(
        self,
        object_id: str,
        permission: str,
        principals: Iterable[str],
        get_bound_permissions: BoundPermissions | None = None,
    ) -> bool:
        """Whether one of the principals has a permission on an object."""
        authorized = self.object_permission_authorized_principals(
            object_id, permission, get_bound_permissions
        )
        return not authorized.isdisjoint(principals)

    def principals_accessible_objects(
        self,
        principals: Iterable[str],
        permission: str,
        object_id_match: str | None = None,
        get_bound_permissions: BoundPermissions | None = None,
    ) -> set[str]:
        """Ids, of those that match a pattern, of the objects on which the principals have a permission.

        In the pattern ``*`` stands for any text; none is every object. What it is bound to is
        asked with the pattern for an object id.
        """
        pattern = WILDCARD if object_id_match is None else object_id_match
        pairs = bound_pairs(pattern, permission, get_bound_permissions)
        return self._accessible(_storable(principals), _storable_pairs(pairs))

    def read_access(
        self, object_ids: Sequence[str], *, user_id: str | None = None, shared: SharedQuestion | None = None
    ) -> Access:
        """What a decision needs: groups of the user (None: nobody's), entries of the objects, shared ones.

        The groups count among the principals of ``shared``. A backend that can ask for all of it
        at once overrides :meth:`_read_access`.
        """
        known_user = user_id if user_id is not None and is_storable(user_id) else None
        question = shared and SharedQuestion(
            _storable(shared.principals), _storable_pairs(shared.patterns), _storable_pairs(shared.unless)
        )
        known = [object_id for object_id in dict.fromkeys(object_ids) if is_storable(object_id)]
        access = self._read_access(known, known_user, question)
        permissions = {object_id: access.permissions.get(object_id, {}) for object_id in object_ids}
        return Access(access.groups, permissions, access.shared)

    def _read_entries(self, object_ids: Sequence[str]) -> dict[str, Permissions]:
        """Permissions of each of the objects, also of those that have none."""
        known = [object_id for object_id in dict.fromkeys(object_ids) if is_storable(object_id)]
        found = self._entries(known) if known else {}
        return {object_id: grouped(found.get(object_id, ())) for object_id in object_ids}

    # Hooks. Texts can be stored, sequences have no duplicates and are not empty.

    def _flush(self) -> None:
        """Hook: remove everything."""
        raise NotImplementedError

    def _add_user_principal(self, user_id: str, principal: str) -> None:
        """Hook: add a user to a group."""
        raise NotImplementedError

    def _remove_user_principal(self, user_id: str, principal: str) -> None:
        """Hook: remove a user from a group."""
        raise NotImplementedError

    def _remove_principal(self, principal: str) -> None:
        """Hook: remove all users from a group."""
        raise NotImplementedError

    def _user_principals(self, user_id: str) -> set[str]:
        """Hook: groups of a user."""
        raise NotImplementedError

    def _add_entry(self, object_id: str, entry: Entry) -> None:
        """Hook: add an entry to an object."""
        raise NotImplementedError

    def _remove_entry(self, object_id: str, entry: Entry) -> None:
        """Hook: remove an entry from an object."""
        raise NotImplementedError

    def _entries(self, object_ids: Sequence[str]) -> dict[str, Iterable[Entry]]:
        """Hook: entries by object, of those that have some."""
        raise NotImplementedError

    def _replace_entries(
        self,
        object_id: str,
        names: frozenset[str] | None,
        wanted: frozenset[Entry],
        expected: frozenset[Entry] | None,
    ) -> frozenset[Entry]:
        """Hook: entries that an object had, which are replaced as :func:`~.access.replaced` says.

        Nothing is written when ``expected`` is given and is not what it had.
        """
        raise NotImplementedError

    def _delete_objects(self, object_ids: Sequence[str]) -> dict[str, Iterable[Entry]]:
        """Hook: remove all entries of the objects; those it removed by object, of those that had some."""
        raise NotImplementedError

    def _accessible(self, principals: frozenset[str], pairs: Sequence[Pair]) -> set[str]:
        """Hook: objects that match the pattern of a pair and have an entry of it for a principal.

        Either argument may be empty. It must look through what the principals have, not through
        all objects.
        """
        raise NotImplementedError

    def _read_access(
        self, object_ids: Sequence[str], user_id: str | None, shared: SharedQuestion | None
    ) -> Access:
        """Hook: groups, entries and shared objects; by default each is asked for by itself.

        ``object_ids`` may be empty.
        """
        groups = frozenset() if user_id is None else frozenset(self._user_principals(user_id))
        permissions = self._read_entries(object_ids)
        if shared is None:
            return Access(groups, permissions)
        principals = shared.principals | groups
        decisive = self._read_entries([pair.object_id for pair in shared.unless])
        if any(not principals.isdisjoint(decisive[pair[0]].get(pair[1], ())) for pair in shared.unless):
            return Access(groups, permissions)
        return Access(groups, permissions, frozenset(self._accessible(principals, shared.patterns)))


def _storable(principals: Iterable[str]) -> frozenset[str]:
    return frozenset(principal for principal in principals if is_storable(principal))


def _storable_pairs(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    return tuple(dict.fromkeys(pair for pair in pairs if is_storable(*pair)))


def _refuse_unstorable(*texts: str) -> None:
    if not is_storable(*texts):
        raise ValueError("a text with U+0000 or a lone surrogate cannot be stored")
    if not fits(*texts):
        raise ValueError(f"the texts of an entry are longer than {MAX_ENTRY_BYTES} bytes together")
