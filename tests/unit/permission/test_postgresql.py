"""What several transactions do to the permissions of one object in PostgreSQL."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress

import pytest
import transaction

from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.drivers.transactions import joining
from cliquet_like.permission.exceptions import PermissionsChangedError
from cliquet_like.permission.postgresql import Permission
from tests import servers

WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"""
PATIENCE_S = 30
TURNS = 200


@pytest.fixture(scope="module")
def _database():
    with servers.new_database() as url:
        yield url


@pytest.fixture
def watcher(_database):
    with closing(PostgreSQL(_database)) as client:
        yield client


@pytest.fixture
def backend(_database):
    with closing(PostgreSQL(_database)) as client:
        backend = Permission(client)
        backend.initialize_schema()
        backend.flush()
        yield backend


@contextmanager
def meanwhile(watcher, call):
    """Result of a call in another thread, begun when the block has run and waiting until its commit."""
    manager = transaction.TransactionManager()
    manager.begin()
    result = []
    with ThreadPoolExecutor(1) as pool:
        try:
            with joining(manager):
                yield result
                future = pool.submit(call)
                until_somebody_waits(watcher)
                manager.commit()
        finally:
            manager.abort()
        result.append(future.exception(PATIENCE_S) or future.result())


def until_somebody_waits(watcher):
    deadline = time.monotonic() + PATIENCE_S
    while watcher.read(WAITING) == [(0,)]:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_replacement_is_one_statement_also_at_the_beginning_of_a_transaction(backend):
    sent = []
    backend.database.on_statement = sent.append
    manager = transaction.TransactionManager()
    manager.begin()

    with joining(manager):
        backend.write_object_permissions("/a", {"read": ["p"]}, expected={})
        backend.delete_object_permissions("/a")
        manager.commit()

    assert [text.split()[0] for text in sent] == ["BEGIN;", "SELECT", "COMMIT"]


def test_flush_is_one_statement(backend):
    sent = []
    backend.database.on_statement = sent.append

    backend.flush()

    assert len(sent) == 1


def test_who_waited_for_another_sees_what_that_one_wrote(backend, watcher):
    def replace():
        return backend.write_object_permissions("/a", {"read": ["a", "b"]}, expected={"read": {"a"}})

    with meanwhile(watcher, replace) as result:
        backend.write_object_permissions("/a", {"read": ["a"]}, expected={})

    assert result == [{"read": {"a", "b"}}]
    assert backend.object_permissions("/a") == {"read": {"a", "b"}}


def test_who_expected_what_was_before_the_other_is_refused(backend, watcher):
    def replace():
        return backend.write_object_permissions("/a", {"read": ["b"]}, expected={})

    with meanwhile(watcher, replace) as result:
        backend.write_object_permissions("/a", {"read": ["a"]})

    assert [error.current for error in result] == [{"read": {"a"}}]
    assert backend.object_permissions("/a") == {"read": {"a"}}


def test_a_deletion_takes_what_was_added_while_it_waited(backend, watcher):
    backend.write_object_permissions("/a", {"read": ["a"]})

    with meanwhile(watcher, lambda: backend.delete_object_permissions("/a")) as result:
        backend.write_object_permissions("/a", {"read": ["a", "b"]})

    assert result == [{"/a": {"read": {"a", "b"}}}]
    assert backend.object_permissions("/a") == {}


def test_a_deletion_does_not_answer_what_was_taken_away_while_it_waited(backend, watcher):
    for object_id in ("/a", "/b"):
        backend.write_object_permissions(object_id, {"read": ["a"], "write": ["a"]})

    with meanwhile(watcher, lambda: backend.delete_object_permissions("/a", "/b")) as result:
        backend.remove_principal_from_ace("/a", "write", "a")
        backend.delete_object_permissions("/b")

    assert result == [{"/a": {"read": {"a"}}}]


def test_a_replacement_waits_for_a_deletion(backend, watcher):
    backend.write_object_permissions("/a", {"read": ["a"]})

    def replace():
        return backend.write_object_permissions("/a", {"read": ["b"]}, expected={"read": {"a"}})

    with meanwhile(watcher, replace) as result:
        backend.delete_object_permissions("/a")

    assert [type(error) for error in result] == [PermissionsChangedError]
    assert backend.object_permissions("/a") == {}


def test_an_entry_that_another_takes_away_meanwhile_is_given_again(backend, watcher):
    backend.write_object_permissions("/a", {"read": ["a"]})

    def replace():
        return backend.write_object_permissions("/a", {"read": ["a", "b"]})

    with meanwhile(watcher, replace) as result:
        backend.remove_principal_from_ace("/a", "read", "a")

    assert result == [{"read": {"a", "b"}}]
    assert backend.object_permissions("/a") == {"read": {"a", "b"}}


def test_other_objects_need_not_wait(backend):
    manager = transaction.TransactionManager()
    manager.begin()

    with joining(manager), ThreadPoolExecutor(1) as pool:
        backend.write_object_permissions("/a", {"read": ["a"]})
        other = pool.submit(backend.write_object_permissions, "/b", {"read": ["b"]})
        found = other.result(PATIENCE_S)
        manager.abort()

    assert found == {"read": {"b"}}
    assert backend.object_permissions("/a") == {}


def test_one_of_two_wins_each_time(backend):
    start = threading.Barrier(2)

    def compete(name):
        won = 0
        for turn in range(TURNS):
            start.wait(PATIENCE_S)
            with suppress(PermissionsChangedError):
                backend.write_object_permissions(f"/{turn}", {"read": [name]}, expected={})
                won += 1
        return won

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(compete, ("a", "b")))

    assert sum(won) == TURNS
    assert all(len(backend.object_permissions(f"/{turn}")["read"]) == 1 for turn in range(TURNS))


def test_what_is_wanted_again_is_never_gone(backend):
    backend.write_object_permissions("/a", {"read": ["a"]})

    def replace(name):
        answers = []
        for turn in range(TURNS):
            wanted = ["a", name] if turn % 2 else ["a"]
            answers.append(backend.write_object_permissions("/a", {"read": wanted})["read"] == set(wanted))
        return all(answers)

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(replace, name) for name in ("b", "c")]
        seen = pool.submit(lambda: [backend.object_permissions("/a")["read"] for _ in range(2 * TURNS)])

        assert [writer.result() for writer in writers] == [True, True]
        assert all("a" in principals and len(principals) <= 2 for principals in seen.result())
