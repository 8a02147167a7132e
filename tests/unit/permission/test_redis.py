from itertools import product

import pytest
from pyramid.config import Configurator
from redis.crc import key_slot

from cliquet_like.cache.redis import Cache
from cliquet_like.cache.redis import load_from_config as load_cache
from cliquet_like.drivers.redis import RedisClient
from cliquet_like.permission.access import Pair, SharedQuestion
from cliquet_like.permission.exceptions import BackendError, PermissionsChangedError
from cliquet_like.permission.redis import Permission, load_from_config
from cliquet_like.storage.redis import load_from_config as load_storage

OTHERS = 500
QUESTION = SharedQuestion(
    frozenset({"bob", "carol"}), (Pair("/a/*", "read"), Pair("/*", "write")), (Pair("/", "own"),)
)
ODD_TEXTS = ["", "a", "a:b", "ab", "a\x01", "a/*", "aé", "a\uffff", "a\U0001f600", "b", "{b}", "["]


class Listening(RedisClient):
    """A client that keeps the answers of scripts."""

    def __init__(self, url):
        super().__init__(url)
        self.answers = []

    def script(self, text):
        run = super().script(text)

        def heard(keys, arguments):
            self.answers.append(run(keys, arguments))
            return self.answers[-1]

        return heard


@pytest.fixture
def client(redis_url):
    return Listening(redis_url)


@pytest.fixture
def permission(client):
    return Permission(client)


def all_keys(client):
    return {key for batch in client.keys("") for key in batch}


def fill(permission):
    for number in range(3):
        permission.add_principal_to_ace(f"/{number}", "read", "alice")
        permission.add_user_principal(f"user {number}", "group")


def test_nothing_is_left_behind_when_the_last_entry_goes(client, permission):
    fill(permission)
    filled = all_keys(client)
    permission.remove_principal("group")
    permission.delete_object_permissions("/0", "/unknown")
    permission.remove_principal_from_ace("/1", "read", "alice")
    permission.replace_object_permissions("/2", {"read": []})
    one_by_one = all_keys(client)
    fill(permission)
    for number in range(3):
        permission.remove_user_principal(f"user {number}", "group")
        permission.write_object_permissions(f"/{number}", {}, whole=True)

    assert len(filled) == 4
    assert (one_by_one, all_keys(client)) == (set(), set())


def test_all_keys_are_in_one_slot_of_a_cluster(client, permission):
    fill(permission)

    slots = {key_slot(key) for key in all_keys(client)}

    assert slots == {key_slot(b"cliquet_like:permission")}


def test_a_flush_leaves_the_keys_of_other_users_of_the_database(client, permission):
    others = [b"cliquet_like:permission", b"{cliquet_like:permission}:other", b"{cliquet_like:permission}"]
    for key in others:
        client.execute("SET", key, 1)
    Cache(client).set("key", 1)
    fill(permission)

    permission.flush()

    assert all_keys(client) == {*others, b"cliquet_like:cache:key"}


def test_a_read_is_one_script_that_only_looks_at_stretches_and_points(private_redis):
    client = RedisClient(private_redis.url)
    permission = Permission(client)
    fill(permission)
    calls = {
        "access": lambda: permission.read_access(["/0", "/1"], user_id="user 1", shared=QUESTION),
        "groups": lambda: permission.user_principals("user 1"),
        "permissions": lambda: permission.object_permissions("/0"),
        "accessible": lambda: permission.principals_accessible_objects(["alice"], "read", "/*"),
    }

    commands = {name: _commands_of(client, call) for name, call in calls.items()}

    script = {"evalsha": 1}
    assert commands == {
        # One stretch of groups, two of objects, two patterns for three principals; a point for each of these.
        "access": {**script, "zrangebylex": 9, "zscore": 3},
        "groups": {**script, "zrangebylex": 1},
        "permissions": {**script, "zrangebylex": 1},
        "accessible": {**script, "zrangebylex": 1},
    }


def test_a_write_is_one_script(private_redis):
    client = RedisClient(private_redis.url)
    permission = Permission(client)
    fill(permission)
    calls = [
        lambda: permission.add_user_principal("user 1", "other group"),
        lambda: permission.remove_user_principal("user 1", "other group"),
        lambda: permission.remove_principal("group"),
        lambda: permission.add_principal_to_ace("/0", "read", "bob"),
        lambda: permission.remove_principal_from_ace("/0", "read", "bob"),
        lambda: permission.replace_object_permissions("/0", {"read": ["bob"]}),
        lambda: permission.delete_object_permissions("/0", "/1", "/2"),
    ]
    for call in calls:  # the server learns the scripts
        call()

    trips = [_commands_of(client, call).get("evalsha") for call in calls]

    assert trips == [1] * len(calls)
    assert _commands_of(client, permission.flush) == {"unlink": 1}


def test_a_replacement_by_the_same_writes_nothing(private_redis):
    client = RedisClient(private_redis.url)
    permission = Permission(client)
    same = {"read": ["alice", "bob"], "write": ["alice"]}
    permission.replace_object_permissions("/a", same)

    commands = _commands_of(client, lambda: permission.write_object_permissions("/a", same, whole=True))

    assert commands == {"evalsha": 1, "zrangebylex": 1}


def _commands_of(client, call):
    """How often the server ran each command for a call, within scripts too, after it learned them."""
    call()
    client.execute("CONFIG", "RESETSTAT")
    call()
    stats = client.execute("INFO", "commandstats")
    counts = {name.removeprefix("cmdstat_"): line["calls"] for name, line in stats.items()}
    return {name: calls for name, calls in counts.items() if not name.startswith("config")}


@pytest.mark.parametrize(
    ("pattern", "seen", "found"),
    [("/mine/*", 10, 10), ("/mine/*5", 10, 1), ("/mine/1", 1, 1), ("/mine/", 0, 0), ("/m", 0, 0)],
)
def test_the_server_answers_only_what_begins_as_the_pattern(client, permission, pattern, seen, found):
    for number in range(OTHERS):
        permission.add_principal_to_ace(f"/alice/{number}", "read", "alice")
        permission.add_principal_to_ace(f"/mine/{number}", "read", "bob")
        permission.add_principal_to_ace(f"/mine/{number}", "write", "alice")
    for number in range(10):
        permission.add_principal_to_ace(f"/mine/{number}", "read", "alice")
    permission.add_principal_to_ace("/mine/1/inner", "read", "carol")

    reached = permission.principals_accessible_objects(["alice"], "read", pattern)

    *_, [candidates] = client.answers[-1]
    assert (len(candidates), len(reached)) == (seen, found)


def test_texts_that_begin_alike_are_not_taken_for_one_another(permission):
    triples = list(product(ODD_TEXTS, ODD_TEXTS, ODD_TEXTS))
    for object_id, name, principal in triples:
        if (object_id, name, principal) != ("a", "a", "a"):
            permission.add_principal_to_ace(object_id, name, principal)
    for user_id, group in product(ODD_TEXTS, ODD_TEXTS):
        if user_id != group:
            permission.add_user_principal(user_id, group)

    everything = {name: set(ODD_TEXTS) for name in ODD_TEXTS}
    for text in ODD_TEXTS:
        others = set(ODD_TEXTS) - {text}
        expected = everything | {"a": others} if text == "a" else everything
        assert permission.object_permissions(text) == expected
        assert permission.user_principals(text) == others
    assert permission.principals_accessible_objects(["a"], "a") == set(ODD_TEXTS) - {"a"}
    assert permission.principals_accessible_objects(["a"], "a", "a*") == {
        text for text in ODD_TEXTS if text.startswith("a") and text != "a"
    }


def test_expected_permissions_are_compared_whatever_their_order_and_script(permission):
    texts = {name: set(ODD_TEXTS) for name in ODD_TEXTS}
    permission.replace_object_permissions("/a", texts)

    with pytest.raises(PermissionsChangedError) as refusal:
        permission.write_object_permissions("/a", {}, expected=texts | {"b": {"a"}})
    written = permission.write_object_permissions("/a", {"b": ["x"]}, expected=texts)

    assert refusal.value.current == texts
    assert written == permission.object_permissions("/a") == texts | {"b": {"x"}}


def test_an_object_may_have_twenty_thousand_entries(client, permission):
    crowd = {f"user {number}" for number in range(20_000)}

    permission.replace_object_permissions("/a", {"read": crowd})
    read = permission.object_permissions("/a")
    permission.write_object_permissions("/a", {"write": crowd}, expected={"read": crowd}, whole=True)
    reached = permission.principals_accessible_objects(crowd, "write", "/*")
    permission.delete_object_permissions("/a")

    assert (read, reached) == ({"read": crowd}, {"/a"})
    assert all_keys(client) == set()


def test_twenty_thousand_objects_or_members_go_at_once(client, permission):
    numbers = range(20_000)
    entries = [word for number in numbers for word in (0, f"/{number}\0read\0alice")]
    held = [word for number in numbers for word in (0, f"alice\0read\0/{number}")]
    groups = [word for number in numbers for word in (0, f"{number}\0group")]
    members = [word for number in numbers for word in (0, f"group\0{number}")]
    pairs = {"entries": entries, "held": held, "groups": groups, "members": members}
    for name, words in pairs.items():
        client.execute("ZADD", f"{{cliquet_like:permission}}:{name}", *words)

    permission.delete_object_permissions(*(f"/{number}" for number in numbers))
    permission.remove_principal("group")

    assert all_keys(client) == set()


def test_the_backend_heals_when_the_server_is_back(private_redis):
    permission = Permission(RedisClient(private_redis.url))
    permission.add_user_principal("alice", "group")

    private_redis.stop()
    with pytest.raises(BackendError):
        permission.user_principals("alice")
    private_redis.start()

    permission.add_user_principal("alice", "other group")
    assert permission.user_principals("alice") == {"other group"}


@pytest.mark.parametrize(
    "trouble",
    [("CONFIG", "SET", "maxmemory", "1"), ("REPLICAOF", "127.0.0.1", "1")],
    ids=["full", "read-only"],
)
def test_a_server_that_cannot_write_is_a_backend_error_and_still_read(private_redis, trouble):
    client = RedisClient(private_redis.url)
    permission = Permission(client)
    permission.add_user_principal("alice", "group")
    permission.add_principal_to_ace("/a", "read", "group")

    client.execute(*trouble)

    for write in (
        lambda: permission.add_user_principal("bob", "group"),
        lambda: permission.add_principal_to_ace("/a", "read", "bob"),
        lambda: permission.replace_object_permissions("/a", {"read": ["bob"]}),
    ):
        with pytest.raises(BackendError):
            write()
    access = permission.read_access(["/a"], user_id="alice")
    assert (access.groups, access.permissions) == ({"group"}, {"/a": {"read": {"group"}}})


def test_the_settings_say_where(redis_url, client):
    load_from_config(Configurator(settings={"permission_url": redis_url})).add_user_principal(
        "alice", "group"
    )

    assert client.execute("ZCARD", "{cliquet_like:permission}:groups") == 1


def test_backends_on_the_same_server_share_their_connections(redis_url):
    kinds = {"storage": load_storage, "cache": load_cache, "permission": load_from_config}
    config = Configurator(settings={f"{kind}_url": redis_url for kind in kinds})

    for load in kinds.values():
        load(config)

    assert len(config.registry.database_clients) == 1
