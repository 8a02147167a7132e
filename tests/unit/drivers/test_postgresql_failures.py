import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress

import psycopg2
import pytest

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.drivers.postgresql.settings import PoolSettings
from tests.servers import PrivateServer

pytestmark = pytest.mark.once

PID = "SELECT pg_backend_pid()"


@pytest.fixture
def client(postgresql_url: str) -> Iterator[PostgreSQL]:
    client = PostgreSQL(postgresql_url)
    yield client
    client.close()


@pytest.fixture
def private_client(private_postgresql: PrivateServer) -> Iterator[PostgreSQL]:
    client = PostgreSQL(private_postgresql.url, PoolSettings(size=3, max_overflow=0))
    yield client
    client.close()


def fill_pool(client: PostgreSQL) -> None:
    """Let three connections stand idle in the pool."""
    with ExitStack() as sessions:
        for _ in range(3):
            sessions.enter_context(client.writing()).run("SELECT 1")


class Cutter:
    """Ends the connection of a client on the server, once, right before the client sends something."""

    def __init__(self, url: str, pid: int) -> None:
        self.url = url
        self.pid = pid
        self.texts: list[str] = []

    def __call__(self, text: str) -> None:
        self.texts.append(text)
        if len(self.texts) == 1:
            with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", (self.pid,))
                assert cursor.fetchone() == (True,)


def test_a_read_whose_pooled_connection_breaks_is_sent_again(client, postgresql_url):
    ((pid,),) = client.read(PID)
    cutter = client.on_statement = Cutter(postgresql_url, pid)

    rows = client.read("SELECT 1")

    assert rows == [(1,)]
    assert cutter.texts == ["SELECT 1", "SELECT 1"]


def test_a_write_whose_connection_breaks_is_not_sent_again(client, postgresql_url):
    ((pid,),) = client.read(PID)
    cutter = client.on_statement = Cutter(postgresql_url, pid)

    with pytest.raises(BackendError):
        client.write("SELECT 1")

    assert cutter.texts == ["SELECT 1"]
    assert client.write("SELECT 1") == [(1,)]


def test_a_read_that_breaks_a_new_connection_is_not_sent_again(client):
    texts: list[str] = []
    client.on_statement = texts.append

    with pytest.raises(BackendError):
        client.read("SELECT pg_terminate_backend(pg_backend_pid())")

    assert len(texts) == 1
    assert client.read("SELECT 1") == [(1,)]


def test_one_broken_connection_lets_all_others_be_replaced(client, postgresql_url):
    with client.writing() as one, client.writing() as other:
        pids = {*one.run(PID), *other.run(PID)}
    with pytest.raises(BackendError):
        client.write("SELECT pg_terminate_backend(pg_backend_pid())")

    with client.writing() as one, client.writing() as other:
        assert pids.isdisjoint({*one.run(PID), *other.run(PID)})


def test_a_late_failure_of_an_old_connection_spares_the_new_ones(client):
    with suppress(BackendError), client.writing() as old:
        old.run("SELECT 1")
        with pytest.raises(BackendError):
            client.write("SELECT pg_terminate_backend(pg_backend_pid())")
        new = client.read(PID)
        old.run("SELECT pg_terminate_backend(pg_backend_pid())")

    with client.writing() as one, client.writing() as other:
        assert new in (one.run(PID), other.run(PID))


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_after_a_restart_the_next_read_and_the_next_write_succeed(private_postgresql, private_client, ending):
    end = getattr(private_postgresql, ending)
    fill_pool(private_client)
    end()
    private_postgresql.start()
    read = private_client.read("SELECT 1")
    fill_pool(private_client)
    end()
    private_postgresql.start()
    written = private_client.write("SELECT 2")
    fill_pool(private_client)
    end()
    private_postgresql.start()
    with private_client.writing() as session:
        in_session = session.run("SELECT 3")

    assert (read, written, in_session) == ([(1,)], [(2,)], [(3,)])


def test_while_the_server_is_down_every_call_fails_quickly(private_postgresql, private_client):
    fill_pool(private_client)
    private_postgresql.stop()

    began = time.monotonic()
    for _ in range(5):
        with pytest.raises(BackendError):
            private_client.read("SELECT 1")
        with pytest.raises(BackendError):
            private_client.write("SELECT 1")
    took_s = time.monotonic() - began
    private_postgresql.start()

    assert took_s < 2
    fill_pool(private_client)


def test_a_server_without_free_connections_is_a_failure_until_it_has_some(private_postgresql, private_client):
    with ExitStack() as taken:
        with suppress(psycopg2.OperationalError):
            for _ in range(500):
                taken.enter_context(closing(psycopg2.connect(private_postgresql.url)))
        for _ in range(5):
            with pytest.raises(BackendError, match="too many clients"):
                private_client.read("SELECT 1")

    for _ in range(500):  # the server counts a connection until its process has ended
        with suppress(BackendError):
            fill_pool(private_client)
            break
        time.sleep(0.01)
    assert private_client.write("SELECT 1") == [(1,)]
