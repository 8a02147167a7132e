"""Heartbeats of a PostgreSQL server that does not answer, as behind a network that drops everything."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from cliquet_like.drivers.errors import BackendError
from cliquet_like.testing.app import make_client
from tests.servers import new_database

pytestmark = pytest.mark.once

BACKENDS = ("storage", "cache", "permission")
ALIVE = dict.fromkeys(BACKENDS, True)
PATH = "/v1/__heartbeat__"
PID = "SELECT pg_backend_pid()"
TIMEOUT_S = 0.5


class Relay:
    """Passes bytes on between clients and a server, unless it is paused: then it keeps them."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listening]
        self.flows = threading.Event()
        self.flows.set()
        self.port = self._listening.getsockname()[1]
        self._threads = [self._thread(self._accept)]

    def _thread(self, target, *args):
        thread = threading.Thread(target=target, args=args, daemon=True)
        thread.start()
        return thread

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._server)
                self._open += [client, server]
                self._threads += [
                    self._thread(self._pass_on, client, server),
                    self._thread(self._pass_on, server, client),
                ]

    def _pass_on(self, source, target):
        with suppress(OSError):
            while received := source.recv(65536):
                self.flows.wait()
                target.sendall(received)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.flows.set()
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(30)
        for each in self._open:
            each.close()


class Service:
    """A client whose backends share a database behind a relay."""

    def __init__(self, url: str, relay: Relay) -> None:
        parts = urlsplit(url)
        user = parts.netloc.rpartition("@")[0]
        behind = parts._replace(
            netloc=f"{user}@127.0.0.1:{relay.port}" if user else f"127.0.0.1:{relay.port}"
        )
        settings = {f"{name}_backend": f"cliquet_like.{name}.postgresql" for name in BACKENDS}
        settings |= {f"{name}_url": behind.geturl() for name in BACKENDS}
        self.relay = relay
        self.app = make_client("tests.resources.notes", **settings)
        self.registry = self.app.app.registry
        self.database = self.registry.storage.database
        for name in BACKENDS:
            getattr(self.registry, name).initialize_schema()
        self.app.get(PATH, status=200)

    def wait_until_well(self):
        """Wait until the heartbeats that hung have ended."""
        for _ in range(1000):
            if self.app.get(PATH, expect_errors=True).status_code == 200:
                return
            time.sleep(0.02)
        raise AssertionError("It is not well again.")


@pytest.fixture
def service(postgresql_server) -> Iterator[Service]:
    with new_database() as url:
        parts = urlsplit(url)
        with closing(Relay((parts.hostname, parts.port or 5432))) as relay:
            made = Service(url, relay)
            yield made
            made.relay.flows.set()
            made.wait_until_well()
            made.database.close()


def took_s(call):
    began_s = time.monotonic()
    call()
    return time.monotonic() - began_s


def test_a_server_that_does_not_answer_is_told_within_the_timeout_and_logged(service, caplog):
    service.registry.settings["heartbeat_timeout_seconds"] = TIMEOUT_S
    answers = []

    service.relay.flows.clear()
    spent_s = took_s(lambda: answers.append(service.app.get(PATH, status=503).json))

    assert answers == [dict.fromkeys(BACKENDS, False)]
    assert TIMEOUT_S <= spent_s < 10
    assert caplog.text.count("heartbeat timed out") == len(BACKENDS)
    assert all(name in caplog.text for name in BACKENDS)


def test_the_next_heartbeat_of_a_server_that_still_hangs_is_false_at_once(service):
    service.registry.settings["heartbeat_timeout_seconds"] = TIMEOUT_S
    service.relay.flows.clear()
    service.app.get(PATH, status=503)
    service.registry.settings["heartbeat_timeout_seconds"] = 60

    spent_s = took_s(lambda: service.app.get(PATH, status=503))

    assert spent_s < 30


def test_a_server_that_answers_again_is_well_at_once_on_another_connection(service):
    service.registry.settings["heartbeat_timeout_seconds"] = TIMEOUT_S
    before = service.database.read(PID)

    service.relay.flows.clear()
    service.app.get(PATH, status=503)
    service.relay.flows.set()
    service.wait_until_well()

    assert service.database.read(PID) != before


def test_a_table_that_is_locked_fails_no_backend_but_its_own(service):
    service.registry.settings["heartbeat_timeout_seconds"] = 2
    session = service.database._begin()
    session.run("LOCK TABLE cache")

    answer = service.app.get(PATH, status=503).json
    session.rollback()

    assert answer == {**ALIVE, "cache": False}


def test_a_backend_that_cannot_write_fails_alone(service):
    service.database.write("DROP TABLE cache")

    answer = service.app.get(PATH, status=503).json
    with pytest.raises(BackendError):
        service.registry.cache.set("key", 1)
    service.database.write("DELETE FROM cliquet_like_schema WHERE component = 'cache'")
    service.registry.cache.initialize_schema()

    assert answer == {**ALIVE, "cache": False}


def test_a_server_that_answers_gets_one_message_which_no_other_thread_sends(service):
    sent = []
    service.app.get(PATH, status=200)
    service.database.on_statement = lambda text: sent.append((threading.current_thread(), text))

    answers = [service.app.get(PATH, status=200).json for _ in range(5)]
    service.database.on_statement = None

    assert answers == [ALIVE] * 5
    assert [thread for thread, _ in sent] == [threading.current_thread()] * 5
    assert all(table in sent[0][1] for table in ("records", "cache", "user_principals"))


def test_each_message_writes_to_the_tables_of_all_backends(service):
    versions = "SELECT array_agg(xmin::text) FROM {} WHERE {} = '__heartbeat__'"
    tables = {"records": "parent_id", "cache": "key", "user_principals": "user_id"}
    service.app.get(PATH, status=200)

    seen = []
    for _ in range(3):
        service.app.get(PATH, status=200)
        seen.append([service.database.read(versions.format(*table))[0][0] for table in tables.items()])

    for before, after in pairwise(seen):
        assert all(set(one) != set(other) for one, other in zip(before, after, strict=True))


def test_an_application_s_own_heartbeat_is_asked_in_another_thread_beside_them(service):
    seen = []
    service.registry.heartbeats["mail"] = lambda request: seen.append(threading.current_thread())

    answer = service.app.get(PATH, status=200).json

    assert answer == {**ALIVE, "mail": None}
    assert seen[0] is not threading.current_thread()
