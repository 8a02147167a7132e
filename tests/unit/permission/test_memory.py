from threading import Event, Thread

import pytest
from pyramid.config import Configurator

from cliquet_like.permission.access import Pair, SharedQuestion
from cliquet_like.permission.memory import Permission, load_from_config
from cliquet_like.testing.contracts.threads import in_threads

OTHERS = 5_000


class Touched(str):
    """A text that counts how often one of its kind is looked at."""

    __slots__ = ()
    times = 0

    def __hash__(self):
        Touched.times += 1
        return super().__hash__()

    def __eq__(self, other):
        Touched.times += 1
        return super().__eq__(other)

    def __lt__(self, other):
        Touched.times += 1
        return super().__lt__(other)

    def startswith(self, *args):
        Touched.times += 1
        return super().startswith(*args)


@pytest.fixture
def permission():
    return Permission()


@pytest.fixture
def touches():
    """How many looks at a ``Touched`` a call takes."""

    def count(call):
        Touched.times = 0
        call()
        return Touched.times

    yield count
    Touched.times = 0


def kept_by(permission):
    """All that a backend keeps, whatever the names of its attributes are."""
    return [kept for kept in vars(permission).values() if hasattr(kept, "__len__") and len(kept)]


def test_nothing_is_left_behind_when_the_last_entry_goes(permission):
    def fill():
        for number in range(3):
            permission.add_principal_to_ace(f"/{number}", "read", "alice")
            permission.add_user_principal(f"user {number}", "group")
        assert len(kept_by(permission)) == 4

    fill()
    permission.remove_principal("group")
    permission.delete_object_permissions("/0", "/unknown")
    permission.remove_principal_from_ace("/1", "read", "alice")
    permission.replace_object_permissions("/2", {"read": []})
    one_by_one = kept_by(permission)
    fill()
    for number in range(3):
        permission.remove_user_principal(f"user {number}", "group")
        permission.write_object_permissions(f"/{number}", {}, whole=True)
    written = kept_by(permission)
    fill()
    permission.flush()

    assert (one_by_one, written, kept_by(permission)) == ([], [], [])


def test_removing_what_is_not_there_leaves_nothing_behind(permission):
    permission.remove_user_principal("alice", "group")
    permission.remove_principal("group")
    permission.remove_principal_from_ace("/a", "read", "alice")
    permission.delete_object_permissions("/a")
    permission.replace_object_permissions("/a", {"read": []})

    assert kept_by(permission) == []


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("/mine/*", 10), ("/mine/3", 1), ("/mine/nothing", 0), ("/none/*", 0)],
)
def test_a_look_through_a_prefix_does_not_walk_the_other_objects(permission, touches, pattern, found):
    for principal in ("alice", "bob"):
        for number in range(OTHERS):
            permission.add_principal_to_ace(Touched(f"/{principal}/{number}"), "read", principal)
    for number in range(10):
        permission.add_principal_to_ace(Touched(f"/mine/{number}"), "read", "alice")

    looks = touches(lambda: permission.principals_accessible_objects(["alice"], "read", pattern))

    assert len(permission.principals_accessible_objects(["alice"], "read", pattern)) == found
    assert looks < 150


def test_one_who_has_little_is_answered_without_a_look_at_what_others_have(permission, touches):
    for number in range(OTHERS):
        permission.add_principal_to_ace(Touched(f"/{number}"), "read", "bob")
        permission.add_principal_to_ace(Touched(f"/{number}"), "write", "alice")
    permission.add_principal_to_ace(Touched("/x"), "read", "alice")

    looks = touches(lambda: permission.principals_accessible_objects(["alice"], "read"))

    assert permission.principals_accessible_objects(["alice"], "read") == {"/x"}
    assert looks < 150


def test_removing_a_group_touches_only_its_members(permission, touches):
    for number in range(OTHERS):
        permission.add_user_principal(Touched(f"user {number}"), "crowd")
    permission.add_user_principal(Touched("user 7"), "pair")
    permission.add_user_principal(Touched("user 8"), "pair")

    looks = touches(lambda: permission.remove_principal("pair"))

    assert permission.user_principals("user 7") == {"crowd"}
    assert looks < 20


def test_an_access_is_of_one_moment(permission):
    question = SharedQuestion(frozenset({"alice"}), (Pair("/*", "write"),))
    both = {("write", "/a"), ("read",)}
    enough = Event()

    def swing():
        while not enough.is_set():
            for name in ("write", "read"):
                permission.write_object_permissions("/a", {name: ["alice"]}, whole=True)

    def look(_):
        moments = set()
        for turn in range(50_000):
            access = permission.read_access(["/a"], shared=question)
            moments.add((*access.permissions["/a"], *access.shared))
            if turn >= 300 and moments >= both:
                break
        return moments

    permission.replace_object_permissions("/a", {"read": ["alice"]})
    swinging = Thread(target=swing)
    swinging.start()
    try:
        seen = in_threads(look)
    finally:
        enough.set()
        swinging.join()

    assert set().union(*seen) == both


def test_an_object_may_have_twenty_thousand_entries(permission):
    crowd = {f"user {number}" for number in range(20_000)}

    permission.replace_object_permissions("/a", {"read": crowd})
    whole = permission.write_object_permissions("/a", {"read": ["x"]}, expected={"read": crowd})

    assert whole == permission.object_permissions("/a") == {"read": {"x"}}
    assert permission.principals_accessible_objects(crowd, "read") == set()


def test_each_application_has_its_own(permission):
    first, second = (load_from_config(Configurator(settings={})) for _ in range(2))

    first.add_user_principal("alice", "group")

    assert second.user_principals("alice") == set()
