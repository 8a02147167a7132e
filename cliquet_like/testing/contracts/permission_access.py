"""Contract of a permission backend: all that one request needs, in one question."""
# ruff: noqa: D102 - the name of a test is its sentence

from cliquet_like.permission.access import Access, Pair, SharedQuestion
from cliquet_like.permission.base import PermissionBase
from cliquet_like.testing.contracts.permission_base import PermissionSuite, give, join


def shared_with(*principals: str, among: tuple[Pair, ...], unless: tuple[Pair, ...] = ()) -> SharedQuestion:
    """Question what is shared with principals."""
    return SharedQuestion(frozenset(principals), among, unless)


READ_ALL = (Pair("/*", "read"),)


class AccessContract(PermissionSuite):
    """Groups of a user, entries of objects, and what is shared, at once."""

    def test_asking_for_nothing_answers_nothing(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"]})
        give(permission, "/a", ("read", "alice"))

        assert permission.read_access([]) == Access(frozenset(), {}, frozenset())

    def test_all_is_answered_at_once(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x", "group:y"], "bob": ["group:z"]})
        give(permission, "/a", ("read", "alice"), ("read", "bob"), ("write", "bob"))
        give(permission, "/b", ("read", "group:x"))
        give(permission, "/c", ("read", "bob"))

        access = permission.read_access(
            ("/a", "/c"), user_id="alice", shared=shared_with("alice", among=READ_ALL)
        )

        assert access.groups == {"group:x", "group:y"}
        assert access.permissions == {
            "/a": {"read": {"alice", "bob"}, "write": {"bob"}},
            "/c": {"read": {"bob"}},
        }
        assert access.shared == {"/a", "/b"}

    def test_every_object_is_answered_once(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        access = permission.read_access(["/b", "/a", "/b", "/a", ""])

        assert access == Access(frozenset(), {"/a": {"read": {"alice"}}, "/b": {}, "": {}}, frozenset())

    def test_an_unknown_user_has_no_groups_here_either(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"]})
        give(permission, "/a", ("read", "group:x"), ("read", "bob"))

        access = permission.read_access(["/a"], user_id="bob", shared=shared_with("bob", among=READ_ALL))

        assert access == Access(frozenset(), {"/a": {"read": {"group:x", "bob"}}}, frozenset({"/a"}))

    def test_without_a_user_the_principals_alone_count(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"], "": ["group:y"], "None": ["group:z"]})
        for group in "xyz":
            give(permission, f"/{group}", ("read", f"group:{group}"))
        give(permission, "/a", ("read", "alice"))

        access = permission.read_access([], shared=shared_with("alice", among=READ_ALL))

        assert access == Access(frozenset(), {}, frozenset({"/a"}))

    def test_the_user_is_not_among_the_principals_by_itself(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        access = permission.read_access([], user_id="alice", shared=shared_with("bob", among=READ_ALL))

        assert access.shared == frozenset()

    def test_groups_of_the_user_count_among_the_principals(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"], "bob": ["group:y"]})
        give(permission, "/x", ("read", "group:x"))
        give(permission, "/y", ("read", "group:y"))

        by_group = permission.read_access([], user_id="alice", shared=shared_with(among=READ_ALL))
        by_both = permission.read_access([], user_id="alice", shared=shared_with("group:y", among=READ_ALL))

        assert by_group == Access(frozenset({"group:x"}), {}, frozenset({"/x"}))
        assert by_both.shared == {"/x", "/y"}

    def test_nothing_is_shared_that_was_not_asked_for(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"]})
        give(permission, "/a", ("read", "alice"), ("read", "group:x"))

        without = permission.read_access(["/a"], user_id="alice")
        among_none = permission.read_access(["/a"], user_id="alice", shared=shared_with("alice", among=()))
        nobody = permission.read_access(["/a"], shared=shared_with(among=READ_ALL))

        assert without.shared == among_none.shared == nobody.shared == frozenset()
        assert without.groups == among_none.groups == {"group:x"}
        assert without.permissions == nobody.permissions == {"/a": {"read": {"alice", "group:x"}}}

    def test_what_is_shared_matches_one_of_the_pairs(self, permission: PermissionBase) -> None:
        for object_id in ("/a/1", "/a/2", "/b/1", "/c", "/a_1"):
            give(permission, object_id, ("read", "alice"), ("write", "bob"))
        give(permission, "/b/2", ("write", "alice"))
        among = (Pair("/a/*", "read"), Pair("/b/*", "write"), Pair("/c", "read"), Pair("/c", "read"))

        access = permission.read_access([], shared=shared_with("alice", among=among))

        assert access.shared == {"/a/1", "/a/2", "/b/2", "/c"}

    def test_what_is_decisive_leaves_the_question_unanswered(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), ("read", "bob"))
        give(permission, "/", ("read", "bob"), ("write", "alice"))

        def shared(principal: str, *unless: Pair) -> frozenset[str]:
            question = shared_with(principal, among=READ_ALL, unless=unless)
            return permission.read_access(["/a"], shared=question).shared

        assert shared("alice", Pair("/", "read"), Pair("/unknown", "write")) == {"/a"}
        assert shared("alice", Pair("/unknown", "write"), Pair("/", "write")) == frozenset()
        assert shared("bob", Pair("/", "read")) == frozenset()
        assert shared("bob", Pair("/", "write")) == {"/a", "/"}

    def test_a_group_of_the_user_may_be_decisive(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["group:x"]})
        give(permission, "/a", ("read", "alice"))
        give(permission, "/", ("read", "group:x"))
        question = shared_with("alice", among=READ_ALL, unless=(Pair("/", "read"),))

        access = permission.read_access(["/a", "/"], user_id="alice", shared=question)
        nobody = permission.read_access([], shared=question)

        assert access.shared == frozenset()
        assert access.groups == {"group:x"}
        assert access.permissions == {"/a": {"read": {"alice"}}, "/": {"read": {"group:x"}}}
        assert nobody.shared == {"/a"}

    def test_what_is_decisive_is_an_object_and_no_pattern(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))
        question = shared_with("alice", among=READ_ALL, unless=(Pair("/*", "read"),))

        answered = permission.read_access([], shared=question).shared
        give(permission, "/*", ("read", "alice"))
        unanswered = permission.read_access([], shared=question).shared

        assert answered == {"/a"}
        assert unanswered == set()

    def test_the_objects_asked_for_are_no_patterns(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        assert permission.read_access(["/*", "*"]).permissions == {"/*": {}, "*": {}}

    def test_what_is_answered_is_a_copy(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        permission.read_access(["/a"]).permissions["/a"]["read"].add("bob")
        permission.read_access(["/a"]).permissions["/a"]["write"] = {"bob"}

        assert permission.read_access(["/a"]).permissions == {"/a": {"read": {"alice"}}}
