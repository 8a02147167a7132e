"""What the SQL permission backends have in common, on each database."""

import pytest
import transaction
from pyramid.config import Configurator

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.transactions import joining
from cliquet_like.permission import postgresql, sqlite
from cliquet_like.permission.access import MAX_ENTRY_BYTES, Access, Pair, SharedQuestion, matches
from cliquet_like.permission.sql import bounds
from cliquet_like.storage import postgresql as postgresql_storage
from cliquet_like.storage import sqlite as sqlite_storage
from tests import servers

MODULES = {"sqlite": sqlite, "postgresql": postgresql}
STORAGES = {"sqlite": sqlite_storage, "postgresql": postgresql_storage}
LAST = "\U0010ffff"

# One line for each statement, by its first word; in SQLite some need several.
ONE_STATEMENT = {
    "add_user_principal": (lambda backend: backend.add_user_principal("u", "g"), "INSERT"),
    "remove_user_principal": (lambda backend: backend.remove_user_principal("u", "g"), "DELETE"),
    "remove_principal": (lambda backend: backend.remove_principal("g"), "DELETE"),
    "user_principals": (lambda backend: backend.user_principals("u"), "SELECT"),
    "add_principal_to_ace": (lambda backend: backend.add_principal_to_ace("/a", "read", "p"), "INSERT"),
    "remove_principal_from_ace": (
        lambda backend: backend.remove_principal_from_ace("/a", "read", "p"),
        "DELETE",
    ),
    "object_permissions": (lambda backend: backend.object_permissions("/a"), "SELECT"),
    "delete_object_permissions": (
        lambda backend: backend.delete_object_permissions(*map(str, range(3000))),
        "DELETE",
    ),
    "accessible": (lambda backend: backend.principals_accessible_objects(["p", "q"], "read"), "WITH"),
    "read_access": (lambda backend: backend.read_access(["/a", "/b"], user_id="u"), "SELECT"),
    "read_access, shared": (
        lambda backend: backend.read_access(["/a"], user_id="u", shared=shared("p", among=["/*", "/b"])),
        "WITH",
    ),
}
# What is deleted in PostgreSQL is locked first, by the same text.
FIRST_WORDS = {(postgresql.Permission.dialect, "delete_object_permissions"): "SELECT"}
NO_STATEMENT = {
    "accessible to nobody": lambda backend: backend.principals_accessible_objects([], "read"),
    "accessible by nothing": lambda backend: backend.principals_accessible_objects(
        ["p"], "read", None, lambda *_: []
    ),
    "access to nothing": lambda backend: backend.read_access([]),
    "deletion of nothing": lambda backend: backend.delete_object_permissions(),
    "replacement of nothing": lambda backend: backend.replace_object_permissions("/a", {}),
}


def shared(*principals, among=("*",), unless=()):
    return SharedQuestion(
        frozenset(principals),
        tuple(Pair(pattern, "read") for pattern in among),
        tuple(Pair(object_id, "read") for object_id in unless),
    )


@pytest.fixture(scope="module", params=MODULES)
def settings(request, tmp_path_factory):
    name = request.param
    if name == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('permission')}/all.db"
        yield {"backend": name, "permission_url": url, "storage_url": url}
        return
    with servers.new_database() as url:
        yield {"backend": name, "permission_url": url, "storage_url": url}


@pytest.fixture
def config(settings):
    return Configurator(settings=settings)


@pytest.fixture
def backend(config):
    backend = MODULES[config.get_settings()["backend"]].load_from_config(config)
    backend.initialize_schema()
    backend.flush()
    yield backend
    backend.database.close()


@pytest.fixture
def sent(backend):
    """Texts of the statements that are run."""
    sent = []
    backend.database.on_statement = sent.append
    return sent


@pytest.fixture
def request_transaction(backend):
    manager = transaction.TransactionManager()
    manager.begin()
    with joining(manager):
        yield manager
    manager.abort()


@pytest.mark.parametrize("name", ONE_STATEMENT)
def test_a_call_is_one_statement(backend, sent, name):
    call, word = ONE_STATEMENT[name]

    call(backend)

    assert [text.split()[0] for text in sent] == [FIRST_WORDS.get((backend.dialect, name), word)]


@pytest.mark.parametrize("name", NO_STATEMENT)
def test_what_has_only_one_answer_is_not_asked(backend, sent, name):
    answer = NO_STATEMENT[name](backend)

    assert sent == []
    assert answer in (None, set(), {}, Access())


def test_permissions_are_part_of_the_request(backend, request_transaction):
    backend.add_user_principal("u", "g")
    backend.write_object_permissions("/a", {"read": ["p"]})
    before = (backend.user_principals("u"), backend.object_permissions("/a"))

    request_transaction.abort()

    assert before == ({"g"}, {"read": {"p"}})
    assert (backend.user_principals("u"), backend.object_permissions("/a")) == (set(), {})


def test_deletion_is_part_of_the_request(backend, request_transaction):
    request_transaction.abort()
    backend.write_object_permissions("/a", {"read": ["p"]})
    request_transaction.begin()
    backend.delete_object_permissions("/a")
    backend.flush()

    request_transaction.abort()

    assert backend.object_permissions("/a") == {"read": {"p"}}


def test_the_storage_of_the_same_database_shares_its_transaction(config, backend, request_transaction):
    storage = STORAGES[config.get_settings()["backend"]].load_from_config(config)
    request_transaction.abort()
    storage.initialize_schema()
    request_transaction.begin()
    storage.create("note", "ada", {"id": "a"})
    backend.add_principal_to_ace("/a", "read", "p")

    request_transaction.abort()

    assert storage.database is backend.database
    assert storage.get_page("note", "ada").records == []
    assert backend.object_permissions("/a") == {}


def test_more_than_one_statement_could_hold_is_read_and_deleted(backend):
    ids = [f"/{number}" for number in range(40_000)]
    backend.write_object_permissions(ids[-1], {"read": ["p"]})
    backend.write_object_permissions("/other", {"read": ["p"]})

    before = backend.read_access(ids).permissions
    deleted = backend.delete_object_permissions(*ids)

    assert deleted == {ids[-1]: {"read": {"p"}}}
    assert {object_id for object_id, found in before.items() if found} == {ids[-1]}
    assert backend.principals_accessible_objects(["p"], "read") == {"/other"}


def test_a_range_may_have_others_than_the_pattern(backend):
    for object_id in ("/a/", "/a/1/x", "/a/1/y", "/a0", "/b", "/a/\ud7ff", f"/a/{LAST}{LAST}"):
        backend.add_principal_to_ace(object_id, "read", "p")
        backend.add_principal_to_ace(object_id + "!", "write", "p")

    found = backend.read_access([], shared=shared("p", among=["/a/*x", "/b"])).shared

    assert found == {"/a/1/x", "/b"}
    assert backend.principals_accessible_objects(["p"], "read", "/a/*") == {
        "/a/",
        "/a/1/x",
        "/a/1/y",
        "/a/\ud7ff",
        f"/a/{LAST}{LAST}",
    }


@pytest.mark.parametrize(
    "prefix", ["", "a", "\ud7ff", "a\ud7ff", f"a{LAST}", LAST, f"{LAST}{LAST}", "\ue000"]
)
def test_every_id_with_a_prefix_is_in_its_range(backend, prefix):
    suffixes = ("", "a", "\x01", "\ud7ff", "\ue000", LAST, LAST * ((MAX_ENTRY_BYTES - 20) // 4))
    inside = {prefix + suffix for suffix in suffixes if len((prefix + suffix).encode()) < MAX_ENTRY_BYTES - 5}
    for object_id in inside:
        backend.add_principal_to_ace(object_id, "read", "p")

    low, high = bounds(f"{prefix}*")

    assert all(low.encode() <= object_id.encode() <= high.encode() for object_id in inside)
    assert backend.principals_accessible_objects(["p"], "read", f"{prefix}*") == inside


@pytest.mark.parametrize("prefix", ["/notes/", "a\ud7ff", f"a{LAST}"])
def test_a_range_is_as_narrow_as_its_prefix(prefix):
    low, high = bounds(f"{prefix}*/x")

    assert (low, matches(high, f"{prefix}*")) == (prefix, False)
    assert len(high) <= len(prefix)


def test_a_pattern_without_wildcard_is_one_id():
    assert bounds("/a") == ("/a", "/a")


def test_groups_and_given_principals_reach_shared_objects_until_one_is_decisive(backend):
    backend.add_user_principal("u", "g")
    for object_id, principal in [("/a", "g"), ("/b", "p"), ("/c", "q"), ("/open", "g")]:
        backend.add_principal_to_ace(object_id, "read", principal)

    both = backend.read_access(["/c"], user_id="u", shared=shared("p", among=["/*"], unless=["/c"]))
    by_group = backend.read_access(["/c"], user_id="u", shared=shared("p", among=["/*"], unless=["/open"]))

    assert both == Access(frozenset({"g"}), {"/c": {"read": {"q"}}}, frozenset({"/a", "/b", "/open"}))
    assert by_group == Access(frozenset({"g"}), {"/c": {"read": {"q"}}})


@pytest.mark.parametrize("table", ["user_principals", "access_control_entries"])
def test_a_table_of_another_application_is_not_taken(backend, table):
    backend.database.write(f"ALTER TABLE {table} RENAME TO elsewhere")

    with pytest.raises(BackendError, match="cliquet-like migrate"):
        backend.read_access(["/a"], user_id="u", shared=shared("p", among=["/*"], unless=["/"]))
    backend.database.write("DELETE FROM cliquet_like_schema WHERE component = 'permission'")
    with pytest.raises(BackendError, match="another application"):
        backend.initialize_schema()

    backend.database.write(f"ALTER TABLE elsewhere RENAME TO {table}")
    backend.database.write("INSERT INTO cliquet_like_schema (component, version) VALUES ('permission', 1)")
