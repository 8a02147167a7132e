from time import perf_counter

import pytest
from pyramid.config import Configurator

from cliquet_like.storage import memory
from cliquet_like.storage.query import COMPARISON, Filter, Sort
from cliquet_like.testing import FrozenClock

NEWEST = [Sort("last_modified", -1)]


def test_two_writes_in_one_millisecond_have_two_timestamps():
    clock = FrozenClock(1000)
    storage = memory.Storage(clock=clock)

    stamps = [storage.create("books", "alice", {})["last_modified"] for _ in range(3)]
    clock.advance(5000)
    stamps.append(storage.create("books", "alice", {})["last_modified"])

    assert stamps == [1000, 1001, 1002, 6000]


def test_a_clock_that_is_set_back_does_not_set_timestamps_back():
    clock = FrozenClock(1000)
    storage = memory.Storage(clock=clock)
    storage.create("books", "alice", {})

    clock.advance(-500)

    assert storage.create("books", "alice", {})["last_modified"] == 1001


def test_reading_what_was_never_written_keeps_nothing():
    storage = memory.Storage()

    assert storage.get_all("books", "alice") == ([], 0)
    assert storage.delete_all("books", "alice") == []
    assert storage.purge_deleted("books", "alice") == 0
    assert storage._collections == {}


def test_the_fetch_size_comes_from_the_settings():
    configured = memory.load_from_config(Configurator(settings={"storage_max_fetch_size": "25"}))
    default = memory.load_from_config(Configurator(settings={}))

    assert (configured.max_fetch_size, default.max_fetch_size) == (25, 10_000)


def test_a_value_that_was_repeated_before_it_was_unique_blames_the_least_id():
    storage = memory.Storage()
    for object_id in ("b", "a", "c"):
        storage.create("books", "alice", {"id": object_id, "isbn": 1})

    with pytest.raises(memory.UnicityError) as refusal:
        storage.create("books", "alice", {"isbn": 1}, unique_fields=["isbn"])
    storage.update("books", "alice", "a", {"isbn": 2}, unique_fields=["isbn"])
    with pytest.raises(memory.UnicityError) as later:
        storage.create("books", "alice", {"isbn": 1}, unique_fields=["isbn"])

    assert (refusal.value.record["id"], later.value.record["id"]) == ("a", "b")


class Counted(dict):
    """Counts how often records of a collection are read."""

    reads = 0

    def __getitem__(self, key):
        Counted.reads += 1
        return super().__getitem__(key)


@pytest.fixture
def large():
    storage = memory.Storage(clock=FrozenClock(1000))
    for number in range(5000):
        storage.create("books", "alice", {"id": f"{number:05}"})
    collection = storage._collections["alice", "books"]
    collection._entries = Counted(collection._entries)
    Counted.reads = 0
    return storage


def test_the_newest_page_does_not_touch_the_rest(large):
    page = large.get_page("books", "alice", sorting=NEWEST, limit=10)

    assert (len(page.records), page.total, page.records[0]["id"]) == (10, 5000, "04999")
    assert Counted.reads <= 12


def test_a_page_in_the_middle_does_not_touch_the_rest(large):
    rules = [
        [Filter("last_modified", 3000, COMPARISON.LT)],
        [Filter("last_modified", 3000, COMPARISON.EQ), Filter("id", "02000", COMPARISON.LT)],
    ]

    records, total = large.get_all("books", "alice", sorting=NEWEST, pagination_rules=rules, limit=10)

    assert (records[0]["id"], len(records), total) == ("01999", 10, 5000)
    assert Counted.reads <= 14


def test_asking_what_is_new_touches_nothing_when_nothing_is(large):
    since = [Filter("last_modified", large.collection_timestamp("books", "alice"), COMPARISON.GT)]

    found = large.get_all("books", "alice", filters=since, sorting=NEWEST, include_deleted=True)

    assert found == ([], 0)
    assert Counted.reads == 0


def test_a_unique_field_is_not_looked_for_record_by_record():
    storage = memory.Storage()
    options = {"unique_fields": ["isbn"]}
    for number in range(3000):
        storage.create("books", "alice", {"isbn": number}, **options)

    started = perf_counter()
    for number in range(3000, 3100):
        storage.create("books", "alice", {"isbn": number}, **options)

    assert perf_counter() - started < 0.1
