"""Writes to PostgreSQL that another thread can interrupt."""

import resource
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy.pool import NullPool, QueuePool

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.drivers.postgresql.settings import PoolSettings

PID = "SELECT pg_backend_pid()"
HANG = "INSERT INTO notes SELECT 1 FROM pg_sleep(60)"
SOON_S = 0.1


@pytest.fixture
def make_client(postgresql_url: str) -> Iterator[Any]:
    with ExitStack() as made:

        def make(**pool: Any) -> PostgreSQL:
            client = PostgreSQL(postgresql_url, PoolSettings(**pool))
            made.callback(client.close)
            return client

        yield make


@pytest.fixture(params=[1, 25], ids=["a small pool", "a large pool"])
def client(request, make_client) -> PostgreSQL:
    client = make_client(size=request.param, max_overflow=0, timeout_s=30)
    client.write("CREATE TABLE notes (id int)")
    return client


def pid_of(client):
    return client.read(PID)[0][0]


def test_what_is_written_lasts_in_one_message_on_an_idle_connection(client):
    before = pid_of(client)
    texts: list[str] = []
    client.on_statement = texts.append

    with client.hold() as hold:
        rows = hold.write("INSERT INTO notes VALUES (%(id)s) RETURNING id", {"id": 7})
    client.on_statement = None

    assert rows == [(7,)]
    assert client.read("SELECT id FROM notes") == [(7,)]
    assert pid_of(client) == before
    assert len(texts) == 1


def test_what_fails_is_undone_as_a_whole_and_the_connection_is_used_again(client):
    before = pid_of(client)

    with client.hold() as hold, pytest.raises(BackendError, match="DivisionByZero"):
        hold.write("INSERT INTO notes VALUES (1); SELECT 1 / 0", ())

    assert client.read("SELECT id FROM notes") == []
    assert pid_of(client) == before


def test_another_thread_interrupts_it_and_the_connection_is_not_used_again(client):
    before = pid_of(client)

    with client.hold() as hold:
        threading.Timer(SOON_S, hold.interrupt).start()
        with pytest.raises(BackendError):
            hold.write(HANG, ())
        with pytest.raises(BackendError):
            hold.write("INSERT INTO notes VALUES (1)", ())

    assert pid_of(client) != before
    assert client.read("SELECT id FROM notes") == []


def test_one_that_was_interrupted_too_late_is_not_used_again_either(client):
    before = pid_of(client)

    with client.hold() as hold:
        hold.write("INSERT INTO notes VALUES (1)", ())
        hold.interrupt()
        hold.interrupt()

    assert pid_of(client) != before
    assert client.read("SELECT id FROM notes") == [(1,)]


def test_an_interruption_says_nothing_of_the_other_connections(make_client):
    client = make_client(size=2)
    client.write("CREATE TABLE notes (id int)")
    with client.writing() as session:
        session.run("SELECT 1")
        other = pid_of(client)
        with client.hold() as hold:
            threading.Timer(SOON_S, hold.interrupt).start()
            with pytest.raises(BackendError):
                hold.write(HANG, ())
        mine = session.run(PID)[0][0]

    assert other != mine
    assert pid_of(client) == mine


def test_nobody_waits_for_the_lock_of_another(make_client):
    client, other = make_client(), make_client()
    client.write("CREATE TABLE notes (id int)")
    session = other._begin()
    session.run("LOCK TABLE notes")

    with client.hold() as hold, pytest.raises(BackendError, match="LockNotAvailable"):
        hold.write("INSERT INTO notes VALUES (1)", ())
    session.rollback()
    limit = client.read("SHOW lock_timeout")

    assert limit == [("0",)]


def test_nothing_is_held_before_a_connection_was_opened(make_client):
    client = make_client()

    with client.hold() as hold:
        pass

    assert hold is None
    assert client.read("SELECT 1") == [(1,)]


def test_nothing_is_held_while_all_connections_are_taken(make_client):
    client = make_client(size=1, max_overflow=0, timeout_s=3600)

    with client.writing() as session:
        session.run("SELECT 1")
        with client.hold() as hold:
            pass

    assert hold is None
    assert client.read("SELECT 1") == [(1,)]


def test_nothing_is_held_where_the_idle_connection_has_died(client, make_client):
    with client.writing() as session:
        session.run("SELECT 1")
        pid = session.run(PID)[0][0]
    make_client().write("SELECT pg_terminate_backend(%s, 10000)", (pid,))

    with client.hold() as hold:
        pass

    assert hold is None
    assert client.read("SELECT 1") == [(1,)]


@pytest.mark.parametrize("poolclass", [NullPool, QueuePool])
def test_nothing_is_held_of_a_pool_that_may_wait(make_client, poolclass):
    client = make_client(poolclass=poolclass)
    client.read("SELECT 1")

    with client.hold() as hold:
        pass

    assert hold is None


def test_nothing_is_held_where_no_more_files_can_be_opened(client):
    before = pid_of(client)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1, hard))
    try:
        with client.hold() as hold:
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert hold is None
    assert pid_of(client) == before


def test_a_statement_that_has_to_be_prepared_again_waits_no_longer_for_a_lock(make_client):
    client = make_client()
    limit = FixedStatement("SELECT current_setting('lock_timeout')")
    client.read(limit)
    client.read("DEALLOCATE ALL")

    with client.hold() as hold:
        rows = hold.write(limit, {})

    assert rows == [("15ms",)]
