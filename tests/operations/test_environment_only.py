"""The example with nothing in its file but ``use``: everything else comes from the environment."""

import socket
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import psycopg2
import pytest
import redis

from tests.concurrency.client import Client
from tests.operations.receiving import receiving
from tests.operations.serving import INI, free_port, migrate, served, wait_until

pytestmark = pytest.mark.once

MANY: Final = 500
# The variables of the talk that presented Cliquet, with our names in the place of its own.
TALK: Final = {
    "CLIQUET_LIKE_CACHE_BACKEND": "cliquet_like.cache.postgresql",
    "CLIQUET_LIKE_CACHE_URL": "postgres://{}",
    "CLIQUET_LIKE_STORAGE_BACKEND": "cliquet_like.storage.postgresql",
    "CLIQUET_LIKE_STORAGE_URL": "postgres://{}",
}
# A listener that finds no server: what it logs is an error.
NOWHERE: Final = "redis://127.0.0.1:1/0"


class Metrics:
    """A socket on which metrics arrive, and what arrived."""

    def __init__(self, receiver: socket.socket) -> None:
        self.port: int = receiver.getsockname()[1]
        self._receiver = receiver
        self._received = ""

    def has(self, text: str) -> bool:
        """Whether a text was among what has arrived by now."""
        for _ in range(MANY):
            try:
                self._received += self._receiver.recv(65535).decode() + "\n"
            except BlockingIOError:
                break
        return text in self._received


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    """A socket that takes metrics."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        yield Metrics(receiver)


@pytest.fixture
def client() -> Iterator[Any]:
    """Makes the client of a port, which is closed at the end."""
    made: list[Client] = []

    def make(port: int) -> Client:
        made.append(Client([port]))
        return made[-1]

    yield make
    for one in made:
        one.close()


def talk(postgresql: str) -> dict[str, str]:
    """The variables of the talk, for a database, and the secret that nobody should be without."""
    address = postgresql.partition("://")[2]
    return {name: value.format(address) for name, value in TALK.items()} | {
        "CLIQUET_LIKE_USERID_HMAC_SECRET": "of the tests"
    }


def everything(postgresql: str, redis_url: str, *, metrics: int, dsn: str) -> dict[str, str]:
    """Variables that set whatever an operator sets, values unlike the defaults."""
    ours = {
        "project_name": "shelf",
        "permission_backend": "cliquet_like.permission.postgresql",
        "permission_url": f"postgres://{postgresql.partition('://')[2]}",
        "cache_backend": "cliquet_like.cache.redis",
        "cache_url": redis_url,
        "cache_prefix": "shelf:",
        "statsd_url": f"udp://127.0.0.1:{metrics}",
        "statsd_prefix": "shelf",
        "sentry_dsn": dsn,
        "event_listeners": "queue lost",
        "event_listeners_queue_use": "cliquet_like.listeners.redis",
        "event_listeners_queue_url": redis_url,
        "event_listeners_queue_listname": "changes",
        "event_listeners_queue_actions": "create",
        "event_listeners_lost_use": "cliquet_like.listeners.redis",
        "event_listeners_lost_url": NOWHERE,
        "http_scheme": "https",
        "http_host": "shelf.example.org",
        "backoff": "7",
        "paginate_by": "1",
        "batch_max_requests": "3",
        "collection_bookmark_delete_enabled": "false",
        "multiauth_policies": "basicauth",
        "multiauth_policy_basicauth_use": "cliquet_like.authentication.BasicAuthAuthenticationPolicy",
        "logging_renderer": "cliquet_like.logs.JSONLogRenderer",
    }
    return talk(postgresql) | {f"CLIQUET_LIKE_{name.upper()}": value for name, value in ours.items()}


def pserve(directory: Path, settings: dict[str, str]) -> Any:
    """The service as ``pserve`` runs it, after ``cliquet-like migrate``."""
    port = free_port()
    # pserve has no option for it, and its server would take port 8000 for everybody.
    (directory / "gunicorn.conf.py").write_text(
        f"bind = '127.0.0.1:{port}'\ncontrol_socket_disable = True\nthreads = 2\n", encoding="utf-8"
    )
    return served(["pserve", str(INI)], port=port, log=directory / "log", settings=settings)


def start_script(directory: Path, settings: dict[str, str]) -> Any:
    """The service as its container runs it: migrated first."""
    port = free_port()
    arguments = {"GUNICORN_CMD_ARGS": f"--bind=127.0.0.1:{port} --no-control-socket --threads=2"}
    command = [str(INI.with_name("start"))]
    return served(command, port=port, log=directory / "log", settings={**settings, **arguments})


def stored_in(postgresql: str) -> set[str]:
    """Addresses of the bookmarks in a database."""
    query = "SELECT data ->> 'url' FROM records WHERE collection_id = 'bookmark' AND NOT deleted"
    with closing(psycopg2.connect(postgresql)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return {url for (url,) in cursor.fetchall()}


def test_the_file_has_nothing_but_use() -> None:
    parser = ConfigParser(interpolation=None)

    parser.read(INI, encoding="utf-8")

    assert {name: list(section) for name, section in parser.items() if name != "DEFAULT"} == {
        "app:main": ["use"],
        "server:main": ["use"],
    }
    assert parser.defaults() == {}


def test_the_variables_of_the_talk_are_enough(postgresql_url: str, tmp_path: Path, client: Any) -> None:
    settings = talk(postgresql_url)
    said = migrate(settings)

    with pserve(tmp_path, settings) as server:
        one = client(server.port)
        stored = one.send("POST", "/bookmarks", {"url": "https://example.org/"})
        health = one.send("GET", "/__heartbeat__")

    assert "storage: ran 001_records.sql" in said
    assert stored.status == 201
    assert (health.status, health.json) == (200, {"storage": True, "cache": True})
    assert stored_in(postgresql_url) == {"https://example.org/"}


def test_every_part_of_the_service_is_set_by_the_environment(
    postgresql_url: str, redis_url: str, tmp_path: Path, metrics: Metrics, client: Any
) -> None:
    with receiving() as reports:
        settings = everything(postgresql_url, redis_url, metrics=metrics.port, dsn=reports.dsn)
        with start_script(tmp_path, settings | {"PYTHONWARNINGS": "default"}) as server:
            one = client(server.port)
            hello = one.send("GET", "/")
            created = [one.send("POST", "/bookmarks", {"url": f"https://example.org/{n}"}) for n in "ab"]
            listed = one.send("GET", "/bookmarks")
            refused = one.send("DELETE", "/bookmarks")
            health = one.send("GET", "/__heartbeat__")
            wait_until(lambda: metrics.has("shelf.view.bookmark"), server)
            wait_until(lambda: len(reports.bodies) > 0, server)
            log = server.log

    assert "Unknown variable" not in log
    assert (hello.json["project_name"], hello.json["url"]) == ("shelf", "https://shelf.example.org/v1/")
    assert hello.json["settings"]["batch_max_requests"] == 3
    assert [answer.status for answer in created] == [201, 201]
    assert listed.headers["Next-Page"].startswith("https://shelf.example.org/v1/bookmarks?")
    assert listed.headers["Backoff"] == "7"
    assert refused.status == 405
    assert health.json == {"storage": True, "cache": True, "permission": True}
    assert stored_in(postgresql_url) == {"https://example.org/a", "https://example.org/b"}
    with redis.Redis.from_url(redis_url) as server_of_redis:
        assert server_of_redis.llen("changes") == 2
    assert '"event":"request.summary"' in log
