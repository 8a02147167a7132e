"""The servers of docs/how-to/deploy.md: what becomes of requests when they stop, reload, or lose a worker."""

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psycopg2
import pytest

from tests import servers
from tests.concurrency.client import Client, Unanswered
from tests.operations.serving import INI, PATH, Served, free_port, migrate, served, wait_until

pytestmark = pytest.mark.once

CLIENTS: Final = 4
ENOUGH: Final = 40
MOST_WRITES: Final = 5000
GUNICORN: Final = ("--workers=2", "--threads=4", "--no-control-socket", f"--paste={INI}")
UWSGI_INI: Final = INI.with_name("uwsgi.ini")
OPTIONS: Final = {"gunicorn": GUNICORN, "uwsgi": (f"--ini={UWSGI_INI}",)}
# What each server writes when a worker has started (uWSGI tells no worker anything before), and when
# it begins to stop.
READY: Final = {"gunicorn": "Booting worker", "uwsgi": "WSGI app 0"}
STOPPING: Final = {"gunicorn": "Handling signal: term", "uwsgi": "graceful shutdown triggered"}
WAITING: Final = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
WHERE datname = current_database() AND NOT granted
"""
SESSIONS: Final = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cliquet_like'
"""
LAZY: Final = "lazy-apps = true\n"
Start = Callable[..., AbstractContextManager[Served]]


class Traffic:
    """Clients that write one bookmark after another, each for a user of its own.

    Two of them keep their connection; the others make one for each request, as most proxies do.
    """

    def __init__(self, port: int) -> None:
        self.acknowledged: set[str] = set()
        self.unanswered: set[str] = set()
        """Writes whose connection was taken, and ended before the answer."""
        self.statuses: set[int] = set()
        self.refused = 0
        """Clients that gave up, as nobody listened any more."""
        self._port = port
        self._name = uuid4().hex
        self._over = threading.Event()

    def has_written(self, count: int) -> bool:
        """Whether so many writes were acknowledged by now."""
        return len(self.acknowledged) >= count

    def stored(self, database: str) -> set[str]:
        """Addresses of this traffic that the database has."""
        query = "SELECT data ->> 'url' FROM records WHERE data ->> 'url' LIKE %s"
        return {url for (url,) in ask(database, query, f"https://{self._name}.example.org/%")}

    @contextmanager
    def flowing(self) -> Iterator["Traffic"]:
        """Let them write until the end of the block, or until nobody listens."""
        with ThreadPoolExecutor() as threads:
            clients = [threads.submit(self._write, number, keep=number < 2) for number in range(CLIENTS)]
            try:
                yield self
            finally:
                self._over.set()
            for client in clients:
                client.result()

    def _write(self, number: int, *, keep: bool) -> None:
        client = Client([self._port], user=f"user{number}")
        with closing(client):
            for count in range(MOST_WRITES):
                if self._over.is_set() or not self._send(
                    client, f"https://{self._name}.example.org/{number}/{count}"
                ):
                    return
                if not keep:
                    client.close()

    def _send(self, client: Client, url: str) -> bool:
        try:
            answer = client.send("POST", "/bookmarks", {"url": url})
        except Unanswered as lost:
            if isinstance(lost.__cause__, ConnectionRefusedError):
                self.refused += 1
                return False
            self.unanswered.add(url)
            return True
        self.statuses.add(answer.status)
        if answer.status == 201:
            self.acknowledged.add(url)
        return True


def ask(database: str, query: str, *values: str) -> list[tuple[Any, ...]]:
    """Rows of a query."""
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(query, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """URL of a database with tables."""
    with servers.new_database() as url:
        migrate(settings_of(url))
        yield url


@pytest.fixture(params=["gunicorn", "uwsgi"])
def program(request: pytest.FixtureRequest) -> str:
    """Name of a server, which is installed."""
    name: str = request.param
    if shutil.which(name, path=PATH) is None:
        pytest.skip(f"the server {name} is not installed in this environment")
    return name


@pytest.fixture
def start(database: str, tmp_path: Path) -> Start:
    """Start a server by its name, with two workers; with other options than those of the page."""

    def run(program: str, *options: str) -> AbstractContextManager[Served]:
        port = free_port()
        bind = "--bind" if program == "gunicorn" else "--http-socket"
        command = [program, *(options or OPTIONS[program]), f"{bind}=127.0.0.1:{port}"]
        return served(command, port=port, log=tmp_path / "log", settings=settings_of(database))

    return run


@pytest.fixture
def preloading(program: str, tmp_path: Path) -> list[str]:
    """Options with which the application is made in the first process."""
    if program == "gunicorn":
        return [*GUNICORN, "--preload"]
    text = UWSGI_INI.read_text("utf-8")
    assert LAZY in text
    (tmp_path / UWSGI_INI.name).write_text(text.replace(LAZY, ""))
    shutil.copy(INI, tmp_path)
    return [f"--ini={tmp_path / UWSGI_INI.name}"]


def settings_of(url: str) -> dict[str, str]:
    """Variables for an application with all backends in a database."""
    kinds = ("STORAGE", "CACHE", "PERMISSION")
    return {
        "CLIQUET_LIKE_USERID_HMAC_SECRET": "of the tests",
        **{f"CLIQUET_LIKE_{kind}_BACKEND": f"cliquet_like.{kind.lower()}.postgresql" for kind in kinds},
        **{f"CLIQUET_LIKE_{kind}_URL": url for kind in kinds},
    }


def test_a_stop_leaves_no_write_without_its_answer(start: Start, program: str, database: str) -> None:
    with start(program) as server, Traffic(server.port).flowing() as traffic:
        wait_until(lambda: server.log.count(READY[program]) == 2, server)
        wait_until(lambda: traffic.has_written(ENOUGH), server)
        with closing(psycopg2.connect(database)) as holder:
            holder.cursor().execute("LOCK TABLE records IN SHARE ROW EXCLUSIVE MODE")
            wait_until(lambda: ask(database, WAITING) == [(CLIENTS,)], server)
            before = len(traffic.acknowledged)

            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: STOPPING[program] in server.log, server)
        code = server.end()

    assert code == 0
    assert traffic.statuses == {201}
    assert len(traffic.acknowledged) >= before + CLIENTS
    assert traffic.stored(database) == traffic.acknowledged


def test_a_reload_answers_every_request(start: Start, program: str, database: str) -> None:
    with start(program) as server, Traffic(server.port).flowing() as traffic:
        wait_until(lambda: server.log.count(READY[program]) == 2, server)
        wait_until(lambda: traffic.has_written(ENOUGH), server)

        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(server.workers) == 4 and server.has_ended(server.workers[:2]), server)
        after = len(traffic.acknowledged)
        wait_until(lambda: traffic.has_written(after + ENOUGH), server)

    assert traffic.statuses == {201}
    assert (traffic.unanswered, traffic.refused) == (set(), 0)
    assert traffic.stored(database) == traffic.acknowledged


def test_a_killed_worker_takes_nothing_acknowledged_with_it(
    start: Start, program: str, database: str
) -> None:
    with start(program) as server, Traffic(server.port).flowing() as traffic:
        wait_until(lambda: traffic.has_written(ENOUGH), server)

        os.kill(server.workers[0], signal.SIGKILL)
        wait_until(lambda: len(server.workers) == 3, server)
        after = len(traffic.acknowledged)
        wait_until(lambda: traffic.has_written(after + ENOUGH), server)

    stored = traffic.stored(database)
    assert traffic.statuses == {201}
    assert traffic.acknowledged <= stored
    assert stored <= traffic.acknowledged | traffic.unanswered


def test_an_application_made_before_the_fork_connects_after_it(
    start: Start, preloading: list[str], program: str, database: str
) -> None:
    with start(program, *preloading) as server:
        at_first = ask(database, SESSIONS)
        with Traffic(server.port).flowing() as traffic:
            wait_until(lambda: traffic.has_written(ENOUGH), server)
        later = ask(database, SESSIONS)
        with closing(Client([server.port])) as client:
            health = client.send("GET", "/__heartbeat__")

    assert at_first == [(0,)]
    assert later > [(0,)]
    assert health.json == {"storage": True, "cache": True, "permission": True}
    assert traffic.statuses == {201}
    assert traffic.stored(database) == traffic.acknowledged
