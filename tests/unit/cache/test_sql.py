"""What the SQL caches have in common, on each database."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import transaction
from pyramid.config import Configurator

from cliquet_like.cache import postgresql, sqlite
from cliquet_like.cache.sql import SWEEP_EVERY, SWEEP_MOST
from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.transactions import joining
from tests import servers

MODULES = {"sqlite": sqlite, "postgresql": postgresql}
KEYS = "SELECT key FROM cache ORDER BY key"


@pytest.fixture(scope="module", params=MODULES)
def settings(request, tmp_path_factory):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('cache')}/cache.db"
        yield {"backend": "sqlite", "cache_url": url, "cache_prefix": "app:"}
        return
    with servers.new_database() as url:
        yield {"backend": "postgresql", "cache_url": url, "cache_prefix": "app:"}


@pytest.fixture
def cache(settings):
    cache = MODULES[settings["backend"]].load_from_config(Configurator(settings=settings))
    cache.initialize_schema()
    cache.flush()
    yield cache
    cache.database.close()


@pytest.fixture
def announced(cache):
    """Statements that were run, by their first word."""
    announced = []
    cache.database.on_statement = lambda statement: announced.append(statement.split()[0])
    return announced


@pytest.fixture
def request_transaction(cache):
    manager = transaction.TransactionManager()
    manager.begin()
    with joining(manager):
        yield manager
    manager.abort()


def test_each_call_is_one_statement(cache, announced):
    cache.set("key", 1, ttl=60)
    cache.get("key")
    cache.ttl("key")
    cache.expire("key", 60)
    cache.pop("key")
    cache.delete("key")
    cache.flush()

    assert announced == ["INSERT", "SELECT", "SELECT", "UPDATE", "DELETE", "DELETE", "DELETE"]


def test_people_find_the_whole_key_in_the_table(cache):
    cache.set("é'%s", 1)

    assert cache.database.read(KEYS) == [("app:é'%s",)]


def test_a_key_may_be_longer_than_an_index_takes(cache):
    keys = ["k" * 10_000 + end for end in ("", "a", "b")]
    for number, key in enumerate(keys):
        cache.set(key, number, ttl=60)

    cache.expire(keys[1], 120)
    popped = cache.pop(keys[2])

    assert ([cache.get(key) for key in keys], popped) == ([0, 1, None], 2)
    assert 0 < cache.ttl(keys[0]) <= 60 < cache.ttl(keys[1])


def test_a_ttl_of_many_lifetimes_is_kept(cache):
    cache.set("set", 1, ttl=1e300)
    cache.set("expire", 1)
    cache.expire("expire", 1e300)

    for key in ("set", "expire"):
        assert cache.get(key) == 1
        assert cache.ttl(key) > 1e12


def _let_expire(cache, number):
    """Rows that are in the table, though their time is over."""
    for turn in range(number):
        cache.database.write(
            cache.dialect("INSERT INTO cache VALUES ({digest}, {key}, '1', 1)"),
            {"digest": f"{turn}".encode(), "key": "expired"},
        )


def test_expired_rows_are_removed_in_passing(cache, announced):
    _let_expire(cache, 5)
    cache.set("for ever", 1)
    announced.clear()

    for number in range(SWEEP_EVERY - 1):
        cache.set("key", number, ttl=60)

    assert announced == ["INSERT"] * (SWEEP_EVERY - 1) + ["DELETE"]
    assert cache.database.read(KEYS) == [("app:for ever",), ("app:key",)]


def test_not_too_many_at_once(cache):
    _let_expire(cache, SWEEP_MOST + 5)

    for number in range(SWEEP_EVERY):
        cache.set("key", number)

    assert cache.database.read(KEYS) == [("app:key",)] + [("expired",)] * 5


def _in_a_thread(ask):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(ask).result()


def test_a_value_lasts_though_the_request_fails(cache, request_transaction):
    cache.set("key", 1)

    request_transaction.abort()

    assert cache.get("key") == 1


def test_what_was_popped_is_gone_at_once_and_for_good(cache, request_transaction):
    cache.set("state", "used")

    popped = cache.pop("state")
    elsewhere = _in_a_thread(lambda: cache.pop("state"))
    request_transaction.abort()

    assert (popped, elsewhere, cache.pop("state")) == ("used", None, None)


def test_what_was_popped_after_another_write_comes_back_with_it(cache, request_transaction):
    cache.set("state", "used")
    cache.database.write("DELETE FROM cache WHERE key = 'another'")

    popped = [cache.pop("state"), cache.pop("state")]
    request_transaction.abort()

    assert popped == ["used", None]
    assert [cache.pop("state"), cache.pop("state")] == ["used", None]


def test_unless_the_transaction_is_open_on_the_same_database(cache, request_transaction):
    cache.database.write("DELETE FROM cache")
    cache.set("key", 1)
    before = cache.get("key")

    request_transaction.abort()

    assert (before, cache.get("key")) == (1, None)


def test_other_threads_do_not_see_what_is_not_committed(cache, request_transaction):
    cache.database.write("DELETE FROM cache")
    cache.set("key", 1)

    seen = _in_a_thread(lambda: cache.get("key"))

    assert (seen, cache.get("key")) == (None, 1)


def test_without_tables_it_says_which_command_makes_them(cache):
    cache.database.write("ALTER TABLE cache RENAME TO elsewhere")

    with pytest.raises(BackendError, match="cliquet-like migrate"):
        cache.get("key")

    cache.database.write("ALTER TABLE elsewhere RENAME TO cache")
