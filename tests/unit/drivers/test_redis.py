import re
import socket
import sys
import threading
import time
from itertools import product

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from cliquet_like.cache import redis as cache
from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.redis import RedisClient, client_from_config
from cliquet_like.storage import redis as storage

SLOW_WRITE = """
local function ms() local now = redis.call('TIME') return now[1] * 1000 + now[2] / 1000 end
local start = ms()
redis.call('INCR', KEYS[1])
for _ = 1, 1e6 do if ms() - start > 150 then break end end
"""


def with_options(url, **options):
    return url + ("&" if "?" in url else "?") + "&".join(f"{name}={options[name]}" for name in options)


def client_of(kind="storage", **settings):
    return client_from_config(Configurator(settings=settings), kind)


def wait_until(holds):
    for _ in range(500):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("never happened")


def test_commands_are_answered_in_bytes(redis_url):
    client = RedisClient(with_options(redis_url, decode_responses="true", encoding="latin-1"))

    client.execute("SET", "key", "é")

    assert client.execute("GET", "key") == "é".encode()


def test_a_script_is_sent_to_a_server_that_lost_it(private_redis):
    client = RedisClient(private_redis.url)
    run = client.script("return {KEYS[1], ARGV[1]}")
    run(["key"], ["first"])

    client.execute("SCRIPT", "FLUSH")

    assert run(["key"], ["second"]) == [b"key", b"second"]


def test_all_keys_with_a_prefix_are_found_in_batches(redis_url):
    client = RedisClient(redis_url)
    for number in range(2500):
        client.execute("SET", f"ours:{number}", 1)
    client.execute("SET", "theirs:0", 1)

    batches = list(client.keys("ours:"))

    assert len(batches) > 1
    assert {key for batch in batches for key in batch} == {b"ours:%d" % number for number in range(2500)}


def test_the_url_names_the_database(private_redis):
    first, second = (RedisClient(with_options(private_redis.url, db=number)) for number in (1, 2))
    first.execute("SET", "key", 1)

    assert second.execute("GET", "key") is None


def test_only_the_right_password_is_let_in(private_redis):
    RedisClient(private_redis.url).execute("CONFIG", "SET", "requirepass", "sesame")

    assert RedisClient(with_options(private_redis.url, password="sesame")).execute("PING")
    for url in (private_redis.url, with_options(private_redis.url, password="tahini")):
        with pytest.raises(BackendError):
            RedisClient(url).execute("PING")


def test_rediss_speaks_tls():
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def listen():
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(1))

        listener = threading.Thread(target=listen)
        listener.start()
        with pytest.raises(BackendError):
            RedisClient(f"rediss://127.0.0.1:{server.getsockname()[1]}").execute("PING")
        listener.join()

    assert heard == [b"\x16"]  # a TLS handshake


@pytest.mark.parametrize(
    "words", [("NONSENSE",), ("INCR", "text"), ("GET", "\ud800"), ("GET", None)], ids=ascii
)
def test_what_the_driver_or_the_server_refuses_is_a_backend_error(redis_url, words):
    client = RedisClient(redis_url)
    client.execute("SET", "text", "x")

    with pytest.raises(BackendError) as failure:
        client.execute(*words)

    assert failure.value.original is failure.value.__cause__
    assert failure.value.message == type(failure.value.original).__name__


def test_a_message_says_why_a_server_cannot_be_reached(private_redis):
    client = RedisClient(private_redis.url)
    private_redis.stop()

    with pytest.raises(BackendError) as failure:
        client.execute("PING")

    assert re.fullmatch("ConnectionError: .*refused.*", failure.value.message)


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (("CONFIG", "SET", "maxmemory", "1"), "OutOfMemoryError"),
        (("REPLICAOF", "127.0.0.1", "1"), "ReadOnlyError"),
        (("CONFIG", "SET", "requirepass", "tahini"), "AuthenticationError"),
    ],
)
def test_a_message_says_what_ails_the_server(private_redis, state, name):
    client = RedisClient(private_redis.url)
    client.execute(*state)
    client.close()

    with pytest.raises(BackendError) as failure:
        client.execute("SET", "key", "sesame")

    assert re.fullmatch(f"{name}: .+", failure.value.message)
    assert "sesame" not in failure.value.message


def test_a_closed_client_connects_again(private_redis):
    client = RedisClient(private_redis.url)
    first = client.execute("CLIENT", "ID")

    client.close()

    assert client.execute("CLIENT", "ID") > first


def test_a_client_heals_when_the_server_is_back(private_redis):
    client = RedisClient(private_redis.url)
    run = client.script("return redis.call('INCR', KEYS[1])")
    run(["n"], [])

    private_redis.stop()
    for _ in range(2):
        with pytest.raises(BackendError):
            run(["n"], [])
    private_redis.start()

    assert run(["other"], []) == 1


def test_a_restart_between_two_commands_is_not_noticed(private_redis):
    client = RedisClient(private_redis.url)
    client.execute("PING")

    private_redis.kill()
    private_redis.start()

    assert client.script("return 1")([], []) == 1


def test_a_write_without_an_answer_is_not_sent_again(private_redis):
    client = RedisClient(with_options(private_redis.url, socket_timeout=0.1, retry_on_timeout="true"))

    with pytest.raises(BackendError, match=r"^TimeoutError: ."):
        client.execute("EVAL", SLOW_WRITE, 1, "n")

    assert RedisClient(private_redis.url).execute("GET", "n") == b"1"


def test_who_waits_too_long_for_a_connection_gets_a_backend_error(redis_url):
    client = RedisClient(redis_url, pool_size=1, pool_timeout_s=0.05)
    other = RedisClient(redis_url)
    holder = threading.Thread(target=client.execute, args=("BLPOP", "queue", 4))
    holder.start()
    wait_until(lambda: other.execute("CLIENT", "LIST").count(b"cmd=blpop") == 1)

    start = time.monotonic()
    with pytest.raises(BackendError):
        client.execute("PING")
    waited_s = time.monotonic() - start
    other.execute("LPUSH", "queue", 1)
    holder.join()

    assert 0.05 <= waited_s < 2
    assert client.execute("PING")


@pytest.mark.parametrize(
    "url",
    [
        "localhost", "http://localhost", "redis://localhost:sesame", "redis://:sesame/x@localhost",
        "redis://localhost/sesame", "redis://[::1", "redis://localhost?sesame=1",
        "redis://localhost?socket_timeout=sesame", "redis://localhost?max_connections=0",
        "redis://localhost?queue_class=sesame", "redis://localhost?socket_timeout=0",
        "redis://localhost?socket_connect_timeout=-1", "rediss://localhost?ssl_cert_reqs=sesame", "unix://",
    ],
)  # fmt: skip
def test_a_malformed_url_is_refused_by_the_name_of_its_setting(url):
    with pytest.raises(ConfigurationError, match="Setting cache_url:") as refusal:
        client_of("cache", cache_url=url)

    assert "sesame" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *product(["storage_pool_size", "storage_pool_timeout"], [-1, "many", float("inf")]),
        ("storage_pool_size", 0),
    ],
)
def test_a_pool_without_size_or_end_is_refused(name, value):
    with pytest.raises(ConfigurationError, match=f"Setting {name}:"):
        client_of(**{name: value})


@pytest.mark.parametrize("value", ["", None, 0, 0.5])
def test_a_wait_may_be_short_or_not_given(redis_url, value):
    client = client_of(storage_url=redis_url, storage_pool_timeout=value)

    assert client.execute("PING")


@pytest.mark.parametrize("url", ["", None, "rediss://user:word@example.org:1/2", "unix:///tmp/nowhere?db=3"])
def test_making_a_client_does_not_connect(url):
    assert isinstance(client_of(storage_url=url), RedisClient)


def test_backends_on_one_server_share_a_client():
    url = "redis://localhost/1"
    config = Configurator(settings={"storage_url": url, "cache_url": url, "permission_url": url + "1"})

    client = client_from_config(config, "storage")

    assert client_from_config(config, "cache") is client
    assert client_from_config(config, "permission") is not client


def test_a_pool_of_another_size_is_another_client_and_so_is_that_of_another_application():
    settings = {"storage_pool_size": 5, "cache_pool_size": "6"}
    config, other = Configurator(settings=settings), Configurator(settings=settings)

    clients = [client_from_config(config, kind) for kind in ("storage", "cache")]
    clients.append(client_from_config(other, "storage"))

    assert len({id(client) for client in clients}) == 3


def test_a_client_of_no_backend_has_settings_with_a_prefix_of_its_own(redis_url):
    prefix = "event_listeners.queue."
    config = Configurator(settings={f"{prefix}url": redis_url, "listener_url": "nonsense"})

    client = client_from_config(config, "listener", prefix=prefix)

    assert client.execute("PING")


def test_a_client_of_no_backend_is_shared_with_backends_on_the_same_server():
    url, prefix = "redis://localhost/1", "event_listeners.queue."
    config = Configurator(
        settings={"storage_url": url, f"{prefix}url": url, "other.url": url, "other.pool_size": "3"}
    )

    client = client_from_config(config, "listener", prefix=prefix)

    assert client_from_config(config, "storage") is client
    assert client_from_config(config, "listener", prefix="other.") is not client


@pytest.mark.parametrize(
    ("name", "value"), [("url", "http://localhost"), ("pool_size", 0), ("pool_timeout", -1)]
)
def test_what_is_wrong_is_refused_by_its_name_with_the_prefix(name, value):
    setting = f"event_listeners.queue.{name}"
    config = Configurator(settings={setting: value})

    with pytest.raises(ConfigurationError, match=f"^Setting {re.escape(setting)}: "):
        client_from_config(config, "listener", prefix="event_listeners.queue.")


@pytest.mark.parametrize(
    ("kind", "module"), [("storage", storage), ("cache", cache)], ids=["storage", "cache"]
)
def test_a_missing_driver_is_refused_by_the_name_of_the_backend(monkeypatch, kind, module):
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(ConfigurationError) as refusal:
        module.load_from_config(Configurator())

    assert f"Setting {kind}_backend:" in str(refusal.value)
    assert "cliquet-like[redis]" in str(refusal.value)


def test_a_missing_driver_is_refused_by_the_name_of_who_uses_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(ConfigurationError, match=r"^Setting event_listeners\.queue\.use: the driver redis"):
        RedisClient(kind="listener", prefix="event_listeners.queue.")
