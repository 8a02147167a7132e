import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy.pool import NullPool, QueuePool

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.drivers.postgresql.connections import Connections
from cliquet_like.drivers.postgresql.pool import QueuePoolWithMaxBacklog
from cliquet_like.drivers.postgresql.settings import DEFAULT_POOL, PoolSettings
from cliquet_like.drivers.postgresql.url import parse_url

PID = "SELECT pg_backend_pid()"
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def make_client(postgresql_url: str) -> Iterator[Any]:
    with ExitStack() as made:

        def make(**pool: Any) -> PostgreSQL:
            client = PostgreSQL(postgresql_url, PoolSettings(**pool))
            made.callback(client.close)
            return client

        yield make


def wait_for_others(client: PostgreSQL, number: int) -> None:
    """Wait until so many other connections are open; the server ends one a moment after it is closed."""
    for _ in range(500):
        if client.read(OTHERS) == [(number,)]:
            return
        client.read("SELECT pg_sleep(0.01)")
    raise AssertionError("Another number of connections is open.")


def test_who_waits_too_long_for_a_connection_fails(make_client):
    client = make_client(size=1, max_overflow=0, timeout_s=0)

    with client.writing() as session:
        session.run("SELECT 1")
        with pytest.raises(BackendError, match="limit of size 1"):
            client.read("SELECT 1")

    assert client.read("SELECT 1") == [(1,)]


def test_with_a_backlog_of_none_nobody_waits(make_client):
    client = make_client(size=1, max_overflow=0, max_backlog=0, timeout_s=30)

    with client.writing() as session:
        session.run("SELECT 1")
        with pytest.raises(BackendError, match="0 threads wait"):
            client.read("SELECT 1")

    assert client.read("SELECT 1") == [(1,)]


def test_one_thread_more_than_the_backlog_fails_at_once_and_the_others_are_served(make_client):
    client = make_client(size=1, max_overflow=0, max_backlog=1, timeout_s=30)

    def ask(refused: threading.Event) -> str:
        try:
            client.read("SELECT 1")
        except BackendError:
            refused.set()
            return "refused"
        return "served"

    def ask_while_it_is_taken() -> list[str]:
        refused = threading.Event()
        with ThreadPoolExecutor(2) as threads:
            with client.writing() as session:
                session.run("SELECT 1")
                answers = threads.map(ask, [refused] * 2)
                assert refused.wait(timeout=10)
            return sorted(answers)

    first, again = ask_while_it_is_taken(), ask_while_it_is_taken()

    assert first == again == ["refused", "served"]


@pytest.mark.parametrize("size", [1, 4])
def test_without_a_limit_all_may_wait(make_client, size):
    client = make_client(size=size, max_overflow=0, timeout_s=30)

    with ThreadPoolExecutor(8) as threads:
        with ExitStack() as sessions:
            for _ in range(size):
                sessions.enter_context(client.writing()).run("SELECT 1")
            answers = threads.map(lambda _number: client.read("SELECT 1"), range(8))
        assert list(answers) == [[(1,)]] * 8


@pytest.mark.parametrize("size", [2, 5])
def test_as_many_connections_as_the_size_are_kept_and_no_more_than_the_overflow_opened(make_client, size):
    client, observer = make_client(size=size, max_overflow=2, timeout_s=0), make_client()

    with ExitStack() as sessions:
        for _ in range(size + 2):
            sessions.enter_context(client.writing()).run("SELECT 1")
        with pytest.raises(BackendError):
            client.read("SELECT 1")

    wait_for_others(observer, size)


def test_a_pool_made_again_has_the_same_backlog():
    unlimited, limited = QueuePoolWithMaxBacklog(object), QueuePoolWithMaxBacklog(object, max_backlog=3)

    assert unlimited.recreate().max_backlog == -1
    assert limited.recreate().max_backlog == 3
    assert limited.recreate().size() == limited.size()


@pytest.mark.parametrize(("poolclass", "kept"), [(NullPool, False), (QueuePool, True), (None, True)])
def test_connections_are_kept_as_the_class_of_the_pool_does(make_client, poolclass, kept):
    client = make_client(poolclass=poolclass)

    assert (client.read(PID) == client.read(PID)) is kept


def test_a_connection_older_than_the_limit_is_replaced(make_client):
    client = make_client(recycle_s=0)

    assert client.read(PID) != client.read(PID)


def test_closing_closes_what_is_idle_at_once_and_the_rest_when_it_is_given_back(make_client):
    client, observer = make_client(), make_client()
    client.read("SELECT 1")
    with client.writing() as session:
        session.run("SELECT 1")
        client.close()
        assert session.run("SELECT 2") == [(2,)]

    wait_for_others(observer, 0)
    assert client.read("SELECT 1") == [(1,)]


def test_a_client_that_nobody_has_any_more_leaves_no_connection(make_client, postgresql_url):
    observer = make_client()
    for _ in range(3):
        PostgreSQL(postgresql_url).read("SELECT 1")

    gc.collect()

    wait_for_others(observer, 0)


def test_who_waited_while_the_pool_was_closed_leaves_no_connection(make_client):
    client, observer = make_client(size=4, max_overflow=0), make_client()
    ends_s = time.monotonic() + 1

    def read(_number: int) -> None:
        while time.monotonic() < ends_s:
            client.read("SELECT 1")

    with ThreadPoolExecutor(12) as threads:
        readings = threads.map(read, range(12))
        while time.monotonic() < ends_s:
            client.close()
            time.sleep(0.02)
        list(readings)
    client.close()

    wait_for_others(observer, 0)


def test_another_process_has_connections_of_its_own(postgresql_url):
    process_ids = iter([1, 1, 1, 2, 2])
    connections = Connections(
        parse_url(postgresql_url, kind="storage"),
        DEFAULT_POOL,
        kind="storage",
        process_id=lambda: next(process_ids),
    )

    def ask() -> Any:
        taken = connections.take()
        rows, _ = connections.send(taken, PID)
        connections.give_back(taken)
        return rows

    parent, again, child = ask(), ask(), ask()

    assert parent == again != child
    connections.close()


def test_what_is_given_back_in_another_process_is_not_used_there(postgresql_url):
    process_ids = iter([1, 1, *[2] * 4])
    connections = Connections(
        parse_url(postgresql_url, kind="storage"),
        DEFAULT_POOL,
        kind="storage",
        process_id=lambda: next(process_ids),
    )
    inherited, own = connections.take(), connections.take()
    connections.give_back(own)
    connections.give_back(inherited)

    taken = [connections.take(), connections.take()]

    assert inherited.dbapi_connection not in [one.dbapi_connection for one in taken]
    for one in taken:
        connections.give_back(one)
    connections.close()
    inherited.invalidate()


FORKING = f"""
import os, sys
from cliquet_like.drivers.postgresql.client import PostgreSQL

client = PostgreSQL(sys.argv[1])
before = client.read({PID!r})
session = client._begin()
session.run("SELECT 1")
child = os.fork()
if child == 0:
    assert client.read({PID!r}) != before
    assert client.write("SELECT 1") == [(1,)]
    client.close()
    sys.exit(0)  # with all that an interpreter does at its end
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0
assert client.read({PID!r}) != before, "the session has that one"
assert session.run({PID!r}) == before
session.rollback()
assert client.read({PID!r}) == before
client.close()
"""


def test_a_forked_process_leaves_the_connections_of_its_parent_alone(postgresql_url):
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKING, postgresql_url],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )

    assert (finished.returncode, finished.stderr) == (0, "")
