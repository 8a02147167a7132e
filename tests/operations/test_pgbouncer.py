"""A service behind PgBouncer (https://www.pgbouncer.org) in transaction mode.

PgBouncer is no wheel: where the program is not installed these tests are skipped, on CI too.
"""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2
import pytest
from webtest import TestApp

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.storage import postgresql
from cliquet_like.testing import StorageContract
from cliquet_like.testing.app import make_client

PROGRAM = shutil.which("pgbouncer", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
SERVER_CONNECTIONS = 3
CLIENTS = 8
START_TIMEOUT_S = 20

CONFIGURATION = f"""
[databases]
* = host={{server.hostname}} port={{server.port}} user={{server.username}} password='{{password}}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {{port}}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {SERVER_CONNECTIONS}
"""

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(PROGRAM is None, reason="the program pgbouncer is not installed"),
]


@pytest.fixture(scope="class")
def pooled_url(postgresql_url: str) -> Iterator[str]:
    """URL of the same database, through a PgBouncer with few connections to the server."""
    server = urlsplit(postgresql_url)
    with TemporaryDirectory() as home, running(Path(home), server) as port:
        yield server._replace(netloc=f"anybody@127.0.0.1:{port}").geturl()


@contextmanager
def running(home: Path, server: Any) -> Iterator[int]:
    """Port of a PgBouncer in front of a server; it ends with the block."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    configuration = home / "pgbouncer.ini"
    password = unquote(server.password or "none").replace("'", "''")  # it understands no empty one
    configuration.write_text(CONFIGURATION.format(server=server, password=password, port=port))
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:  # it refuses to run as root
        nobody = pwd.getpwnam("nobody")
        identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        for path in (home, configuration):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
    process = subprocess.Popen([str(PROGRAM), "--quiet", str(configuration)], **identity)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.kill()
        process.wait()


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        with closing(socket.socket()) as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail("pgbouncer did not start")


def value_of(url: str, statement: str) -> Any:
    """First value of a statement, None when it has no rows."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


class TestContract(StorageContract):
    """Every statement, and threads: more of them than there are connections to the server."""

    @pytest.fixture(autouse=True)
    def _client(self, pooled_url: str) -> Iterator[None]:
        self.client = PostgreSQL(pooled_url)
        yield
        self.client.close()

    def make_backend(self, *, max_fetch_size: int = 10_000) -> postgresql.Storage:
        return postgresql.Storage(self.client, max_fetch_size=max_fetch_size)


@pytest.fixture
def app(pooled_url: str) -> Iterator[TestApp]:
    """Application behind PgBouncer, whose tables were made through it."""
    settings = {"storage_backend": "cliquet_like.storage.postgresql", "storage_url": pooled_url}
    client = make_client("tests.resources.notes", "tests.mishaps", **settings)
    client.app.registry.storage.initialize_schema()
    yield client
    client.app.registry.storage.database.close()


def texts(app: TestApp) -> set[str]:
    return {note["text"] for note in app.get("/v1/notes").json["data"]}


def test_what_a_failed_request_wrote_is_undone(app: TestApp) -> None:
    app.post_json("/v1/half", {"text": "half", "then": "crash"}, status=500)
    app.post_json("/v1/half", {"text": "whole", "then": "success"})

    assert texts(app) == {"whole"}


def test_a_request_of_a_batch_is_undone_alone(app: TestApp) -> None:
    requests = [
        {"method": "POST", "path": "/v1/notes", "body": {"data": {"text": "a"}}},
        {"method": "POST", "path": "/v1/half", "body": {"text": "half", "then": "raised 409"}},
        {"method": "POST", "path": "/v1/notes", "body": {"data": {"text": "b"}}},
    ]

    answers = app.post_json("/v1/batch", {"requests": requests}).json["responses"]

    assert [answer["status"] for answer in answers] == [201, 409, 201]
    assert texts(app) == {"a", "b"}


def test_more_clients_than_connections_lose_nothing(app: TestApp, postgresql_url: str) -> None:
    written = {f"note {number}" for number in range(CLIENTS * 10)}

    def write(text: str) -> None:
        app.post_json("/v1/notes", {"data": {"text": text}}, status=201)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(write, sorted(written)))

    connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    others = value_of(postgresql_url, connections) - 1
    assert texts(app) == written
    assert 1 <= others <= SERVER_CONNECTIONS


def test_nothing_is_prepared_on_connections_that_others_use_next(
    pooled_url: str, postgresql_url: str
) -> None:
    statement, prepared = FixedStatement("SELECT %(a)s::int"), "SELECT count(*) FROM pg_prepared_statements"
    pooled, direct = PostgreSQL(pooled_url), PostgreSQL(postgresql_url)

    rows = [client.read(statement, {"a": 1}) for client in (pooled, direct) for _ in range(3)]

    assert rows == [[(1,)]] * 6
    assert [client.read(prepared) for client in (pooled, direct)] == [[(0,)], [(1,)]]
    pooled.close()
    direct.close()


def test_a_time_limit_cannot_be_asked_for_in_the_url(pooled_url: str) -> None:
    without, limited = PostgreSQL(pooled_url), PostgreSQL(f"{pooled_url}?statement_timeout=1000")

    with pytest.raises(BackendError) as refused:
        limited.read("SELECT 1")

    assert "unsupported startup parameter" in str(refused.value.original)
    assert without.read("SELECT 1") == [(1,)]
    without.close()


def test_a_time_limit_of_the_database_holds(pooled_url: str, postgresql_url: str) -> None:
    name = urlsplit(postgresql_url).path.strip("/")
    value_of(postgresql_url, f"ALTER DATABASE {name} SET statement_timeout = '50ms'")
    client = PostgreSQL(pooled_url)

    with pytest.raises(BackendError, match="statement timeout"):
        client.read("SELECT pg_sleep(5)")
    client.close()
