import pytest

from cliquet_like.permission.access import MAX_ENTRY_BYTES, Access, Entry, Pair, SharedQuestion
from cliquet_like.permission.base import PermissionBase
from cliquet_like.permission.exceptions import PermissionsChangedError

HOOKS = {
    "flush": lambda backend: backend.flush(),
    "add_user_principal": lambda backend: backend.add_user_principal("alice", "group:x"),
    "remove_user_principal": lambda backend: backend.remove_user_principal("alice", "group:x"),
    "remove_principal": lambda backend: backend.remove_principal("group:x"),
    "user_principals": lambda backend: backend.user_principals("alice"),
    "add_principal_to_ace": lambda backend: backend.add_principal_to_ace("/a", "read", "alice"),
    "remove_principal_from_ace": lambda backend: backend.remove_principal_from_ace("/a", "read", "alice"),
    "object_permissions": lambda backend: backend.object_permissions("/a"),
    "write_object_permissions": lambda backend: backend.write_object_permissions("/a", {}),
    "delete_object_permissions": lambda backend: backend.delete_object_permissions("/a"),
    "accessible": lambda backend: backend.principals_accessible_objects(["alice"], "read"),
}


@pytest.mark.parametrize("name", HOOKS)
def test_the_base_keeps_nothing(name):
    with pytest.raises(NotImplementedError):
        HOOKS[name](PermissionBase())


def test_a_backend_without_schema_has_nothing_to_initialize():
    assert PermissionBase().initialize_schema() is None


class Recording(PermissionBase):
    """Notes what its hooks are called with; alice has a group, ``/a`` an entry."""

    def __init__(self):
        self.calls = []

    def _add_entry(self, object_id, entry):
        self.calls.append((object_id, entry))

    def _remove_user_principal(self, user_id, principal):
        self.calls.append((user_id, principal))

    def _remove_principal(self, principal):
        self.calls.append(principal)

    def _remove_entry(self, object_id, entry):
        self.calls.append((object_id, entry))

    def _user_principals(self, user_id):
        self.calls.append(user_id)
        return {"group:x"}

    def _entries(self, object_ids):
        self.calls.append(list(object_ids))
        return {"/a": (Entry("read", "group:x"),)} if "/a" in object_ids else {}

    def _replace_entries(self, object_id, names, wanted, expected):
        self.calls.append((object_id, names, wanted, expected))
        return frozenset({Entry("read", "group:x")})

    def _delete_objects(self, object_ids):
        self.calls.append(list(object_ids))
        return {"/a": (Entry("read", "group:x"),)}

    def _accessible(self, principals, pairs):
        self.calls.append((principals, tuple(pairs)))
        return {"/b"}


@pytest.fixture
def backend():
    return Recording()


def test_a_backend_is_never_asked_about_what_it_could_not_store(backend):
    backend.remove_user_principal("\0", "group:x")
    backend.remove_user_principal("alice", "\ud800")
    backend.remove_principal("\0")
    backend.remove_principal_from_ace("/a", "\0", "alice")
    backend.user_principals("\0")
    backend.delete_object_permissions("\0", "\ud800")
    backend.object_permissions("\0")
    backend.read_access(["\0"], user_id="\0")

    assert backend.calls == []


def test_a_backend_is_asked_about_the_rest(backend):
    deleted = backend.delete_object_permissions("\0", "/b", "/a", "/b")
    backend.principals_accessible_objects(
        ["alice", "\0"], "read", "/*", lambda *pair: [pair, pair, ("\0", "x")]
    )

    assert backend.calls == [["/b", "/a"], (frozenset({"alice"}), (Pair("/*", "read"),))]
    assert deleted == {"/a": {"read": {"group:x"}}}


def test_objects_of_bound_pairs_are_asked_for_once_and_together(backend):
    pairs = [("/a", "read"), ("/b", "write"), ("/a", "write")]

    backend.check_permission("/a", "read", ["alice"], lambda *_: pairs)

    assert backend.calls == [["/a", "/b"]]


def test_nothing_is_asked_where_nothing_is_bound(backend):
    assert backend.check_permission("/a", "read", ["alice"], lambda *_: []) is False
    assert backend.calls == []


def test_the_names_of_a_replacement_and_what_is_expected_reach_the_backend(backend):
    backend.write_object_permissions(
        "/a",
        {"read": ["bob"], "write": []},
        added={"read": ["carol"]},
        expected={"read": {"group:x"}, "x": set()},
    )

    wanted = {Entry("read", "bob"), Entry("read", "carol")}
    assert backend.calls == [("/a", {"read", "write"}, wanted, {Entry("read", "group:x")})]


def test_the_whole_has_no_names_and_nothing_expected_is_none(backend):
    answer = backend.write_object_permissions("/a", {"read": ["bob"]}, whole=True)

    assert backend.calls == [("/a", None, {Entry("read", "bob")}, None)]
    assert answer == {"read": {"bob"}}


def test_a_replacement_is_a_write_that_leaves_the_rest(backend):
    backend.replace_object_permissions("/a", {"read": ["bob"]})
    backend.replace_object_permissions("/a", {})

    assert backend.calls == [("/a", {"read"}, {Entry("read", "bob")}, None)]


def test_names_of_permissions_that_could_not_be_stored_do_not_reach_the_backend(backend):
    backend.write_object_permissions("/a", {"read": [], "\0": [], "\ud800": []})

    assert backend.calls == [("/a", {"read"}, frozenset(), None)]


def test_what_could_not_be_stored_is_never_what_there_is(backend):
    with pytest.raises(PermissionsChangedError) as raised:
        backend.write_object_permissions("/a", {"read": ["bob"]}, expected={"read": {"group:x", "\0"}})

    assert raised.value.current == {"read": {"group:x"}}
    assert backend.calls == [["/a"]]


def test_principals_of_one_permission_are_a_part_of_those_of_the_object(backend):
    assert backend.object_permission_principals("/a", "read") == {"group:x"}
    assert backend.object_permission_principals("/a", "write") == set()


def test_what_was_not_expected_is_raised_with_what_there_is(backend):
    with pytest.raises(PermissionsChangedError, match="not as expected") as raised:
        backend.write_object_permissions("/a", {}, expected={})

    assert raised.value.current == {"read": {"group:x"}}


def test_an_entry_of_any_bytes_up_to_the_limit_reaches_the_backend(backend):
    fitting = "é" * ((MAX_ENTRY_BYTES - len("/aread")) // 2)

    backend.add_principal_to_ace("/a", "read", fitting)

    assert backend.calls == [("/a", Entry("read", fitting))]


@pytest.mark.parametrize(
    "texts", [("\0", "read", "alice"), ("/a", "\ud800", "alice"), ("/a", "read", "a\0")], ids=ascii
)
def test_an_entry_that_cannot_be_stored_never_reaches_the_backend(backend, texts):
    with pytest.raises(ValueError, match="cannot be stored"):
        backend.add_principal_to_ace(*texts)

    assert backend.calls == []


def test_an_entry_that_is_too_long_never_reaches_the_backend(backend):
    with pytest.raises(ValueError, match=f"longer than {MAX_ENTRY_BYTES} bytes"):
        backend.write_object_permissions("/a", {"read": ["é" * 1250]})

    assert backend.calls == []


def test_access_without_a_question_asks_for_groups_and_objects(backend):
    access = backend.read_access(["/a", "/b"], user_id="alice")

    assert backend.calls == ["alice", ["/a", "/b"]]
    assert access == Access(frozenset({"group:x"}), {"/a": {"read": {"group:x"}}, "/b": {}})


def test_what_is_shared_is_asked_with_the_groups_of_the_user(backend):
    question = SharedQuestion(frozenset({"bob"}), (Pair("/*", "read"),), (Pair("/", "read"),))

    access = backend.read_access([], user_id="alice", shared=question)

    assert backend.calls == ["alice", ["/"], ({"bob", "group:x"}, (Pair("/*", "read"),))]
    assert access.shared == {"/b"}


def test_what_is_shared_is_not_asked_for_when_something_is_decisive(backend):
    question = SharedQuestion(frozenset({"group:x"}), (Pair("/*", "read"),), (Pair("/a", "read"),))

    access = backend.read_access([], shared=question)

    assert backend.calls == [["/a"]]
    assert access.shared == frozenset()
