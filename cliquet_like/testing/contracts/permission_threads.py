"""Contract of a permission backend: what threads that write at once leave."""
# ruff: noqa: D102 - the name of a test is its sentence

from functools import partial

from cliquet_like.permission.access import Permissions
from cliquet_like.permission.base import PermissionBase
from cliquet_like.permission.exceptions import PermissionsChangedError
from cliquet_like.testing.contracts.permission_base import PermissionSuite, give
from cliquet_like.testing.contracts.threads import THREADS, in_threads

TURNS = 5
RACES = 20
"""A backend in memory that forgets to lock gets away with five of them two times in three."""
EVERYBODY = {f"user {number}" for number in range(THREADS)}


class ThreadsContract(PermissionSuite):
    """Writes are steps: nobody comes between."""

    def test_no_membership_is_lost(self, permission: PermissionBase) -> None:
        def add(number: int) -> None:
            permission.add_user_principal("alice", f"user {number}")
            permission.add_user_principal(f"user {number}", "group:x")

        in_threads(add)

        assert permission.user_principals("alice") == EVERYBODY
        assert all(permission.user_principals(user) == {"group:x"} for user in EVERYBODY)

    def test_no_entry_is_lost(self, permission: PermissionBase) -> None:
        def add(number: int) -> None:
            permission.add_principal_to_ace("/a", "read", f"user {number}")
            permission.write_object_permissions("/a", {}, added={"write": [f"user {number}"]})
            permission.write_object_permissions("/a", {f"own {number}": ["alice"]})

        in_threads(add)

        found = permission.object_permissions("/a")
        assert found.pop("read") == found.pop("write") == EVERYBODY
        assert found == {f"own {number}": {"alice"} for number in range(THREADS)}
        assert all(permission.check_permission("/a", "write", [user]) for user in EVERYBODY)

    def test_what_was_removed_does_not_come_back(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"), *(("read", user) for user in EVERYBODY))

        in_threads(lambda number: permission.remove_principal_from_ace("/a", "read", f"user {number}"))

        assert permission.object_permissions("/a") == {"read": {"alice"}}

    def test_of_writers_that_replace_the_same_one_is_the_last(self, permission: PermissionBase) -> None:
        def replace(number: int) -> None:
            for turn in range(TURNS):
                names = ["read", "write"] if number % 2 else ["write", "read"]
                permission.replace_object_permissions(
                    f"/{turn}", {name: [f"user {number}"] for name in names}
                )

        in_threads(replace)

        for turn in range(TURNS):
            found = permission.object_permissions(f"/{turn}")
            assert len(found["read"]) == 1, "principals of two writers"
            assert found["read"] == found["write"]

    def test_of_writers_that_expect_the_same_one_wins(self, permission: PermissionBase) -> None:
        give(permission, "/a", ("read", "alice"))

        def replace(number: int) -> bool:
            return refusal(permission, "/a", f"user {number}", expected={"read": {"alice"}}) is None

        won = in_threads(replace)

        assert sum(won) == 1
        assert permission.object_permissions("/a") == {"read": {f"user {won.index(True)}"}}

    def test_of_writers_that_expect_nothing_one_wins(self, permission: PermissionBase) -> None:
        def replace(number: int) -> list[bool]:
            objects = [f"/{turn}" for turn in range(TURNS)]
            return [refusal(permission, key, f"user {number}", expected={}) is None for key in objects]

        won = in_threads(replace)

        for turn in range(TURNS):
            winners = [number for number in range(THREADS) if won[number][turn]]
            assert len(winners) == 1
            assert permission.object_permissions(f"/{turn}") == {"read": {f"user {winners[0]}"}}

    def test_who_is_overtaken_is_told_what_the_winner_wrote(self, permission: PermissionBase) -> None:
        expected = {"read": {f"reader {number}" for number in range(50)}}  # enough to be interrupted

        def replace(object_id: str, number: int) -> Permissions:
            wanted = {"read": [f"user {number}"], "write": [f"user {number}"]}
            try:
                return permission.write_object_permissions(object_id, wanted, expected=expected)
            except PermissionsChangedError as refused:
                return refused.current

        for turn in range(RACES):
            object_id = f"/{turn}"
            permission.replace_object_permissions(object_id, expected)

            answers = in_threads(partial(replace, object_id))

            current = permission.object_permissions(object_id)
            assert answers == [current] * THREADS
            assert current["read"] == current["write"]
            reaching = permission.principals_accessible_objects
            reached = {user for user in EVERYBODY if reaching([user], "read", object_id)}
            assert reached == current["read"]
            assert len(reached) == 1
        assert permission.principals_accessible_objects(expected["read"], "read") == set()

    def test_a_refused_writer_may_try_again_with_what_there_is(self, permission: PermissionBase) -> None:
        def add(number: int) -> bool:
            current: Permissions | None = {}
            tries = 0
            # Whoever is refused was overtaken by another, each of which writes once.
            while current is not None and tries < THREADS:
                wanted = current.get("read", set()) | {f"user {number}"}
                current = refusal(permission, "/a", *wanted, expected=current)
                tries += 1
            return current is None

        assert all(in_threads(add))
        assert permission.object_permissions("/a") == {"read": EVERYBODY}

    def test_a_deletion_takes_all_or_nothing_of_a_write(self, permission: PermissionBase) -> None:
        def write_or_delete(number: int) -> None:
            for turn in range(TURNS):
                if number % 2:
                    permission.delete_object_permissions(f"/{turn}", f"/{turn + 1}")
                else:
                    permission.write_object_permissions(
                        f"/{turn}", {"read": ["alice", "bob"], "write": ["alice"]}, whole=True
                    )

        in_threads(write_or_delete)

        whole = {"read": {"alice", "bob"}, "write": {"alice"}}
        for turn in range(TURNS):
            found = permission.object_permissions(f"/{turn}")
            assert found in ({}, whole)
            assert permission.check_permission(f"/{turn}", "write", ["alice"]) is bool(found)

    def test_what_is_deleted_is_answered_once(self, permission: PermissionBase) -> None:
        for turn in range(RACES):
            give(permission, f"/{turn}", ("read", "alice"), ("read", "bob"), ("write", "alice"))

        def delete(number: int) -> list[tuple[str, str, str]]:
            taken = [permission.delete_object_permissions(f"/{turn}") for turn in range(RACES)]
            return [
                (object_id, name, principal)
                for deleted in taken
                for object_id, permissions in deleted.items()
                for name, principals in permissions.items()
                for principal in principals
            ]

        answered = [entry for entries in in_threads(delete) for entry in entries]

        had = [("read", "alice"), ("read", "bob"), ("write", "alice")]
        assert sorted(answered) == sorted((f"/{turn}", *entry) for turn in range(RACES) for entry in had)


def refusal(
    permission: PermissionBase, object_id: str, *principals: str, expected: Permissions
) -> Permissions | None:
    """What an object has instead of what a write expects; None when that was not refused."""
    try:
        permission.write_object_permissions(object_id, {"read": principals}, expected=expected)
    except PermissionsChangedError as error:
        return error.current
    return None
