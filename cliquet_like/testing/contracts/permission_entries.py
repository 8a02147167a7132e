"""Contract of a permission backend: groups of users, and entries of objects."""
# ruff: noqa: D102 - the name of a test is its sentence

from cliquet_like.permission.base import PermissionBase
from cliquet_like.testing.contracts.permission_base import PermissionSuite, give, join


class GroupsContract(PermissionSuite):
    """Who is a member of which group."""

    def test_a_user_has_the_groups_it_was_added_to(self, permission: PermissionBase) -> None:
        permission.add_user_principal("alice", "group:x")
        permission.add_user_principal("alice", "group:y")
        permission.add_user_principal("bob", "group:y")

        assert permission.user_principals("alice") == {"group:x", "group:y"}
        assert permission.user_principals("bob") == {"group:y"}

    def test_an_unknown_user_has_no_groups(self, permission: PermissionBase) -> None:
        permission.add_user_principal("alice", "group:x")

        assert permission.user_principals("bob") == set()
        assert permission.user_principals("group:x") == set()
        assert permission.user_principals("") == set()

    def test_a_user_is_added_once(self, permission: PermissionBase) -> None:
        permission.add_user_principal("alice", "group:x")
        permission.add_user_principal("alice", "group:x")

        permission.remove_user_principal("alice", "group:x")

        assert permission.user_principals("alice") == set()

    def test_leaving_a_group_leaves_all_the_others(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x", "group:y"], "bob": ["group:x"]})

        permission.remove_user_principal("alice", "group:x")

        assert permission.user_principals("alice") == {"group:y"}
        assert permission.user_principals("bob") == {"group:x"}

    def test_leaving_what_one_is_not_in_is_silent(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"]})

        permission.remove_user_principal("alice", "group:y")
        permission.remove_user_principal("bob", "group:x")

        assert permission.user_principals("alice") == {"group:x"}

    def test_one_may_join_again(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"]})
        permission.remove_user_principal("alice", "group:x")

        permission.add_user_principal("alice", "group:x")

        assert permission.user_principals("alice") == {"group:x"}

    def test_a_group_is_removed_from_every_user(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x", "group:y"], "bob": ["group:x"], "carol": ["group:xx"]})

        permission.remove_principal("group:x")

        assert permission.user_principals("alice") == {"group:y"}
        assert permission.user_principals("bob") == set()
        assert permission.user_principals("carol") == {"group:xx"}

    def test_a_removed_group_may_have_users_again(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"], "bob": ["group:x"]})
        permission.remove_principal("group:x")

        permission.add_user_principal("bob", "group:x")

        assert permission.user_principals("alice") == set()
        assert permission.user_principals("bob") == {"group:x"}

    def test_removing_a_group_without_users_is_silent(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"]})

        permission.remove_principal("group:y")
        permission.remove_principal("")

        assert permission.user_principals("alice") == {"group:x"}

    def test_a_removed_group_keeps_its_entries(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"]})
        give(permission, "/a", ("read", "group:x"))

        permission.remove_principal("group:x")

        assert permission.object_permissions("/a") == {"read": {"group:x"}}

    def test_removing_a_group_keeps_the_groups_of_a_user_of_that_name(
        self, permission: PermissionBase
    ) -> None:
        join(permission, {"alice": ["group:x"], "bob": ["alice"]})

        permission.remove_principal("alice")

        assert permission.user_principals("alice") == {"group:x"}
        assert permission.user_principals("bob") == set()

    def test_the_groups_of_a_group_are_not_those_of_its_users(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"], "group:x": ["group:y"]})

        assert permission.user_principals("alice") == {"group:x"}

    def test_groups_are_copies(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"]})

        permission.user_principals("alice").add("group:y")
        permission.user_principals("bob").add("group:y")

        assert permission.user_principals("alice") == {"group:x"}
        assert permission.user_principals("bob") == set()


class EntriesContract(PermissionSuite):
    """Who has which permission on an object."""

    def test_an_entry_gives_one_principal_one_permission_on_one_object(
        self, permission: PermissionBase
    ) -> None:
        permission.add_principal_to_ace("/a", "read", "alice")
        permission.add_principal_to_ace("/a", "read", "bob")
        permission.add_principal_to_ace("/a", "write", "alice")

        assert permission.object_permission_principals("/a", "read") == {"alice", "bob"}
        assert permission.object_permission_principals("/a", "write") == {"alice"}

    def test_nobody_has_what_was_not_given(self, permission: PermissionBase) -> None:
        permission.add_principal_to_ace("/a", "read", "alice")

        assert permission.object_permission_principals("/a", "write") == set()
        assert permission.object_permission_principals("/b", "read") == set()
        assert permission.object_permission_principals("", "") == set()

    def test_an_entry_is_added_once(self, permission: PermissionBase) -> None:
        permission.add_principal_to_ace("/a", "read", "alice")
        permission.add_principal_to_ace("/a", "read", "alice")

        permission.remove_principal_from_ace("/a", "read", "alice")

        assert permission.object_permission_principals("/a", "read") == set()

    def test_removing_an_entry_leaves_all_the_others(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("read", "bob"), ("write", "alice"))
        give(permission, "/b", ("read", "alice"))

        permission.remove_principal_from_ace("/a", "read", "alice")

        assert permission.object_permissions("/a") == {"read": {"bob"}, "write": {"alice"}}
        assert permission.object_permissions("/b") == {"read": {"alice"}}

    def test_removing_an_absent_entry_is_silent(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        permission.remove_principal_from_ace("/a", "read", "bob")
        permission.remove_principal_from_ace("/a", "write", "alice")
        permission.remove_principal_from_ace("/b", "read", "alice")

        assert permission.object_permissions("/a") == {"read": {"alice"}}

    def test_an_object_whose_last_entry_went_has_no_permissions(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("write", "alice"))

        permission.remove_principal_from_ace("/a", "read", "alice")
        left = permission.object_permissions("/a")
        permission.remove_principal_from_ace("/a", "write", "alice")

        assert left == {"write": {"alice"}}
        assert permission.object_permissions("/a") == {}
        assert permission.principals_accessible_objects(["alice"], "write") == set()

    def test_permissions_of_an_object_are_principals_by_permission(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("read", "bob"), ("write", "alice"))
        give(permission, "/b", ("read", "carol"))

        assert permission.object_permissions("/a") == {"read": {"alice", "bob"}, "write": {"alice"}}

    def test_an_unknown_object_has_no_permissions(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        assert permission.object_permissions("/b") == {}
        assert permission.object_permissions("/b", ["read"]) == {}
        assert permission.object_permissions("") == {}

    def test_only_permissions_that_are_asked_for_are_answered(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("write", "bob"), ("create", "carol"))

        assert permission.object_permissions("/a", ["read"]) == {"read": {"alice"}}
        assert permission.object_permissions("/a", ("write", "delete")) == {"write": {"bob"}}
        assert permission.object_permissions("/a", iter(["read", "create", "read"])) == {
            "read": {"alice"},
            "create": {"carol"},
        }
        assert permission.object_permissions("/a", ["delete"]) == {}
        assert permission.object_permissions("/a", []) == {}

    def test_permissions_are_copies(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        permission.object_permission_principals("/a", "read").add("bob")
        permission.object_permission_authorized_principals("/a", "read").add("bob")
        permission.object_permissions("/a")["read"].add("bob")
        permission.object_permissions("/a")["write"] = {"bob"}
        permission.principals_accessible_objects(["alice"], "read").add("/b")

        assert permission.object_permissions("/a") == {"read": {"alice"}}
        assert permission.principals_accessible_objects(["alice"], "read") == {"/a"}

    def test_objects_are_deleted_with_all_their_permissions(self, permission: PermissionBase) -> None:
        for object_id in ("/a", "/b", "/c"):
            give(permission, object_id, ("read", "alice"), ("write", "alice"))

        deleted = permission.delete_object_permissions("/a", "/c", "/unknown", "/a")

        assert deleted == {key: {"read": {"alice"}, "write": {"alice"}} for key in ("/a", "/c")}
        assert permission.object_permissions("/a") == permission.object_permissions("/c") == {}
        assert permission.object_permissions("/b") == {"read": {"alice"}, "write": {"alice"}}
        assert permission.principals_accessible_objects(["alice"], "write") == {"/b"}

    def test_deleting_no_objects_changes_nothing(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))
        give(permission, "", ("read", "bob"))

        deleted = permission.delete_object_permissions()

        assert deleted == {}
        assert permission.object_permissions("/a") == {"read": {"alice"}}
        assert permission.object_permissions("") == {"read": {"bob"}}

    def test_deleting_answers_what_the_objects_had(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("read", "bob"), ("write", "group:x"))
        give(permission, "", ("", ""))

        deleted = permission.delete_object_permissions("", "/a", "/unknown")
        again = permission.delete_object_permissions("", "/a")

        assert deleted == {"/a": {"read": {"alice", "bob"}, "write": {"group:x"}}, "": {"": {""}}}
        assert again == permission.delete_object_permissions("/a") == {}

    def test_only_the_object_itself_is_deleted(self, permission: PermissionBase) -> None:
        kept = ["/a/b", "/ab", "/A", "/", "", "*", "/b", "a"]
        for object_id in ["/a", *kept]:
            give(permission, object_id, ("read", "alice"))

        permission.delete_object_permissions("/a")
        permission.delete_object_permissions("/*", "/_", "%", "?")

        assert permission.principals_accessible_objects(["alice"], "read") == set(kept)

    def test_a_deleted_object_may_have_permissions_again(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("write", "alice"))
        permission.delete_object_permissions("/a")

        permission.add_principal_to_ace("/a", "read", "bob")

        assert permission.object_permissions("/a") == {"read": {"bob"}}

    def test_deleting_objects_keeps_groups(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"]})
        give(permission, "alice", ("read", "group:x"))

        permission.delete_object_permissions("alice", "group:x")

        assert permission.user_principals("alice") == {"group:x"}

    def test_a_flush_leaves_neither_groups_nor_permissions(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"]})
        give(permission, "/a", ("read", "alice"))

        permission.flush()

        assert permission.user_principals("alice") == set()
        assert permission.object_permissions("/a") == {}
        assert permission.principals_accessible_objects(["alice"], "read") == set()

    def test_initializing_again_keeps_all(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"]})
        give(permission, "/a", ("read", "alice"))

        permission.initialize_schema()

        assert permission.user_principals("alice") == {"group:x"}
        assert permission.object_permissions("/a") == {"read": {"alice"}}
