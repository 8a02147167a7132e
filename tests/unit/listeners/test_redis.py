"""The listener that pushes on a list in Redis, without an application around it."""

import json
from types import SimpleNamespace

import pytest
from pyramid import testing

from cliquet_like.drivers.redis import RedisClient
from cliquet_like.events import ACTIONS, ResourceChanged
from cliquet_like.listeners import ListenerBase
from cliquet_like.listeners.redis import Listener, load_from_config

PREFIX = "event_listeners.queue."


def event_of(timestamp=123456, **matchdict):
    request = SimpleNamespace(
        path="/v1/notes", prefixed_userid="basicauth:ada", matchdict=matchdict, current_resource_name="note"
    )
    return ResourceChanged(ACTIONS.CREATE, timestamp, [{"new": {"text": "secret"}}], request)


def pushed(client, name="cliquet_like.events"):
    return [json.loads(text) for text in client.execute("LRANGE", name, 0, -1)]


@pytest.fixture
def client(redis_url):
    return RedisClient(redis_url)


def test_the_payload_is_pushed_without_the_records(client):
    event = event_of(id="é")

    Listener(client)(event)

    assert pushed(client) == [event.payload]
    assert pushed(client)[0]["note_id"] == "é"


def test_the_newest_is_first(client):
    listener = Listener(client)

    for timestamp in (1, 2, 3):
        listener(event_of(timestamp))

    assert [payload["timestamp"] for payload in pushed(client)] == [3, 2, 1]


def test_each_event_is_one_command(private_redis):
    client = RedisClient(private_redis.url)

    Listener(client)(event_of())
    Listener(client)(event_of())

    statistics = client.execute("INFO", "commandstats")
    assert {name: found["calls"] for name, found in statistics.items() if "push" in name} == {
        "cmdstat_lpush": 2
    }


def test_the_list_may_have_another_name(client):
    Listener(client, "reactions")(event_of())

    assert (len(pushed(client, "reactions")), pushed(client)) == (1, [])


def test_it_is_a_listener(client):
    assert isinstance(Listener(client), ListenerBase)


@pytest.mark.parametrize(
    "value", [object(), "\ud800", {1: "a"}, 2**70], ids=["object", "text", "key", "number"]
)
def test_what_is_no_json_is_logged_and_not_pushed(client, caplog, value):
    event = event_of(thing=value)

    Listener(client, "reactions")(event)

    assert pushed(client, "reactions") == []
    (entry,) = caplog.records
    assert (entry.levelname, "reactions" in entry.getMessage()) == ("ERROR", True)
    assert issubclass(entry.exc_info[0], TypeError)


def test_a_server_that_is_away_is_logged_and_missed_no_longer_when_it_is_back(private_redis, caplog):
    client = RedisClient(private_redis.url)
    listener = Listener(client)
    private_redis.stop()

    listener(event_of(1))
    private_redis.start()
    listener(event_of(2))

    assert [payload["timestamp"] for payload in pushed(client)] == [2]
    assert [(entry.levelname, entry.exc_info[0].__name__) for entry in caplog.records] == [
        ("ERROR", "BackendError")
    ]


def test_a_server_that_refuses_is_logged(client, caplog):
    client.execute("SET", "reactions", "no list")

    Listener(client, "reactions")(event_of())

    assert [entry.exc_info[0].__name__ for entry in caplog.records] == ["BackendError"]


def test_an_event_of_somebody_else_is_a_mistake_that_is_told(client):
    with pytest.raises(AttributeError):
        Listener(client)(object())


@pytest.mark.parametrize(
    ("listname", "name"),
    [("reactions", "reactions"), (2017, "2017"), ("", "cliquet_like.events"), (None, "cliquet_like.events")],
    ids=repr,
)
def test_the_settings_say_server_and_list(redis_url, client, listname, name):
    settings = {f"{PREFIX}url": redis_url, f"{PREFIX}listname": listname}
    with testing.testConfig(settings=settings) as config:
        listener = load_from_config(config, PREFIX)

    listener(event_of())

    assert len(pushed(client, name)) == 1


def test_settings_of_others_do_not_matter(redis_url, client):
    settings = {f"{PREFIX}url": redis_url, "event_listeners.other.listname": "theirs", "listname": "theirs"}
    with testing.testConfig(settings=settings) as config:
        listener = load_from_config(config, PREFIX)

    listener(event_of())

    assert len(pushed(client)) == 1


def test_making_a_listener_does_not_connect():
    with testing.testConfig(settings={f"{PREFIX}url": "unix:///tmp/nowhere"}) as config:
        listener = load_from_config(config, PREFIX)

    assert (type(listener), listener.listname) == (Listener, "cliquet_like.events")
