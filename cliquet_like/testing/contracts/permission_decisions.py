"""Contract of a permission backend: who may, and what somebody may reach."""
# ruff: noqa: D102 - the name of a test is its sentence

import re
from collections.abc import Sequence

import pytest

from cliquet_like.permission.base import PermissionBase
from cliquet_like.testing.contracts.permission_base import PermissionSuite, give

IDS = [
    *("", "/", "/books", "/books/", "/books/1", "/books/10", "/books/1/pages/2", "/books/1/pages/21"),
    *("/Books/1", "/booksX1", "/books0", "/b_oks/1", "/b%ks/1", "/books/[1]", "/books/?", "/books/\\1"),
    *("/books/^1$", "/books/.", "/books/\n1", "/books/it's", "/books/*", "/books/e\u0301", "/books/é"),
    *("/books/\ud7ff", "/books/\ud7ffx", "/books/\ue000", "/books/\uffff", "/books/\U0001f600"),
    *("/books/\U0010ffff", "/books/\U0010ffffx", "/pages/2", "x/books/1", "/books/12/pages/1"),
]
"""Object ids with characters that mean something to LIKE, GLOB, SCAN or regular expressions."""

PATTERNS = [
    *("", "*", "**", "/*", "/books", "/books*", "/books/*", "*/1", "*1", "/books/*/pages/*", "*books*"),
    *("/books/1*", "/books/1*1", "/books/1*pages*2*", "/books/*1", "/b*s/*", "*/books/*", "1*1", "*b*b*"),
    *("/b_oks/*", "/b%ks/*", "/b?oks/*", "/books/[*", "/books/[1]*", "[/]books/*", "/books/?", "/books/??"),
    *("/books/\\*", "/books/\\1*", "\\*", "*\\1", "/books/.*", "/books/^*", "^/*", "*$", "/books/\n*"),
    *("/BOOKS/*", "/books/é*", "/books/e*", "/books/\ud7ff*", "/books/\uffff*", "/books/\U0001f600*"),
    *("/books/\U0010ffff*", "\U0010ffff*", "/books/\ue000", "*\ud7ff", "*'s", "*'*", "_*", "%", "/books_"),
    *("/books/*/", "/books/**1", "/books/1/pages/2*", "*/pages/2", "/books/*[*]*", "*x"),
]


class PatternsContract(PermissionSuite):
    """What somebody may reach, of the objects that match a pattern."""

    @pytest.mark.parametrize("pattern", PATTERNS, ids=ascii)
    def test_a_star_stands_for_any_text_and_nothing_else_does(
        self, permission: PermissionBase, pattern: str
    ) -> None:
        for object_id in IDS:
            permission.add_principal_to_ace(object_id, "read", "alice")

        found = permission.principals_accessible_objects(["alice"], "read", pattern)

        meaning = ".*".join(re.escape(part) for part in pattern.split("*"))
        assert found == {object_id for object_id in IDS if re.fullmatch(meaning, object_id, re.DOTALL)}

    def test_no_pattern_is_every_object(self, permission: PermissionBase) -> None:
        for object_id in IDS:
            permission.add_principal_to_ace(object_id, "read", "alice")

        assert permission.principals_accessible_objects(["alice"], "read") == set(IDS)
        assert permission.principals_accessible_objects(["alice"], "read", None) == set(IDS)

    def test_a_pattern_without_star_is_one_object(self, permission: PermissionBase) -> None:
        for object_id in ("/a", "/ab", "/A", "x/a"):
            give(permission, object_id, ("read", "alice"))

        assert permission.principals_accessible_objects(["alice"], "read", "/a") == {"/a"}
        assert permission.principals_accessible_objects(["alice"], "read", "/") == set()

    def test_only_objects_with_the_permission_for_one_of_the_principals_are_reached(
        self, permission: PermissionBase
    ) -> None:
        give(permission, "/a", ("read", "alice"), ("read", "bob"))
        give(permission, "/b", ("read", "bob"), ("write", "alice"))
        give(permission, "/c", ("write", "alice"), ("write", "bob"))
        give(permission, "/d", ("read", "alices"), ("reads", "alice"), ("alice", "read"))

        assert permission.principals_accessible_objects(["alice"], "read", "/*") == {"/a"}
        assert permission.principals_accessible_objects(["alice", "bob"], "read", "/*") == {"/a", "/b"}
        assert permission.principals_accessible_objects(["carol"], "read", "/*") == set()

    def test_principals_may_be_any_iterable(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        for principals in ({"alice", "bob"}, ("alice", "alice"), iter(["bob", "alice"])):
            assert permission.principals_accessible_objects(principals, "read") == {"/a"}

    def test_no_principals_reach_nothing(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))
        give(permission, "/b", ("read", ""))

        assert permission.principals_accessible_objects([], "read") == set()
        assert permission.principals_accessible_objects([""], "read") == {"/b"}

    def test_what_includes_the_permission_reaches_too(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("write", "alice"))
        give(permission, "/b", ("read", "alice"))
        give(permission, "/b/c", ("create", "alice"))
        give(permission, "/a/c", ("create", "alice"), ("write", "alice"), ("read", "bob"))

        def bound(object_id: str, permission: str) -> Sequence[tuple[str, str]]:
            return [(object_id, permission), (object_id, "write"), (object_id + "/*", "create")]

        found = permission.principals_accessible_objects(["alice"], "read", "/*", bound)
        below_b = permission.principals_accessible_objects(["alice"], "read", "/b", bound)

        assert found == {"/a", "/b", "/b/c", "/a/c"}
        assert below_b == {"/b", "/b/c"}

    def test_the_question_is_bound_with_its_pattern(self, permission: PermissionBase) -> None:
        asked = []

        def bound(object_id: str, permission: str) -> list[tuple[str, str]]:
            asked.append((object_id, permission))
            return [(object_id, permission)]

        permission.principals_accessible_objects(["alice"], "read", "/a/*", bound)
        permission.principals_accessible_objects(["alice"], "read", None, bound)

        assert asked == [("/a/*", "read"), ("*", "read")]

    def test_bound_to_nothing_is_nothing(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        assert permission.principals_accessible_objects(["alice"], "read", "*", lambda *_: []) == set()

    def test_a_permission_that_is_bound_to_others_only_is_not_enough(
        self, permission: PermissionBase
    ) -> None:
        give(permission, "/a", ("read", "alice"))
        give(permission, "/b", ("write", "alice"))

        found = permission.principals_accessible_objects(
            ["alice"], "read", "*", lambda object_id, _: [(object_id, "write"), (object_id, "write")]
        )

        assert found == {"/b"}


class DecisionsContract(PermissionSuite):
    """Who has a permission by entries on an object, or on others."""

    def test_one_of_the_principals_is_enough(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("read", "group:x"))

        assert permission.check_permission("/a", "read", ["bob", "group:x"]) is True
        assert permission.check_permission("/a", "read", {"alice"}) is True
        assert permission.check_permission("/a", "read", iter(["bob", "alice"])) is True

    def test_nobody_else_has_it(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        assert permission.check_permission("/a", "read", ["bob", "Alice", "alic", "alice ", "read"]) is False
        assert permission.check_permission("/a", "write", ["alice"]) is False
        assert permission.check_permission("/b", "read", ["alice"]) is False
        assert permission.check_permission("/a", "read", []) is False

    def test_groups_count_only_among_the_principals(self, permission: PermissionBase) -> None:
        permission.add_user_principal("alice", "group:x")
        give(permission, "/a", ("read", "group:x"))

        assert permission.check_permission("/a", "read", ["alice"]) is False
        assert permission.object_permission_authorized_principals("/a", "read") == {"group:x"}
        assert permission.principals_accessible_objects(["alice"], "read") == set()

    def test_those_who_have_what_includes_a_permission_have_it(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("write", "bob"), ("create", "dave"))
        give(permission, "/", ("write", "carol"), ("read", "erin"))
        asked = []

        def bound(object_id: str, permission: str) -> list[tuple[str, str]]:
            asked.append((object_id, permission))
            return [("/a", "read"), ("/a", "write"), ("/", "write"), ("/a", "write"), ("/unknown", "read")]

        authorized = permission.object_permission_authorized_principals("/a", "read", bound)
        allowed = [
            permission.check_permission("/a", "read", [name], bound)
            for name in ("alice", "bob", "carol", "dave", "erin")
        ]

        assert authorized == {"alice", "bob", "carol"}
        assert allowed == [True, True, True, False, False]
        assert set(asked) == {("/a", "read")}

    def test_without_bound_permissions_the_entry_itself_counts(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("write", "bob"))

        assert permission.object_permission_authorized_principals("/a", "read") == {"alice"}
        assert permission.object_permission_authorized_principals("/a", "delete") == set()
        assert permission.check_permission("/a", "read", ["bob"], None) is False

    def test_only_what_a_permission_is_bound_to_counts(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))
        give(permission, "/", ("write", "bob"))

        def bound(object_id: str, permission: str) -> list[tuple[str, str]]:
            return [("/", "write")]

        assert permission.object_permission_authorized_principals("/a", "read", bound) == {"bob"}
        assert permission.check_permission("/a", "read", ["alice"], bound) is False

    def test_bound_to_nothing_allows_nobody(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        allowed = permission.check_permission("/a", "read", ["alice"], lambda *_: [])
        authorized = permission.object_permission_authorized_principals("/a", "read", lambda *_: ())

        assert allowed is False
        assert authorized == set()

    def test_a_star_is_a_pattern_only_in_what_one_may_reach(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))
        give(permission, "/*", ("read", "bob"))

        authorized = permission.object_permission_authorized_principals("/*", "read")

        assert authorized == permission.object_permissions("/*")["read"] == {"bob"}
        assert permission.check_permission("*", "read", ["alice", "bob"]) is False
