"""Contract of a permission backend: the permissions of an object replaced, added to, expected."""
# ruff: noqa: D102 - the name of a test is its sentence

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from cliquet_like.permission.access import Permissions
from cliquet_like.permission.base import PermissionBase
from cliquet_like.permission.exceptions import PermissionsChangedError
from cliquet_like.testing.contracts.permission_base import PermissionSuite, give

UNEXPECTED: dict[str, Permissions] = {
    "nothing": {},
    "fewer": {"read": {"alice"}},
    "more": {"read": {"alice", "bob", "carol"}},
    "another permission, too": {"read": {"alice", "bob"}, "write": {"alice"}},
    "another permission": {"write": {"alice", "bob"}},
    "another case": {"read": {"alice", "Bob"}},
    "nul": {"read": {"alice", "bob", "nul \0"}},
    "a surrogate": {"read": {"alice", "bob"}, "\ud800": {"alice"}},
    "a long text": {"read": {"alice", "bob", "x" * 60_000}},
}
"""What an object with ``{"read": {"alice", "bob"}}`` does not have."""


class ReplacingContract(PermissionSuite):
    """``replace_object_permissions``, and ``write_object_permissions`` where it does the same."""

    def test_permissions_are_replaced(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("read", "bob"), ("write", "alice"))

        permission.replace_object_permissions("/a", {"read": ["bob", "carol"], "write": ["dave"]})

        assert permission.object_permissions("/a") == {"read": {"bob", "carol"}, "write": {"dave"}}
        assert permission.principals_accessible_objects(["alice"], "read") == set()
        assert permission.principals_accessible_objects(["carol"], "read") == {"/a"}

    def test_permissions_that_are_not_listed_stay(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("reads", "bob"), ("write", "carol"))
        give(permission, "/a/b", ("read", "alice"))

        permission.replace_object_permissions("/a", {"read": ["dave"]})

        assert permission.object_permissions("/a") == {"read": {"dave"}, "reads": {"bob"}, "write": {"carol"}}
        assert permission.object_permissions("/a/b") == {"read": {"alice"}}

    def test_an_empty_list_takes_a_permission_from_everybody(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("read", "bob"), ("write", "alice"))

        permission.replace_object_permissions("/a", {"read": [], "unknown": []})
        left = permission.object_permissions("/a")
        permission.replace_object_permissions("/a", {"write": []})

        assert left == {"write": {"alice"}}
        assert permission.object_permissions("/a") == {}

    def test_an_empty_mapping_does_nothing(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        permission.replace_object_permissions("/a", {})
        permission.replace_object_permissions("/b", {})
        answer = permission.write_object_permissions("/a", {})

        assert answer == permission.object_permissions("/a") == {"read": {"alice"}}
        assert permission.object_permissions("/b") == permission.write_object_permissions("/b", {}) == {}

    def test_an_object_that_had_none_gets_permissions(self, permission: PermissionBase) -> None:
        permission.replace_object_permissions("/a", {"read": ["alice"], "write": []})

        assert permission.object_permissions("/a") == {"read": {"alice"}}

    @pytest.mark.parametrize(
        "kind", [list, tuple, iter, dict.fromkeys], ids=["list", "tuple", "iter", "dict"]
    )
    def test_principals_may_be_any_iterable_and_twice_there(
        self, permission: PermissionBase, kind: Callable[[list[str]], Iterable[str]]
    ) -> None:
        principals = ["alice", "bob", "alice"]

        permission.replace_object_permissions("/a", {"read": kind(principals)})
        answer = permission.write_object_permissions(
            "/b", {"read": kind(principals)}, added={"write": kind(principals), "read": kind(principals)}
        )

        both = {"alice", "bob"}
        assert permission.object_permissions("/a") == {"read": both}
        assert answer == permission.object_permissions("/b") == {"read": both, "write": both}

    def test_what_is_given_is_copied(self, permission: PermissionBase) -> None:
        principals = {"alice"}
        permission.replace_object_permissions("/a", {"read": principals})
        answer = permission.write_object_permissions("/b", {"read": principals}, added={"write": principals})

        principals.add("bob")
        answer["read"].add("bob")
        answer["other"] = {"bob"}

        assert permission.object_permissions("/a") == {"read": {"alice"}}
        assert permission.object_permissions("/b") == {"read": {"alice"}, "write": {"alice"}}


class WritingContract(PermissionSuite):
    """``write_object_permissions``: replace, add and answer in one step."""

    def test_the_answer_is_all_that_the_object_has_then(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("write", "bob"), ("create", "carol"))

        answer = permission.write_object_permissions("/a", {"read": ["dave"], "write": []})

        assert answer == {"read": {"dave"}, "create": {"carol"}}
        assert permission.object_permissions("/a") == answer

    def test_added_permissions_take_nothing_from_anybody(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("write", "bob"))

        answer = permission.write_object_permissions(
            "/a", {}, added={"read": ["carol"], "write": [], "create": ["bob"]}
        )

        assert answer == {"read": {"alice", "carol"}, "write": {"bob"}, "create": {"bob"}}
        assert permission.object_permissions("/a") == answer

    def test_added_permissions_come_on_top_of_those_that_replace(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("write", "alice"))

        answer = permission.write_object_permissions(
            "/a", {"read": [], "write": ["bob"]}, added={"write": ["carol", "bob"], "read": ["dave"]}
        )

        assert answer == {"read": {"dave"}, "write": {"bob", "carol"}}
        assert permission.object_permissions("/a") == answer

    def test_the_whole_loses_what_is_not_named(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("write", "bob"), ("create", "carol"))
        give(permission, "/a/b", ("write", "bob"))

        answer = permission.write_object_permissions(
            "/a", {"read": ["alice", "dave"]}, added={"write": ["erin"]}, whole=True
        )

        assert answer == {"read": {"alice", "dave"}, "write": {"erin"}}
        assert permission.object_permissions("/a") == answer
        assert permission.object_permissions("/a/b") == {"write": {"bob"}}

    def test_an_empty_whole_leaves_nothing(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("write", "bob"))

        answer = permission.write_object_permissions("/a", {}, whole=True)

        assert answer == permission.object_permissions("/a") == {}
        assert permission.principals_accessible_objects(["alice"], "read") == set()

    @pytest.mark.parametrize("options", [{}, {"whole": True}, {"added": {"write": ["dave"]}}], ids=str)
    def test_what_was_expected_is_replaced(self, permission: PermissionBase, options: dict[str, Any]) -> None:
        give(permission, "/a", ("read", "alice"), ("read", "bob"))
        expected = {"read": {"bob", "alice"}, "write": set[str]()}

        answer = permission.write_object_permissions("/a", {"read": ["carol"]}, expected=expected, **options)

        assert answer == permission.object_permissions("/a") == {"read": {"carol"}, **added_of(options)}

    @pytest.mark.parametrize("options", [{}, {"whole": True}, {"added": {"write": ["dave"]}}], ids=str)
    @pytest.mark.parametrize("kind", UNEXPECTED)
    def test_nothing_is_written_when_something_else_was_expected(
        self, permission: PermissionBase, kind: str, options: dict[str, Any]
    ) -> None:
        give(permission, "/a", ("read", "alice"), ("read", "bob"))
        expected = UNEXPECTED[kind]

        with pytest.raises(PermissionsChangedError) as raised:
            permission.write_object_permissions("/a", {"read": ["carol"]}, expected=expected, **options)

        assert raised.value.current == {"read": {"alice", "bob"}}
        assert permission.object_permissions("/a") == {"read": {"alice", "bob"}}
        assert permission.principals_accessible_objects(["carol", "dave"], "read") == set()

    @pytest.mark.parametrize("permissions", [{}, {"read": []}, {"read": ["alice"]}], ids=str)
    def test_a_write_that_would_change_nothing_is_refused_too(
        self, permission: PermissionBase, permissions: dict[str, list[str]]
    ) -> None:
        with pytest.raises(PermissionsChangedError) as raised:
            permission.write_object_permissions("/a", permissions, expected={"read": {"alice"}})

        assert raised.value.current == permission.object_permissions("/a") == {}

    def test_an_object_without_permissions_may_be_expected(self, permission: PermissionBase) -> None:
        first = permission.write_object_permissions("/a", {"read": ["alice"]}, expected={})
        with pytest.raises(PermissionsChangedError) as raised:
            permission.write_object_permissions("/a", {"read": ["bob"]}, expected={})

        assert first == raised.value.current == permission.object_permissions("/a") == {"read": {"alice"}}

    def test_what_is_expected_counts_whether_named_or_not(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("write", "alice"))

        with pytest.raises(PermissionsChangedError):
            permission.write_object_permissions("/a", {"read": []}, expected={"read": {"alice"}})

        assert permission.object_permissions("/a") == {"read": {"alice"}, "write": {"alice"}}

    def test_what_others_have_is_not_what_is_expected(self, permission: PermissionBase) -> None:
        give(permission, "/a/b", ("read", "alice"))
        give(permission, "/A", ("read", "alice"))

        answer = permission.write_object_permissions("/a", {"read": ["bob"]}, expected={})

        assert answer == {"read": {"bob"}}
        assert permission.object_permissions("/a/b") == {"read": {"alice"}}


def added_of(options: dict[str, Any]) -> dict[str, set[str]]:
    """Permissions that options of a write add."""
    return {name: set(principals) for name, principals in options.get("added", {}).items()}
