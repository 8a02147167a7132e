import pytest
from pyramid.config import Configurator

from cliquet_like.cache.sql import SWEEP_EVERY
from cliquet_like.cache.sqlite import Cache, load_from_config
from cliquet_like.drivers.sqlite.client import SQLite, client_from_config
from cliquet_like.drivers.sqlite.url import Location
from cliquet_like.testing import FrozenClock


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def cache(tmp_path, clock):
    cache = Cache(SQLite(Location(f"{tmp_path}/cache.db")), clock=clock)
    cache.initialize_schema()
    yield cache
    cache.database.close()


def test_a_key_lives_until_its_last_millisecond(cache, clock):
    cache.set("key", 1, ttl=90.5)

    clock.advance(90_499)
    last = (cache.get("key"), cache.ttl("key"))
    clock.advance(1)
    cache.expire("key", 60)

    assert last == (1, 0.001)
    assert (cache.get("key"), cache.ttl("key")) == (None, -1)


def test_expired_keys_do_not_pile_up(cache, clock):
    for number in range(4 * SWEEP_EVERY):
        cache.set(f"token-{number}", number, ttl=0.1)
        clock.advance(1)

    assert cache.database.read("SELECT count(*) <= 100 FROM cache") == [(1,)]


def test_every_statement_uses_an_index(cache):
    announced = set()
    cache.database.on_statement = announced.add
    for number in range(SWEEP_EVERY):
        cache.set("key", number, ttl=60)
    for call in (cache.get, cache.ttl, cache.pop, cache.delete, lambda key: cache.expire(key, 60)):
        call("key")

    values = dict.fromkeys(("digest", "key", "value", "ttl_ms", "now", "most"), 1)
    plans = {
        statement: [step for *_, step in cache.database.read(f"EXPLAIN QUERY PLAN {statement}", values)]
        for statement in list(announced)
    }

    assert len(plans) == 7
    assert [step for plan in plans.values() for step in plan if step.startswith("SCAN")] == []


def test_it_may_be_in_the_file_of_the_storage(tmp_path):
    url = f"sqlite:///{tmp_path}/all.db"
    config = Configurator(settings={"storage_url": url, "cache_url": url, "cache_prefix": "app:"})

    cache = load_from_config(config)

    assert cache.database is client_from_config(config, "storage")
    assert cache.prefix == "app:"
