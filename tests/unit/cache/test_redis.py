import pytest
from pyramid.config import Configurator

from cliquet_like.cache.redis import Cache, load_from_config
from cliquet_like.drivers.redis import RedisClient


@pytest.fixture
def client(redis_url):
    return RedisClient(redis_url)


@pytest.fixture
def cache(client):
    return Cache(client, "app:")


@pytest.mark.parametrize("ttl", [12.345, 0.789, 1.0004])
def test_the_server_counts_a_ttl_in_milliseconds(client, cache, ttl):
    cache.set("set", 1, ttl=ttl)
    cache.set("expire", 1)
    cache.expire("expire", ttl)

    for key in ("set", "expire"):
        left_ms = client.execute("PTTL", f"cliquet_like:cache:app:{key}")
        assert ttl * 1000 - 200 < left_ms <= round(ttl * 1000)
        assert ttl - 0.2 < cache.ttl(key) <= left_ms / 1000


def test_a_ttl_of_many_lifetimes_is_kept(cache):
    cache.set("set", 1, ttl=1e300)
    cache.set("expire", 1)
    cache.expire("expire", 1e300)

    for key in ("set", "expire"):
        assert cache.get(key) == 1
        assert cache.ttl(key) > 1e12


def test_a_flush_leaves_the_keys_of_other_users_of_the_database(client, cache):
    others = ["app", "app:key", "cliquet_like:storage:{a:b}:live", "cliquet_like:cach"]
    for key in others:
        client.execute("SET", key, 1)
    for number in range(1500):
        cache.set(str(number), number)
    Cache(client, "other:").set("key", 1)

    cache.flush()

    assert {key.decode() for batch in client.keys("") for key in batch} == set(others)


def test_the_settings_say_where_and_under_which_prefix(redis_url, client):
    settings = {"cache_url": redis_url, "cache_prefix": "app:", "cache_pool_size": 2}

    load_from_config(Configurator(settings=settings)).set("key", "x")

    assert client.execute("GET", "cliquet_like:cache:app:key") == b'"x"'
