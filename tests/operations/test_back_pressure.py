"""A pool of connections that is full: who is refused hears it at once, who waits is served."""

import gc
import http.client
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

import psycopg2
import pytest
import redis
from webtest.http import StopableWSGIServer

from cliquet_like.testing.app import basic_auth, make_wsgi_app

pytestmark = pytest.mark.once

NOTES = "/v1/notes"
AT_ONCE_S = 0.1
POOL_OF_ONE = {"storage_pool_size": 1, "storage_maxoverflow": 0}


class Answer(NamedTuple):
    """What a client got, and how long it waited."""

    status: int
    text: str
    retry_after: str | None
    took_s: float


@pytest.fixture(autouse=True)
def _heap_of_pytest_left_alone():
    # To look through all that pytest keeps takes longer than a request may, once in a while.
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@contextmanager
def serving(kind: str, url: str, **settings: Any) -> Iterator[tuple[str, int]]:
    """Address of an application that has one connection."""
    backend = {"storage_backend": f"cliquet_like.storage.{kind}", "storage_url": url}
    app = make_wsgi_app("tests.resources.notes", settings={**backend, **POOL_OF_ONE, **settings})
    app.registry.storage.initialize_schema()
    server = StopableWSGIServer.create(app, host="127.0.0.1", threads=16)
    try:
        yield "127.0.0.1", server.adj.port
    finally:
        server.shutdown()
        for client in app.registry.database_clients.values():
            client.close()


def ask(address: tuple[str, int], method: str, path: str = NOTES) -> Answer:
    headers = {"Authorization": basic_auth("ada"), "Content-Type": "application/json"}
    body = b'{"data": {"text": "sesame"}}' if method == "POST" else None
    with closing(http.client.HTTPConnection(*address, timeout=30)) as connection:
        began_s = time.monotonic()
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        took_s = time.monotonic() - began_s
    return Answer(response.status, text, response.getheader("Retry-After"), took_s)


def wait_until(enough: int, answers: list[Future[Answer]]) -> list[Answer]:
    """So many answers, not longer than twenty seconds; the others are still awaited."""
    for _ in range(2000):
        if sum(answer.done() for answer in answers) >= enough:
            break
        time.sleep(0.01)
    return [answer.result() for answer in answers if answer.done()]


def assert_refused_at_once(answers: list[Answer]) -> None:
    for answer in answers:
        assert (answer.status, answer.retry_after) == (503, "30")
        assert '"errno":201' in answer.text
    # One of them may have been held up by the machine, but not most of them.
    assert sorted(answer.took_s for answer in answers)[len(answers) // 2] < AT_ONCE_S


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_requests_beyond_the_backlog_of_postgresql_are_refused_at_once(postgresql_url, method):
    with (
        serving("postgresql", postgresql_url, storage_max_backlog=1, storage_pool_timeout=30) as address,
        closing(psycopg2.connect(postgresql_url)) as holder,
        ThreadPoolExecutor(8) as clients,
    ):
        assert ask(address, "POST").status == 201
        with holder.cursor() as cursor:
            cursor.execute("LOCK TABLE records, collections")
            answers = [clients.submit(ask, address, method) for _ in range(8)]
            refused = wait_until(6, answers)
        holder.rollback()
        served = [answer.result(timeout=30) for answer in answers if answer.result(timeout=30).status != 503]

    assert len(refused) == 6
    assert_refused_at_once(refused)
    # One had the connection, and one waited for it.
    assert [answer.status for answer in served] == [{"GET": 200, "POST": 201}[method]] * 2


def test_a_backlog_that_is_full_fails_the_heartbeat_too(postgresql_url):
    with (
        serving("postgresql", postgresql_url, storage_max_backlog=0, storage_pool_timeout=30) as address,
        closing(psycopg2.connect(postgresql_url)) as holder,
        ThreadPoolExecutor(1) as clients,
    ):
        before = ask(address, "GET", "/v1/__heartbeat__").status
        with holder.cursor() as cursor:
            cursor.execute("LOCK TABLE records, collections")
            answer = clients.submit(ask, address, "GET")
            wait_until_somebody_is_locked_out(postgresql_url)
            full = ask(address, "GET", "/v1/__heartbeat__")
            light = ask(address, "GET", "/v1/__lbheartbeat__")
        holder.rollback()
        statuses = answer.result(timeout=30).status, ask(address, "GET", "/v1/__heartbeat__").status

    assert before == 200
    assert (full.status, full.retry_after, light.status) == (503, "30", 200)
    assert '"storage":false' in full.text
    assert statuses == (200, 200)


def wait_until_somebody_is_locked_out(url: str) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute(waiting)
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.01)
    raise AssertionError("Nobody waits.")


def test_requests_without_a_connection_to_redis_are_refused_at_once(redis_url):
    with (
        serving("redis", redis_url, storage_pool_timeout=0) as address,
        closing(redis.Redis.from_url(redis_url)) as holder,
        ThreadPoolExecutor(6) as clients,
    ):
        assert ask(address, "POST").status == 201
        holder.execute_command("CLIENT", "PAUSE", 4000, "WRITE")
        answers = [clients.submit(ask, address, "POST") for _ in range(6)]
        refused = wait_until(5, answers)
        holder.execute_command("CLIENT", "UNPAUSE")
        served = [answer.result(timeout=30) for answer in answers if answer.result(timeout=30).status != 503]

    assert len(refused) == 5
    assert_refused_at_once(refused)
    assert [answer.status for answer in served] == [201]


def test_a_request_waits_as_long_for_redis_as_the_setting_says(redis_url):
    with (
        serving("redis", redis_url, storage_pool_timeout=30) as address,
        closing(redis.Redis.from_url(redis_url)) as holder,
        ThreadPoolExecutor(6) as clients,
    ):
        assert ask(address, "POST").status == 201
        holder.execute_command("CLIENT", "PAUSE", 4000, "WRITE")
        answers = [clients.submit(ask, address, "POST") for _ in range(6)]
        threading.Event().wait(0.2)
        early = [answer for answer in answers if answer.done()]
        holder.execute_command("CLIENT", "UNPAUSE")
        statuses = [answer.result(timeout=30).status for answer in answers]

    assert early == []
    assert statuses == [201] * 6
