"""The servers of the tests: shared, private, absent, and gone when the session is."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis

from tests import servers

CLOSED_PORT = "127.0.0.1:1"
HOME = Path(__file__).parents[2]
KINDS = ["postgresql", "redis"]
pytestmark = pytest.mark.once

OURS = ("CI", "CLIQUET_LIKE_TEST_", "PYTEST_")

NOTE_URLS = """
import json, os, pathlib, signal
from urllib.parse import urlsplit

def note(name, **values):
    path = pathlib.Path(__file__).with_name(name + ".json")
    path.write_text(json.dumps({"root": os.environ["CLIQUET_LIKE_TEST_ROOT"], **values}))

def test_it(postgresql_url, redis_url):
    note(__name__.rpartition(".")[2], postgresql=postgresql_url, redis=redis_url)
"""

DIE = """
def test_then(private_redis):
    note("private", private=private_redis.url)
    {death}
"""

DEATHS = {
    "a worker is killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "pytest is killed": "os.kill(os.getppid(), signal.SIGKILL)",
    "Ctrl-C": "os.killpg(0, signal.SIGINT)",
}


class Session:
    """Another run of pytest, with the same conftest.py, on files of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def run(self, *options: str, **variables: str) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, "-c", str(HOME / "pyproject.toml"), *options, str(self._directory)],
            cwd=HOME,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            start_new_session=True,
        )
        return done.stdout + done.stderr

    def write(self, name: str, text: str) -> None:
        (self._directory / name).write_text(text)

    def notes(self) -> list[dict[str, str]]:
        return [json.loads(path.read_text()) for path in sorted(self._directory.glob("*.json"))]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def somebody_listens(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as client:
        return client.connect_ex((parts.hostname, parts.port)) == 0


def has_gone(path: str) -> bool:
    """Whether it goes within ten seconds."""
    for _ in range(100):
        if not os.path.exists(path):
            return True
        time.sleep(0.1)
    return False


def test_a_database_is_empty_and_goes_with_its_connections():
    tables = "SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace"

    with servers.new_database() as url, closing(psycopg2.connect(url)):
        found = execute(url, tables)

    assert found == []
    with pytest.raises(psycopg2.OperationalError, match="does not exist"):
        psycopg2.connect(url)


def test_what_is_written_to_one_database_is_not_in_another(postgresql_url):
    execute(postgresql_url, "CREATE TABLE ours (id int)")

    with servers.new_database() as other:
        found = execute(other, "SELECT to_regclass('ours') IS NULL")

    assert found == [(True,)]


class TestInAClass:
    seen: set[str] = set()  # noqa: RUF012 - that is what the tests share

    @pytest.mark.parametrize("turn", [1, 2])
    def test_all_tests_have_one_database(self, postgresql_url, turn):
        self.seen.add(postgresql_url)

        assert len(self.seen) == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_redis_is_empty_for_each_test(redis_url, turn):
    with redis.Redis.from_url(redis_url) as client:
        before = client.dbsize()
        client.set("left by", turn)

    assert before == 0


@pytest.mark.parametrize("end", ["stop", "kill"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_private_server_ends_and_returns_at_the_same_place(request, kind, end):
    server = request.getfixturevalue(f"private_{kind}")

    before = somebody_listens(server.url)
    getattr(server, end)()
    ended = somebody_listens(server.url)
    server.start()
    returned = somebody_listens(server.url)

    assert (before, ended, returned) == (True, False, True)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_postgresql_has_its_data_after_it_ended(private_postgresql, end):
    execute(private_postgresql.url, "CREATE TABLE kept AS SELECT 42 AS id")

    getattr(private_postgresql, end)()
    private_postgresql.start()

    assert execute(private_postgresql.url, "SELECT id FROM kept") == [(42,)]


def test_redis_is_empty_after_it_ended(private_redis):
    with redis.Redis.from_url(private_redis.url) as client:
        client.set("key", "value")

    private_redis.stop()
    private_redis.start()

    with redis.Redis.from_url(private_redis.url) as client:
        assert client.dbsize() == 0


@pytest.mark.parametrize("workers", ["0", "2"])
def test_all_workers_share_the_servers_but_no_database(session, workers):
    session.write("test_one.py", NOTE_URLS)
    session.write("test_two.py", NOTE_URLS)

    output = session.run("-n", workers)

    assert "2 passed" in output, output
    one, two = session.notes()
    assert urlsplit(one["postgresql"]).netloc == urlsplit(two["postgresql"]).netloc
    assert one["postgresql"] != two["postgresql"]
    assert urlsplit(one["redis"]).netloc == urlsplit(two["redis"]).netloc
    assert {urlsplit(note["redis"]).path for note in (one, two)} == (
        {"/0", "/1"} if workers == "2" else {"/0"}
    )
    assert not os.path.exists(one["root"])


@pytest.mark.parametrize("death", DEATHS.values(), ids=DEATHS)
def test_nothing_is_left_when_the_session_ends_badly(session, death):
    session.write("test_one.py", NOTE_URLS + DIE.format(death=death))

    session.run("-n", "1")

    private, shared = session.notes()
    assert has_gone(shared["root"])
    urls = shared["postgresql"], shared["redis"], private["private"]
    assert [somebody_listens(url) for url in urls] == [False, False, False]


@pytest.mark.parametrize(("variables", "outcome"), [({}, "1 skipped"), ({"CI": "true"}, "1 error")], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_without_a_server_a_test_is_skipped_but_fails_on_ci(session, kind, variables, outcome):
    session.write("test_one.py", f"def test_it({kind}_url): pass")
    absent = {f"CLIQUET_LIKE_TEST_{kind.upper()}_URL": f"{kind}://{CLOSED_PORT}/0"}

    output = session.run("-n", "0", **absent, **variables)

    assert outcome in output, output
    assert f"no {kind} server: " in output
    assert "refused" in output


def test_servers_that_are_given_are_used_and_none_is_started(session, postgresql_server, redis_server):
    session.write(
        "test_one.py",
        NOTE_URLS + "    note('found', entries=os.listdir(os.environ['CLIQUET_LIKE_TEST_ROOT']))",
    )
    given = {
        servers.POSTGRESQL_VARIABLE: postgresql_server,
        servers.REDIS_VARIABLE: urlsplit(redis_server)._replace(path="/200").geturl(),
    }

    output = session.run("-n", "0", **given)

    assert "1 passed" in output, output
    found, used = session.notes()
    assert found["entries"] == ["socket"]
    assert urlsplit(used["postgresql"]).netloc == urlsplit(postgresql_server).netloc
    assert urlsplit(used["redis"]).path == "/200"
