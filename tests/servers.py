"""Real servers for tests: what a test asks for, as fixtures (in conftest.py) or as functions.

The servers are ours (``tests.server_host``), one of a kind for a session and all of its workers, or
those of CLIQUET_LIKE_TEST_POSTGRESQL_URL (its role may create databases) and CLIQUET_LIKE_TEST_REDIS_URL
(its database, and one after it for each further worker, is emptied). When there is none, a test
that needs it is skipped with the reason; where the variable CI is set it fails.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import NoReturn
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis

from tests.server_host import ask
from tests.server_programs import CannotStart

POSTGRESQL_VARIABLE = "CLIQUET_LIKE_TEST_POSTGRESQL_URL"
REDIS_VARIABLE = "CLIQUET_LIKE_TEST_REDIS_URL"
CONNECT_TIMEOUT_S = 10


@dataclass(frozen=True)
class PrivateServer:
    """A server of one test, which may stop it, kill it and start it again: the URL stays the same.

    PostgreSQL then still has its data, Redis is empty. Killing PostgreSQL is its immediate
    shutdown: sessions are cut, and it recovers from its log at the next start.
    """

    kind: str
    name: str
    url: str

    def start(self) -> None:
        """Return when it takes connections; nothing happens when it runs."""
        ask("start", self.kind, self.name)

    def stop(self) -> None:
        """Return when it has ended in good order."""
        ask("stop", self.kind, self.name)

    def kill(self) -> None:
        """Return when it has ended as in a crash."""
        ask("kill", self.kind, self.name)


def postgresql_server() -> str:
    """URL of the server of the session, with a database that is not for use; skips or fails the test."""
    return _found("postgresql", POSTGRESQL_VARIABLE, _try_postgresql)


def redis_server() -> str:
    """URL of the server of the session; skips or fails the test."""
    return _found("redis", REDIS_VARIABLE, _try_redis)


@contextmanager
def new_database() -> Iterator[str]:
    """URL of an empty PostgreSQL database, dropped at the end with the connections that it still has."""
    server = postgresql_server()
    name = f"cliquet_like_test_{secrets.token_hex(8)}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def empty_redis() -> str:
    """URL of the Redis database that only this worker uses, just emptied."""
    parts = urlsplit(redis_server())
    first = int(parts.path.strip("/") or 0)
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    url = parts._replace(path=f"/{first + worker}").geturl()
    with redis.Redis.from_url(url, socket_timeout=CONNECT_TIMEOUT_S) as client:
        client.flushdb()
    return url


@contextmanager
def private_server(kind: str) -> Iterator[PrivateServer]:
    """A server of ``postgresql`` or ``redis`` that runs; removed at the end. Skips or fails the test."""
    name = secrets.token_hex(4)
    try:
        url = ask("start", kind, name)
    except CannotStart as reason:
        _unavailable(kind, str(reason))
    try:
        yield PrivateServer(kind, name, url)
    finally:
        ask("drop", kind, name)


def _found(kind: str, variable: str, attempt: Callable[[str], None]) -> str:
    url, reason = _search(kind, os.environ.get(variable), attempt)
    if reason:
        _unavailable(kind, reason)
    return url


@cache
def _search(kind: str, given: str | None, attempt: Callable[[str], None]) -> tuple[str, str]:
    """URL of a server, with the reason why it cannot be used; once for a process, as it may take a minute."""
    try:
        url = given or ask("start", kind, "shared")
        attempt(url)
    except CannotStart as failure:
        return "", str(failure)
    except (psycopg2.Error, redis.RedisError, OSError, ValueError) as failure:
        return "", f"{type(failure).__name__}: {failure}".strip()
    return url, ""


def _unavailable(kind: str, reason: str) -> NoReturn:
    text = f"no {kind} server: {reason}"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


def _try_postgresql(url: str) -> None:
    _execute(url, "SELECT 1")


def _try_redis(url: str) -> None:
    with redis.Redis.from_url(url, socket_timeout=CONNECT_TIMEOUT_S) as client:
        client.ping()


def _execute(url: str, statement: str) -> None:
    with closing(psycopg2.connect(url, connect_timeout=CONNECT_TIMEOUT_S)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
