"""Contract of a permission backend: many objects, groups and principals at once."""
# ruff: noqa: D102 - the name of a test is its sentence

from cliquet_like.permission.access import Pair, SharedQuestion
from cliquet_like.permission.base import PermissionBase
from cliquet_like.testing.contracts.permission_base import PermissionSuite, give, join

MANY = 33_000
"""More than SQLite binds to a statement (32 766), and than Lua puts on its stack (8000)."""


class NumbersContract(PermissionSuite):
    """There may be many of everything at once."""

    def test_many_objects_are_read_and_deleted_at_once(self, permission: PermissionBase) -> None:
        object_ids = [f"/books/{number}" for number in range(MANY)]
        for object_id in (object_ids[0], object_ids[-1], "/kept"):
            give(permission, object_id, ("read", "alice"))

        found = permission.read_access(object_ids).permissions
        permission.delete_object_permissions(*object_ids)

        assert len(found) == MANY
        assert found[object_ids[-1]] == {"read": {"alice"}}
        assert permission.principals_accessible_objects(["alice"], "read") == {"/kept"}

    def test_a_user_may_have_many_groups_and_an_object_many_readers(self, permission: PermissionBase) -> None:
        groups = [f"group:{number}" for number in range(1000)]
        join(permission, {"alice": groups})
        permission.write_object_permissions("/a", {"read": [*groups, "bob"]})
        permission.write_object_permissions("/b", {"read": [groups[-1]]})

        question = SharedQuestion(frozenset(), (Pair("/*", "read"),), (Pair("/", "read"),))
        access = permission.read_access(["/a"], user_id="alice", shared=question)
        left = permission.write_object_permissions("/a", {}, whole=True, expected={"read": {*groups, "bob"}})

        assert access.groups == set(groups)
        assert access.permissions["/a"]["read"] == {*groups, "bob"}
        assert (
            access.shared == permission.principals_accessible_objects(groups, "read") | {"/a"} == {"/a", "/b"}
        )
        assert left == {}

    def test_many_principals_may_ask(self, permission: PermissionBase) -> None:
        principals = [f"group:{number}" for number in range(MANY)]
        give(permission, "/a", ("read", principals[-1]))

        assert permission.principals_accessible_objects(principals, "read", "/*") == {"/a"}
        assert permission.check_permission("/a", "read", principals) is True
