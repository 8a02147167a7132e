"""Heartbeats of backends that are in databases: what they write, and what they leave open."""

import os
import threading
import time

import pytest

from cliquet_like.testing.app import make_client
from tests.servers import new_database

pytestmark = pytest.mark.once

BACKENDS = ("storage", "cache", "permission")
WRITE = {"path": "/v1/notes", "method": "POST", "body": {"data": {"text": "a"}}}
PING = {"path": "/v1/__heartbeat__"}
TABLES = {
    "sqlite": "SELECT name FROM sqlite_schema WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}


class Service:
    """A client whose backends share one database, and what it sent there."""

    def __init__(self, kind, url):
        settings = {f"{name}_backend": f"cliquet_like.{name}.{kind}" for name in BACKENDS}
        self.app = make_client(
            "tests.resources.notes", **settings, **{f"{name}_url": url for name in BACKENDS}
        )
        self.registry = self.app.app.registry
        self.database = self.registry.storage.database
        self.kind = kind
        for name in BACKENDS:
            getattr(self.registry, name).initialize_schema()
        self.sent = []
        self.database.on_statement = self.sent.append

    def content(self):
        tables = [name for (name,) in self.database.read(TABLES[self.kind])]
        return {name: self.database.read(f'SELECT * FROM "{name}" ORDER BY 1') for name in tables}


@pytest.fixture(params=["sqlite", "postgresql"])
def service(request, tmp_path):
    if request.param == "sqlite":
        made = Service("sqlite", f"sqlite:///{tmp_path}/it.db")
        yield made
        made.database.close()
        return
    request.getfixturevalue("postgresql_server")
    with new_database() as url:
        made = Service("postgresql", url)
        yield made
        made.database.close()


def test_a_heartbeat_writes_to_every_backend(service):
    before = service.content()

    for _ in range(10):
        assert service.app.get("/v1/__heartbeat__").json == dict.fromkeys(BACKENDS, True)

    assert service.content() != before


def test_a_heartbeat_of_a_read_only_service_writes_nothing(service):
    service.registry.settings["readonly"] = True
    before = service.content()
    service.sent.clear()

    for _ in range(10):
        assert service.app.get("/v1/__heartbeat__").json == dict.fromkeys(BACKENDS, True)

    words = {word for statement in service.sent for word in statement.upper().split()}
    assert words
    assert not words & {"INSERT", "UPDATE", "DELETE", "BEGIN", "CREATE"}
    assert service.content() == before


def test_many_heartbeats_leave_nothing_open(service):
    for _ in range(20):
        service.app.get("/v1/__heartbeat__")
    before = len(os.listdir("/proc/self/fd")), threading.active_count()

    for _ in range(200):
        service.app.get("/v1/__heartbeat__")

    files, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    # How many met at the database is up to chance; each of the three has a connection at most.
    assert files <= before[0] + 3 * len(BACKENDS)
    # One that is slow lets those behind it have threads of their own.
    assert threads <= before[1] + len(BACKENDS)


def test_the_heartbeat_for_load_balancers_sends_no_statement_and_makes_no_thread(service):
    service.sent.clear()
    threads = threading.active_count()

    for _ in range(3):
        assert service.app.get("/v1/__lbheartbeat__").json == {}

    assert service.sent == []
    assert threading.active_count() == threads


def test_one_that_hangs_ends_a_batch_that_has_written_after_the_timeout(service):
    ended = threading.Event()
    service.registry.heartbeats["mail"] = lambda request: ended.wait(60)
    service.registry.settings["heartbeat_timeout_seconds"] = 0.5

    began_s = time.monotonic()
    service.app.post_json("/v1/batch", {"requests": [WRITE, PING, WRITE]}, status=503)
    took_s = time.monotonic() - began_s
    ended.set()

    assert 0.5 <= took_s < 10
    assert service.app.get("/v1/notes").json["data"] == []


def test_backends_are_asked_in_the_thread_of_a_batch_that_has_written_and_others_are_not(service):
    seen = []
    service.registry.heartbeats["mail"] = lambda request: seen.append(threading.current_thread())
    service.registry.settings["heartbeat_timeout_seconds"] = 60

    answer = service.app.post_json("/v1/batch", {"requests": [WRITE, PING, WRITE, PING]}).json

    expected = {**dict.fromkeys(BACKENDS, True), "mail": None}
    assert [response["body"] for response in answer["responses"][1::2]] == [expected] * 2
    assert list(answer["responses"][1]["body"]) == [*service.registry.heartbeats]
    assert len(seen) == 1
    assert seen[0] is not threading.current_thread()
