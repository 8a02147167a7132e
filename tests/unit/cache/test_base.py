import pytest

from cliquet_like.cache import CacheBase

CALLS = {
    "flush": lambda cache: cache.flush(),
    "ttl": lambda cache: cache.ttl("key"),
    "expire": lambda cache: cache.expire("key", 1),
    "expire at once": lambda cache: cache.expire("key", 0),
    "set": lambda cache: cache.set("key", 1),
    "get": lambda cache: cache.get("key"),
    "pop": lambda cache: cache.pop("key"),
    "delete": lambda cache: cache.delete("key"),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_base_keeps_nothing(name):
    with pytest.raises(NotImplementedError):
        CALLS[name](CacheBase())


def test_a_cache_without_schema_has_nothing_to_initialize():
    assert CacheBase().initialize_schema() is None


class Recording(CacheBase):
    def _store(self, key, text, ttl_ms):
        self.stored = key, text, ttl_ms


def test_a_backend_gets_whole_keys_json_and_whole_milliseconds():
    cache = Recording(cache_prefix="app:")

    cache.set("key", {"a": (1, "é")}, ttl=0.0704)

    assert cache.stored == ("app:key", '{"a":[1,"é"]}', 70)
