"""Contract of a cache: values, keys, times to live."""
# ruff: noqa: D102 - the name of a test is its sentence

import time
from collections.abc import Iterator
from math import inf
from typing import Any

import pytest

from cliquet_like.cache.base import CacheBase
from cliquet_like.testing.contracts.threads import THREADS, in_threads

VALUES: list[Any] = [
    False, True, 0, 1, -1.5, 1.0, 2**63 - 1, "", "été ☃ \U0001f600", "33", [], {}, [1, None, {"a": [True]}],
    {"a": {"b": "x"}, "": 0}, "nul \0 inside",
]  # fmt: skip


class CacheContract:
    """All that a cache promises, except how it fails (``CacheFailuresContract``).

    Subclass it with a name that pytest collects, and say in ``make_backend`` how yours is made.
    """

    def make_backend(self, *, cache_prefix: str = "") -> CacheBase:
        """Hook: a new backend on the same data, which the tests may flush."""
        raise NotImplementedError

    def wait(self, ms: int) -> None:
        """Hook: let so many milliseconds pass on the backend's clock."""
        time.sleep(ms / 1000)

    @pytest.fixture
    def cache(self) -> Iterator[CacheBase]:
        """Fresh, empty backend."""
        backend = self.make_backend()
        backend.initialize_schema()
        backend.flush()
        yield backend
        backend.flush()

    @pytest.mark.parametrize("value", VALUES, ids=repr)
    def test_a_value_comes_back_as_it_was_sent(self, cache: CacheBase, value: Any) -> None:
        cache.set("key", value)

        assert repr(cache.get("key")) == repr(value)

    def test_what_is_kept_is_not_shared(self, cache: CacheBase) -> None:
        value = {"tags": ["x"]}
        cache.set("key", value)

        value["tags"].append("given")
        cache.get("key")["tags"].append("got")

        assert cache.get("key") == {"tags": ["x"]}

    def test_what_json_cannot_hold_is_a_type_error(self, cache: CacheBase) -> None:
        cache.set("key", 1)

        with pytest.raises(TypeError):
            cache.set("key", {1, 2})

        assert cache.get("key") == 1

    def test_an_unknown_key_is_none_and_silent(self, cache: CacheBase) -> None:
        cache.delete("unknown")
        cache.expire("unknown", 10)

        assert cache.get("unknown") is cache.pop("unknown") is None
        assert cache.ttl("unknown") == -1

    @pytest.mark.parametrize("ttl", [None, 60])
    @pytest.mark.parametrize("value", VALUES, ids=repr)
    def test_a_value_is_popped_once_as_it_was_sent(
        self, cache: CacheBase, value: Any, ttl: float | None
    ) -> None:
        cache.set("key", value, ttl=ttl)

        first, second = cache.pop("key"), cache.pop("key")

        assert (repr(first), second) == (repr(value), None)
        assert (cache.get("key"), cache.ttl("key")) == (None, -1)

    def test_a_popped_value_is_not_shared(self, cache: CacheBase) -> None:
        value = {"tags": ["x"]}
        cache.set("key", value)

        value["tags"].append("given")
        popped = cache.pop("key")

        assert popped == {"tags": ["x"]}

    def test_only_the_key_that_is_asked_for_is_popped(self, cache: CacheBase) -> None:
        first, second = self.make_backend(cache_prefix="a:"), self.make_backend(cache_prefix="b:")
        for backend in (first, second):
            for key in ("key", "key2"):
                backend.set(key, backend.prefix + key)

        popped = first.pop("key")

        assert (popped, first.get("key")) == ("a:key", None)
        assert (first.get("key2"), second.get("key"), second.get("key2")) == ("a:key2", "b:key", "b:key2")

    def test_a_popped_key_can_be_set_again(self, cache: CacheBase) -> None:
        cache.set("key", 1, ttl=0.01)
        cache.pop("key")
        cache.set("key", 2)
        self.wait(20)

        assert (cache.ttl("key"), cache.pop("key")) == (-1, 2)

    def test_a_deleted_key_is_gone(self, cache: CacheBase) -> None:
        cache.set("key", 1, ttl=10)
        cache.delete("key")

        assert (cache.get("key"), cache.ttl("key")) == (None, -1)

    @pytest.mark.parametrize("key", ["", "é ☃ \U0001f600", "a:b/c*[x]%s'\"\\", "k" * 1000])
    def test_a_key_may_be_any_text(self, cache: CacheBase, key: str) -> None:
        cache.set(key, 1)

        assert cache.get(key) == 1
        assert cache.get(key + "x") is None

    @pytest.mark.parametrize("key", ["a\0b", "\ud800"], ids=ascii)
    def test_a_key_that_no_server_could_keep_is_a_value_error(self, cache: CacheBase, key: str) -> None:
        for call in (cache.get, cache.pop, cache.ttl, cache.delete, lambda key: cache.set(key, 1)):
            with pytest.raises(ValueError, match=r"NUL|surrogates"):
                call(key)
        with pytest.raises(ValueError, match=r"NUL|surrogates"):
            cache.expire(key, 1)

    def test_without_a_ttl_a_key_never_expires(self, cache: CacheBase) -> None:
        cache.set("key", 1)
        self.wait(20)

        assert (cache.get("key"), cache.ttl("key")) == (1, -1)

    @pytest.mark.parametrize("ttl", [0.5, 30, 90.0, 3600, 10 * 24 * 3600])
    def test_a_ttl_is_the_whole_of_the_seconds_left(self, cache: CacheBase, ttl: float) -> None:
        cache.set("set", 1, ttl=ttl)
        cache.set("expire", 1)
        cache.expire("expire", ttl)

        for key in ("set", "expire"):
            assert 0 < cache.ttl(key) <= ttl
            assert cache.ttl(key) > ttl - (0.4 if ttl < 1 else 5)

    def test_a_key_is_gone_after_a_fraction_of_a_second(self, cache: CacheBase) -> None:
        cache.set("set", 1, ttl=0.01)
        cache.set("expire", 1)
        cache.expire("expire", 0.01)
        self.wait(20)

        for key in ("set", "expire"):
            assert (cache.get(key), cache.ttl(key)) == (None, -1)
        cache.expire("set", 10)
        assert cache.get("set") is None

    def test_an_expired_key_is_not_popped(self, cache: CacheBase) -> None:
        cache.set("set", 1, ttl=0.01)
        cache.set("expire", 1)
        cache.expire("expire", 0.01)
        self.wait(20)

        popped = [cache.pop(key) for key in ("set", "expire")]

        assert popped == [None, None]

    @pytest.mark.parametrize("ttl", [0, -1, -0.5])
    def test_a_ttl_that_is_not_positive_expires_at_once(self, cache: CacheBase, ttl: float) -> None:
        for key in ("set", "expire"):
            cache.set(key, "older")
        cache.set("set", 1, ttl=ttl)
        cache.expire("expire", ttl)

        for key in ("set", "expire"):
            assert (cache.get(key), cache.ttl(key)) == (None, -1)

    @pytest.mark.parametrize("ttl", [1e15, 10**30, inf])
    def test_a_ttl_may_be_as_long_as_one_likes(self, cache: CacheBase, ttl: float) -> None:
        cache.set("key", "value", ttl=ttl)
        cache.set("other", "value")
        cache.expire("other", ttl)

        assert cache.get("key") == cache.get("other") == "value"
        assert cache.ttl("key") > 1e9

    def test_setting_again_replaces_value_and_ttl(self, cache: CacheBase) -> None:
        cache.set("key", 1, ttl=0.01)
        cache.set("key", 2)
        self.wait(20)

        assert (cache.get("key"), cache.ttl("key")) == (2, -1)

    def test_prefixes_keep_keys_apart(self, cache: CacheBase) -> None:
        first, second = self.make_backend(cache_prefix="a:"), self.make_backend(cache_prefix="b:")
        first.set("key", 1, ttl=60)
        second.set("key", 2)

        assert (first.get("key"), second.get("key"), cache.get("key")) == (1, 2, None)
        assert (cache.get("a:key"), cache.get("b:key")) == (1, 2)
        second.delete("key")
        assert first.ttl("key") > 0

    def test_a_flush_leaves_nothing(self, cache: CacheBase) -> None:
        cache.set("key", 1)
        cache.flush()

        assert cache.get("key") is None

    def test_threads_lose_nothing(self, cache: CacheBase) -> None:
        def fill(number: int) -> None:
            for turn in range(20):
                cache.set(f"{number}-{turn}", turn, ttl=60)

        in_threads(fill)

        assert [cache.get(f"{number}-19") for number in range(THREADS)] == [19] * THREADS

    def test_of_several_threads_exactly_one_pops_a_value(self, cache: CacheBase) -> None:
        keys = [f"state-{number}" for number in range(50)]
        for key in keys:
            cache.set(key, key, ttl=60)

        popped = in_threads(lambda _: [cache.pop(key) for key in keys])

        assert sorted(value for values in popped for value in values if value) == sorted(keys)
