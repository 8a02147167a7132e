"""Events on a list in Redis, of an application that is served, as its settings say."""

import json
import sys
import types

import pytest

from cliquet_like.drivers.redis import RedisClient
from cliquet_like.events import ResourceChanged
from cliquet_like.listeners import redis as redis_listener
from tests.listening import listened_app, post, subscribe
from tests.support import SETTINGS

pytestmark = pytest.mark.once

NOTES = "/v1/notes"
LIST = "cliquet_like.events"
LISTENER = redis_listener.__name__


def queue(url, **arguments):
    """Settings of an application whose events are pushed."""
    own = {"use": LISTENER, "url": url, **arguments}
    return {
        **SETTINGS,
        "event_listeners": "redis",
        **{f"event_listeners.redis.{name}": value for name, value in own.items()},
    }


def pushed(url, name=LIST):
    """Payloads on a list, the oldest first."""
    return [json.loads(text) for text in RedisClient(url).execute("LRANGE", name, 0, -1)][::-1]


def create(app, path=NOTES, **fields):
    return app.post_json(path, {"data": fields}, status=201).json["data"]


def fail(event):
    raise LookupError("a mistake")


@pytest.fixture
def app(redis_url):
    with listened_app(queue(redis_url)) as app:
        yield app


def test_each_change_is_pushed_as_json(app, redis_url):
    user_id = app.get("/v1/").json["user"]["id"]

    record = create(app, text="secret")
    tombstone = app.delete(f"{NOTES}/{record['id']}").json["data"]

    common = {"user_id": user_id, "resource_name": "note"}
    assert pushed(redis_url) == [
        {**common, "action": "create", "timestamp": record["last_modified"], "uri": "/notes"},
        {
            **common,
            "action": "delete",
            "timestamp": tombstone["last_modified"],
            "uri": f"/notes/{record['id']}",
            "note_id": record["id"],
        },
    ]


def test_nothing_is_pushed_but_what_was_changed(app, redis_url):
    record = create(app, text="a")

    app.get(NOTES)
    app.get(f"{NOTES}/{record['id']}")
    app.delete(f"{NOTES}/{record['id']}", headers={"If-Match": '"1"'}, status=412)
    app.patch_json(f"{NOTES}/{record['id']}", {"data": {"text": "a"}})

    assert [payload["action"] for payload in pushed(redis_url)] == ["create"]


def test_each_change_is_one_command(private_redis):
    with listened_app(queue(private_redis.url)) as app:
        first = create(app, text="a")
        app.patch_json(f"{NOTES}/{first['id']}", {"data": {"text": "b"}})
        app.post_json("/v1/batch", {"requests": [post("/notes", text="c")] * 3})

    statistics = RedisClient(private_redis.url).execute("INFO", "commandstats")
    assert statistics["cmdstat_lpush"]["calls"] == 3
    assert len(pushed(private_redis.url)) == 3


def test_the_list_the_actions_and_the_resources_are_set(redis_url):
    settings = queue(redis_url, listname="reactions", actions="read delete", resources="note")

    with listened_app(settings) as app:
        record = create(app, text="a")
        create(app, "/v1/bookmarks", url="http://a/")
        app.get(NOTES)
        app.get("/v1/bookmarks")
        app.delete(f"{NOTES}/{record['id']}")

    told = [(payload["resource_name"], payload["action"]) for payload in pushed(redis_url, "reactions")]
    assert told == [("note", "read"), ("note", "delete")]
    assert pushed(redis_url) == []


def test_the_module_may_be_the_name(redis_url):
    settings = {**SETTINGS, "event_listeners": (LISTENER,), "event_listeners.redis.url": redis_url}

    with listened_app(settings) as app:
        create(app, text="a")

    assert len(pushed(redis_url)) == 1


def test_the_server_may_be_named_by_the_environment(redis_url, monkeypatch):
    monkeypatch.setenv("CLIQUET_LIKE_EVENT_LISTENERS_REDIS_URL", redis_url)
    monkeypatch.setenv("CLIQUET_LIKE_EVENT_LISTENERS_REDIS_LISTNAME", "reactions")

    with listened_app({**SETTINGS, "event_listeners": LISTENER}) as app:
        create(app, text="a")

    assert len(pushed(redis_url, "reactions")) == 1


@pytest.mark.parametrize(("after_commit", "expected"), [("true", []), ("false", ["create"])])
def test_only_after_the_commit_nobody_is_told_of_what_was_undone(redis_url, after_commit, expected):
    with listened_app(queue(redis_url, after_commit=after_commit)) as app:
        subscribe(app, fail, ResourceChanged)
        app.post_json(NOTES, {"data": {"text": "a"}}, status=500)

    assert [payload["action"] for payload in pushed(redis_url)] == expected


@pytest.mark.parametrize("after_commit", ["true", "false"])
def test_without_the_server_requests_go_on_and_it_is_logged(private_redis, caplog, after_commit):
    with listened_app(queue(private_redis.url, after_commit=after_commit)) as app:
        private_redis.stop()
        missed = create(app, text="missed")
        private_redis.start()
        create(app, text="heard")

        stored = {note["id"] for note in app.get(NOTES).json["data"]}

    assert (missed["id"] in stored, len(stored), len(pushed(private_redis.url))) == (True, 2, 1)
    (entry,) = (entry for entry in caplog.records if entry.levelname == "ERROR")
    assert entry.exc_info[0].__name__ == "BackendError"
    assert LIST in entry.getMessage()


def test_what_is_no_json_is_logged_and_requests_go_on(redis_url, monkeypatch, caplog):
    def spoil(event):
        event.payload["thing"] = object()

    spoiler = types.ModuleType("spoiler")
    spoiler.load_from_config = lambda config, prefix: spoil
    monkeypatch.setitem(sys.modules, "spoiler", spoiler)

    with listened_app({**queue(redis_url), "event_listeners": "spoiler redis"}) as app:
        record = create(app, text="a")
        stored = app.get(f"{NOTES}/{record['id']}").json["data"]

    assert (stored, pushed(redis_url)) == (record, [])
    (entry,) = (entry for entry in caplog.records if entry.levelname == "ERROR")
    assert issubclass(entry.exc_info[0], TypeError)
