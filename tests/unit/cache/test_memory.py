from pyramid.config import Configurator

from cliquet_like.cache import memory
from cliquet_like.testing import FrozenClock


def test_a_key_lives_until_its_last_millisecond():
    clock = FrozenClock()
    cache = memory.Cache(clock=clock)
    cache.set("key", 1, ttl=90.5)

    clock.advance(90_499)
    last = (cache.get("key"), cache.ttl("key"))
    clock.advance(1)

    assert last == (1, 0.001)
    assert (cache.get("key"), cache.ttl("key")) == (None, -1)


def test_a_ttl_below_a_millisecond_is_one_millisecond():
    cache = memory.Cache(clock=FrozenClock())

    cache.set("key", 1, ttl=0.000_1)

    assert cache.ttl("key") == 0.001


def test_expired_keys_do_not_pile_up():
    clock = FrozenClock()
    cache = memory.Cache(clock=clock)
    cache.set("forever", 1)

    for number in range(5000):
        cache.set(f"token-{number}", number, ttl=0.1)
        clock.advance(1)

    assert len(cache.entries) <= 1001
    assert cache.get("forever") == 1


def test_live_keys_are_never_swept():
    cache = memory.Cache(clock=FrozenClock())

    for number in range(3000):
        cache.set(f"token-{number}", number, ttl=60)

    assert len(cache.entries) == 3000


def test_an_expired_key_that_is_met_is_forgotten():
    clock = FrozenClock()
    cache = memory.Cache("p:", clock=clock)
    cache.set("key", 1, ttl=1)
    assert list(cache.entries) == ["p:key"]

    clock.advance(1000)
    cache.get("key")

    assert cache.entries == {}


def test_two_caches_may_be_given_one_store():
    one, other = memory.Cache("one:"), memory.Cache("other:")
    other.entries = one.entries

    one.set("key", 1)
    other.set("key", 2)

    assert (one.get("key"), other.get("key")) == (1, 2)
    assert set(one.entries) == {"one:key", "other:key"}


def test_the_prefix_comes_from_the_settings():
    configured = memory.load_from_config(Configurator(settings={"cache_prefix": "app:"}))
    default = memory.load_from_config(Configurator(settings={}))

    assert (configured.prefix, default.prefix) == ("app:", "")
