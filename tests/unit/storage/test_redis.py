from itertools import product, takewhile

import pytest
from pyramid.config import Configurator
from redis import Redis
from redis.crc import key_slot

from cliquet_like.cache.redis import Cache
from cliquet_like.drivers.redis import RedisClient
from cliquet_like.storage.exceptions import BackendError, ModifiedMeanwhileError, UnicityError
from cliquet_like.storage.matching import page_rules, with_tie_breaker
from cliquet_like.storage.query import COMPARISON, Filter, Page, Sort
from cliquet_like.storage.redis import Storage, load_from_config
from cliquet_like.storage.redis.keys import keys_of
from cliquet_like.storage.redis.writing import ATTEMPTS

EQ, GT, LT = COMPARISON.EQ, COMPARISON.GT, COMPARISON.LT
NOTES = "notes", "ada"
NEWEST, OLDEST = [Sort("last_modified", -1)], [Sort("last_modified", 1)]
ODD_NAMES = [
    "a",
    "a:b",
    "b",
    "b:c",
    "c",
    "{",
    "}",
    "{}",
    "a}:b{",
    "%7B",
    "%257B",
    "%",
    "a b",
    "é\U0001f600",
    "\0",
    "*",
]


@pytest.fixture
def client(redis_url):
    return RedisClient(redis_url)


@pytest.fixture
def storage(client):
    return Storage(client)


@pytest.fixture
def reads_of(redis_url, client):
    """Ids of the records that a list reads one by one; None when it reads the whole collection."""

    def watch(storage, **query):
        with Redis.from_url(redis_url) as watcher, watcher.monitor() as monitor:
            storage.get_page(*NOTES, **query)
            client.execute("ECHO", "enough")
            database = watcher.get_connection_kwargs()["db"]  # other workers have others
            heard = (event for event in monitor.listen() if event["db"] == database)
            seen = (event["command"].split() for event in heard)
            commands = list(takewhile(lambda words: words[0] != "ECHO", seen))
        if any(name == "HVALS" for name, *_ in commands):
            return None
        return [field for name, _, *fields in commands if name == "HMGET" for field in fields]

    return watch


@pytest.fixture
def many(storage):
    """Two hundred records, a millisecond or more apart."""
    for number in range(200):
        storage.create(*NOTES, {"id": f"n{number:03}", "n": number})
    return storage


def test_the_newest_page_reads_only_its_records(many, reads_of):
    fields = reads_of(many, sorting=NEWEST, limit=3)

    assert fields == ["n199", "n198", "n197"]


@pytest.mark.parametrize(
    ("sorting", "page", "edge"),
    [(NEWEST, ["n099", "n098"], "n100"), (OLDEST, ["n101", "n102"], "n100")],
    ids=["newest", "oldest"],
)
def test_a_page_in_the_middle_reads_one_record_more(many, reads_of, sorting, page, edge):
    last = many.get(*NOTES, "n100")
    query = {
        "sorting": sorting,
        "limit": 2,
        "pagination_rules": page_rules(with_tie_breaker(sorting, "id"), last),
    }

    fields = reads_of(many, **query)

    assert fields == [edge, *page]
    assert [record["id"] for record in many.get_all(*NOTES, **query)[0]] == page


def test_who_polls_reads_what_is_new(many, reads_of):
    since = many.get(*NOTES, "n197")["last_modified"]
    later = [Filter("last_modified", since, GT)]
    never = [Filter("last_modified", many.collection_timestamp(*NOTES), GT)]

    for options in ({"sorting": NEWEST}, {"sorting": [Sort("n", 1)]}, {"include_deleted": True}):
        assert sorted(reads_of(many, filters=later, **options)) == ["n198", "n199"]
        assert reads_of(many, filters=never, **options) == []


def test_a_total_alone_reads_nothing(many, reads_of):
    assert reads_of(many, limit=0) == []
    assert many.get_all(*NOTES, limit=0) == ([], 200)


def test_a_list_in_another_order_reads_the_collection(many, reads_of):
    assert reads_of(many, sorting=[Sort("n", 1)], limit=1) is None


@pytest.mark.parametrize("first", [1, -1])
@pytest.mark.parametrize(
    "second", [[], [Sort("id", 1)], [Sort("id", -1)], [Sort("n", 1)], [Sort("n", -1)]], ids=str
)
@pytest.mark.parametrize("dead", [False, True])
def test_pages_that_end_inside_of_one_timestamp_skip_and_repeat_nothing(storage, first, second, dead):
    for number, object_id in enumerate("fbdaec"):
        stamp = {"last_modified": 1_000 + number // 4}
        storage.create(*NOTES, {"id": object_id, "n": number % 2, **stamp})
        storage.create(*NOTES, {"id": object_id.upper(), "last_modified": 1})
        storage.delete(*NOTES, object_id.upper(), **stamp)
    keys = with_tie_breaker([Sort("last_modified", first), *second], "id")
    whole = storage.get_all(*NOTES, sorting=keys, include_deleted=dead)[0]

    walked, rules = [], None
    for _ in whole:
        walked += storage.get_all(
            *NOTES, sorting=keys, include_deleted=dead, limit=1, pagination_rules=rules
        )[0]
        rules = page_rules(keys, walked[-1])

    assert len(whole) == (12 if dead else 6)
    assert walked == whole


@pytest.mark.parametrize(
    ("rules", "ids"),
    [
        ([[Filter("last_modified", 15, LT)], [Filter("last_modified", 30, EQ)]], ["c", "a"]),
        ([[Filter("last_modified", 30, EQ)], [Filter("last_modified", 15, LT)]], ["c", "a"]),
        ([[Filter("id", "b", GT)]], ["c"]),
        ([[Filter("last_modified", 15.5, LT)]], ["a"]),
        ([[Filter("last_modified", 15, GT)]], ["c", "b"]),
        ([[]], ["c", "b"]),
    ],
    ids=str,
)
def test_rules_of_another_shape_than_a_page_are_obeyed(storage, rules, ids):
    for object_id, stamp in (("a", 10), ("b", 20), ("c", 30)):
        storage.create(*NOTES, {"id": object_id, "last_modified": stamp})

    records, total = storage.get_all(*NOTES, sorting=NEWEST, pagination_rules=rules, limit=2)

    assert ([record["id"] for record in records], total) == (ids, 3)


def test_names_of_any_characters_are_places_of_their_own(storage):
    places = list(product(ODD_NAMES, ODD_NAMES))
    for place in places:
        storage.create(*place, {"id": "x", "place": list(place)})

    for place in places:
        page = storage.get_page(*place)
        assert (page.total, page.records[0]["place"]) == (1, list(place))


def test_all_keys_of_a_collection_are_in_one_slot_of_a_cluster():
    slots = set()
    for place in product(ODD_NAMES, ODD_NAMES):
        found = {key_slot(key.encode()) for key in keys_of(*place)}
        assert len(found) == 1
        slots |= found

    assert len(slots) > 200


def test_a_flush_leaves_the_keys_of_other_users_of_the_database(client, storage):
    client.execute("SET", "cliquet_like", 1)
    Cache(client).set("key", 1)
    for number in range(600):
        storage.create("notes", str(number), {})

    storage.flush()

    left = {key for batch in client.keys("") for key in batch}
    assert left == {b"cliquet_like", b"cliquet_like:cache:key"}


def test_numbers_survive_exactly_wherever_a_record_comes_out(storage):
    numbers = [9007199254740993, -9007199254740993, 1e300, 0.1, 1.0, 2**63 - 1, 5e-324]
    new = {"id": "x", "numbers": numbers, "unique": 9007199254740993}
    unique = {"unique_fields": ("unique",)}

    stored = storage.create(*NOTES, new, **unique)
    storage.create(*NOTES, {"id": "y", "unique": 9007199254740992}, **unique)

    with pytest.raises(UnicityError) as by_id:
        storage.create(*NOTES, new)
    with pytest.raises(UnicityError) as by_value:
        storage.create(*NOTES, {"unique": 9007199254740993}, **unique)
    for record in (stored, storage.get(*NOTES, "x"), by_id.value.record, by_value.value.record):
        assert repr(record["numbers"]) == repr(numbers)


def test_timestamps_are_exact_up_to_the_53rd_bit(storage):
    storage.create(*NOTES, {"id": "x", "last_modified": 2**53 - 1})

    assert storage.get(*NOTES, "x")["last_modified"] == 2**53 - 1
    assert storage.create(*NOTES, {})["last_modified"] == 2**53


def test_of_several_owners_the_least_id_is_blamed(storage):
    for object_id in ("c", "a", "b"):
        storage.create(*NOTES, {"id": object_id, "isbn": 1})

    with pytest.raises(UnicityError) as refusal:
        storage.update(*NOTES, "a", {"isbn": 1}, unique_fields=("isbn",))

    assert refusal.value.record["id"] == "b"


class Intruder:
    """A clock that lets somebody else write between the look of a storage and its write."""

    def __init__(self, storage, times):
        self.storage = storage
        self.left = times

    def __call__(self):
        if self.left:
            self.left -= 1
            self.storage.update(*NOTES, "intruder", {"isbn": self.left})
        return 1_000


def test_who_is_overtaken_looks_again(client, storage):
    storage.create(*NOTES, {"id": "a", "isbn": "a"})
    overtaken = [Storage(client, clock=Intruder(storage, times)) for times in (1, 3, 2, 1)]

    with pytest.raises(UnicityError) as refusal:
        overtaken[0].create(*NOTES, {"isbn": 0}, unique_fields=("isbn",))
    created = overtaken[1].create(*NOTES, {"id": "b", "isbn": "b"}, unique_fields=("isbn",))
    tombstones = overtaken[2].delete_all(*NOTES, filters=[Filter("isbn", "b", LT)])
    with pytest.raises(ModifiedMeanwhileError):
        overtaken[3].delete_all(*NOTES, expected=storage.collection_timestamp(*NOTES))

    assert refusal.value.record["id"] == "intruder"
    assert storage.get(*NOTES, "b") == created
    assert [tombstone["id"] for tombstone in tombstones] == ["a"]


@pytest.mark.parametrize("call", ["create", "delete_all"])
def test_who_is_always_overtaken_gives_up(client, storage, call):
    storage.create(*NOTES, {"id": "a"})
    overtaken = Storage(client, clock=Intruder(storage, ATTEMPTS))
    calls = {
        "create": lambda: overtaken.create(*NOTES, {"isbn": "b"}, unique_fields=("isbn",)),
        "delete_all": lambda: overtaken.delete_all(*NOTES),
    }

    with pytest.raises(BackendError, match="overtaken"):
        calls[call]()

    assert {record["id"] for record in storage.get_all(*NOTES)[0]} == {"a", "intruder"}


def test_the_storage_heals_when_the_server_is_back(private_redis):
    storage = Storage(RedisClient(private_redis.url))
    storage.create(*NOTES, {"id": "a"})

    private_redis.stop()
    with pytest.raises(BackendError):
        storage.get(*NOTES, "a")
    private_redis.start()

    storage.update(*NOTES, "b", {})
    assert storage.get_page(*NOTES).records[-1]["id"] == "b"


@pytest.mark.parametrize(
    "trouble",
    [("CONFIG", "SET", "maxmemory", "1"), ("REPLICAOF", "127.0.0.1", "1")],
    ids=["full", "read-only"],
)
def test_a_server_that_cannot_write_is_a_backend_error_and_still_read(private_redis, trouble):
    client = RedisClient(private_redis.url)
    storage = Storage(client)
    first = storage.create(*NOTES, {"id": "a"})

    client.execute(*trouble)

    for write in (
        lambda: storage.create(*NOTES, {}),
        lambda: storage.update(*NOTES, "a", {"isbn": 1}, unique_fields=("isbn",)),
        lambda: storage.collection_timestamp("films", "ada"),
    ):
        with pytest.raises(BackendError):
            write()
    assert storage.get(*NOTES, "a") == first
    assert storage.get_page(*NOTES) == Page([first], 1, first["last_modified"])


def test_the_settings_say_where_and_how_much(redis_url):
    settings = {"storage_url": redis_url, "storage_max_fetch_size": 2, "storage_pool_size": 3}
    storage = load_from_config(Configurator(settings=settings))
    for _ in range(3):
        storage.create(*NOTES, {})

    assert len(storage.get_all(*NOTES)[0]) == 2
