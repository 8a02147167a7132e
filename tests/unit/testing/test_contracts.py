import time
from fnmatch import fnmatchcase

import pytest

from cliquet_like.drivers.errors import BackendError
from cliquet_like.permission import PermissionBase, memory
from cliquet_like.permission.access import Access
from cliquet_like.testing import (
    CacheContract,
    CacheFailuresContract,
    PermissionContract,
    PermissionFailuresContract,
    StorageContract,
    StorageFailuresContract,
)
from cliquet_like.testing.contracts.threads import THREADS, in_threads


@pytest.mark.parametrize("contract", [CacheContract, PermissionContract, StorageContract])
def test_a_contract_asks_for_a_backend(contract):
    with pytest.raises(NotImplementedError):
        contract().make_backend()


@pytest.mark.parametrize(
    "contract", [CacheFailuresContract, PermissionFailuresContract, StorageFailuresContract]
)
def test_a_contract_of_failures_asks_for_a_failing_backend(contract):
    with pytest.raises(NotImplementedError):
        contract().make_failing_backend()


def test_the_cache_contract_waits_in_real_time_by_itself():
    assert CacheContract().wait(1) is None


@pytest.mark.parametrize("contract", [PermissionContract, StorageContract])
def test_no_test_of_a_contract_hides_another(contract):
    names = [name for part in contract.__bases__ for name in vars(part) if name.startswith("test_")]

    assert sorted(names) == sorted(set(names))


def test_threads_answer_in_their_order():
    assert in_threads(lambda number: number * 2) == [number * 2 for number in range(THREADS)]


def test_the_exception_of_a_thread_is_raised():
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda number: 1 // (number - 3))


class Sharing(memory.Permission):
    """Hands out what it keeps."""

    def _user_principals(self, user_id):
        return self._groups.setdefault(user_id, set())


class Hasty(memory.Permission):
    """Writes before it looks whether that was expected."""

    def _replace_entries(self, object_id, names, wanted, expected):
        return super()._replace_entries(object_id, names, wanted, None)


class Globbing(memory.Permission):
    """Takes a pattern for one of file names."""

    def _accessible(self, principals, pairs):
        return {
            object_id
            for object_id, entries in self._by_object.items()
            for pattern, permission in pairs
            if fnmatchcase(object_id, pattern) and {(permission, name) for name in principals} & entries
        }


class Undecided(memory.Permission):
    """Finds nothing decisive."""

    def _read_access(self, object_ids, user_id, shared):
        undecided = shared and type(shared)(shared.principals, shared.patterns)
        return super()._read_access(object_ids, user_id, undecided)


class Lonely(memory.Permission):
    """Forgets the groups of the user among the principals."""

    def _read_access(self, object_ids, user_id, shared):
        access = super()._read_access(object_ids, None, shared)
        return Access(frozenset(self._user_principals(user_id)), access.permissions, access.shared)


class Thorough(memory.Permission):
    """Removes the entries of a group with the group."""

    def _remove_principal(self, principal):
        for object_id, entries in list(self._by_object.items()):
            for entry in [entry for entry in entries if entry.principal == principal]:
                self._remove_entry(object_id, entry)


class Upsetting(memory.Permission):
    """Complains of what is not there."""

    def _remove_entry(self, object_id, entry):
        assert self._has(object_id, entry)


class Silent(memory.Permission):
    """Does not tell what it deletes."""

    def _delete_objects(self, object_ids):
        super()._delete_objects(object_ids)
        return {}


class Supposing(memory.Permission):
    """Tells what there was a moment before it deletes."""

    def _delete_objects(self, object_ids):
        found = self._entries(object_ids)
        time.sleep(0.001)
        super()._delete_objects(object_ids)
        return found


BROKEN = [
    (Sharing, "test_groups_are_copies", ()),
    (Hasty, "test_an_object_without_permissions_may_be_expected", ()),
    (Hasty, "test_of_writers_that_expect_the_same_one_wins", ()),
    (Globbing, "test_a_star_stands_for_any_text_and_nothing_else_does", ("/books/[1]*",)),
    (Undecided, "test_a_group_of_the_user_may_be_decisive", ()),
    (Lonely, "test_groups_of_the_user_count_among_the_principals", ()),
    (Thorough, "test_a_removed_group_keeps_its_entries", ()),
    (Upsetting, "test_removing_an_absent_entry_is_silent", ()),
    (Silent, "test_deleting_answers_what_the_objects_had", ()),
    (Supposing, "test_what_is_deleted_is_answered_once", ()),
]


@pytest.mark.parametrize(
    ("broken", "name", "arguments"), BROKEN, ids=[f"{row[0].__name__} {row[1]}" for row in BROKEN]
)
def test_a_broken_permission_backend_fails_the_contract(broken, name, arguments):
    test = getattr(PermissionContract(), name)

    test(memory.Permission(), *arguments)
    with pytest.raises(AssertionError):
        test(broken(), *arguments)


def failing(error):
    """Permission backend of which every hook raises the error."""

    def fail(self, *args):
        raise error

    hooks = {
        name: fail for name in vars(PermissionBase) if name.startswith("_") and not name.startswith("__")
    }
    return type("Failing", (PermissionBase,), {**hooks, "_read_access": PermissionBase._read_access})()


class TestUnreachablePermission(PermissionFailuresContract):
    def make_failing_backend(self):
        return failing(BackendError(ConnectionError("nobody listens")))


class Leaking(PermissionFailuresContract):
    def make_failing_backend(self):
        return failing(ConnectionError("nobody listens"))


class Silent(PermissionFailuresContract):
    def make_failing_backend(self):
        return memory.Permission()


@pytest.mark.parametrize(
    "name", ["user_principals", "delete, empty id", "replace, nothing", "read_access, all"]
)
def test_a_backend_that_leaks_or_hides_failures_fails_the_contract(name):
    with pytest.raises(ConnectionError):
        Leaking().test_every_method_raises_backend_error(name)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        Silent().test_every_method_raises_backend_error(name)
    with pytest.raises(AssertionError):
        Silent().test_the_heartbeat_answers_false(0.0)
