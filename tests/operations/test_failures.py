"""A server that is away, breaks off, is slow or full: what clients are told, and how the service heals."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from webtest import TestApp

from cliquet_like.drivers.errors import BackendError
from cliquet_like.testing.app import make_client, sign_in
from tests.server_programs import Redis
from tests.servers import PrivateServer, private_server

pytestmark = pytest.mark.once

NOTES = "/v1/notes"
NOTE = {"data": {"text": "sesame"}}
TOADSTOOLS = "/v1/toadstools"
TOADSTOOL = {"data": {"name": "death cap"}, "permissions": {"read": ["system.Everyone"]}}
BACKENDS = ("storage", "cache", "permission")
ALIVE = dict.fromkeys(BACKENDS, True)
RECORD_ID = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"


class Service:
    """An application whose backends are on a server of its own."""

    def __init__(self, kind: str, server: PrivateServer) -> None:
        self.kind = kind
        self.server = server

    def start(self, *names: str) -> TestApp:
        """Application with these backends on the server, all of them by default; the others are in memory."""
        settings = {"toadstool_create_principals": "system.Authenticated"}
        for name in names or BACKENDS:
            settings |= {
                f"{name}_backend": f"cliquet_like.{name}.{self.kind}",
                f"{name}_url": self.server.url,
            }
        return make_client("tests.resources", **settings)


@pytest.fixture(params=["postgresql", "redis"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    with private_server(request.param) as server:
        yield Service(request.param, server)


def initialize(app: TestApp) -> TestApp:
    for name in BACKENDS:
        getattr(app.app.registry, name).initialize_schema()
    return app


def assert_unavailable(response: Any) -> None:
    assert response.status_code == 503
    assert response.json["errno"] == 201
    assert response.headers["Retry-After"] == "30"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def ask(app: TestApp, method: str, path: str, body: Any = None) -> Any:
    origin = {"Origin": "https://shelf.example"}
    if body is None:
        return app.request(path, method=method, headers=origin, expect_errors=True)
    return getattr(app, f"{method.lower()}_json")(path, body, headers=origin, expect_errors=True)


REQUESTS = [
    ("GET", NOTES, None),
    ("POST", NOTES, NOTE),
    ("DELETE", NOTES, None),
    ("GET", f"{NOTES}/{RECORD_ID}", None),
    ("PUT", f"{NOTES}/{RECORD_ID}", NOTE),
    ("PATCH", f"{NOTES}/{RECORD_ID}", NOTE),
    ("DELETE", f"{NOTES}/{RECORD_ID}", None),
    ("POST", "/v1/batch", {"requests": [{"method": "POST", "path": NOTES, "body": NOTE}]}),
]
REQUESTS_FOR_SHARED_RECORDS: list[tuple[str, str, Any]] = [
    ("GET", TOADSTOOLS, None),
    ("POST", TOADSTOOLS, TOADSTOOL),
    ("DELETE", TOADSTOOLS, None),
    ("GET", f"{TOADSTOOLS}/{RECORD_ID}", None),
    ("PUT", f"{TOADSTOOLS}/{RECORD_ID}", TOADSTOOL),
    ("PATCH", f"{TOADSTOOLS}/{RECORD_ID}", TOADSTOOL),
    ("DELETE", f"{TOADSTOOLS}/{RECORD_ID}", None),
    ("POST", "/v1/batch", {"requests": [{"path": TOADSTOOLS}]}),
]


def test_a_service_starts_without_its_server_and_heals_when_that_comes(service: Service) -> None:
    service.server.stop()
    app = service.start()

    assert app.get("/v1/", status=200).json["project_name"]
    assert app.get("/v1/__heartbeat__", status=503).json == dict.fromkeys(BACKENDS, False)
    for method, path, body in REQUESTS + REQUESTS_FOR_SHARED_RECORDS:
        assert_unavailable(ask(app, method, path, body))

    service.server.start()
    initialize(app)

    assert app.get("/v1/__heartbeat__", status=200).json == ALIVE
    app.post_json(NOTES, NOTE, status=201)
    app.post_json(TOADSTOOLS, TOADSTOOL, status=201)


def test_without_the_server_of_permissions_only_shared_records_are_unavailable(service: Service) -> None:
    app = initialize(service.start("permission"))
    shared = app.post_json(TOADSTOOLS, TOADSTOOL, status=201).json

    service.server.stop()

    assert app.get("/v1/__heartbeat__", status=503).json == {**ALIVE, "permission": False}
    for method, path, body in REQUESTS_FOR_SHARED_RECORDS:
        assert_unavailable(ask(app, method, path, body))
    app.post_json(NOTES, NOTE, status=201)
    service.server.start()
    if service.kind == "postgresql":  # Redis was emptied
        assert sign_in(app, "bob").get(f"{TOADSTOOLS}/{shared['data']['id']}").json == shared


def test_the_reason_why_a_server_is_away_is_logged(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    app = initialize(service.start())

    service.server.stop()
    assert_unavailable(ask(app, "POST", NOTES, NOTE))

    assert "backend failed" in caplog.text
    assert "onnection refused" in caplog.text
    assert str(urlsplit(service.server.url).port) in caplog.text


def test_a_server_that_was_restarted_is_not_noticed(service: Service) -> None:
    app = initialize(service.start())
    app.post_json(NOTES, NOTE, status=201)

    service.server.stop()
    service.server.start()

    app.post_json(NOTES, NOTE, status=201)
    app.post_json(TOADSTOOLS, TOADSTOOL, status=201)
    service.server.kill()
    service.server.start()
    app.get(NOTES, status=200)
    assert app.get("/v1/__heartbeat__", status=200).json == ALIVE


@pytest.fixture
def start() -> Iterator[Any]:
    """Starts applications on a SQL storage, and closes their connections in the end."""
    with ExitStack() as started:

        def start(kind: str, url: str) -> TestApp:
            backend = f"cliquet_like.storage.{kind}"
            app = make_client("tests.resources", storage_backend=backend, storage_url=url)
            started.callback(app.app.registry.storage.database.close)
            return app

        yield start


@pytest.fixture
def postgresql(start: Any, postgresql_url: str) -> Any:
    """Starts applications on PostgreSQL, with an option in the URL."""
    url = postgresql_url + ("&" if urlsplit(postgresql_url).query else "?")
    return lambda option="": start("postgresql", url + option)


def test_what_postgresql_quotes_of_a_user_is_not_in_the_log(
    postgresql: Any, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = postgresql()
    storage = app.app.registry.storage
    storage.initialize_schema()
    with closing(psycopg2.connect(postgresql_url)) as other, other, other.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX ON records ((data->>'text'))")
    app.post_json(NOTES, NOTE, status=201)
    with pytest.raises(BackendError) as failure:
        storage.create("note", "somebody", NOTE["data"])
    assert "sesame" in str(failure.value.original)
    caplog.clear()

    assert_unavailable(ask(app, "POST", NOTES, NOTE))

    assert "backend failed" in caplog.text
    assert "UniqueViolation" in caplog.text
    assert "sesame" not in caplog.text


class RedisWithoutHGET(Redis):
    """Redis as some hosts offer it: it refuses a command, and quotes what was given to it."""

    def _command(self) -> list[str]:
        return [*super()._command(), "--rename-command", "HGET", ""]


@pytest.fixture
def redis_without_hget(private_redis: PrivateServer) -> Iterator[str]:
    """Its URL; ``private_redis`` is there to skip or fail where there is no program."""
    with TemporaryDirectory() as directory:
        server = RedisWithoutHGET(Path(directory) / "redis")
        server.start()
        try:
            yield server.url
        finally:
            server.kill()


def test_what_redis_quotes_of_a_user_is_not_in_the_log(
    redis_without_hget: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_client(
        "tests.resources", storage_backend="cliquet_like.storage.redis", storage_url=redis_without_hget
    )
    with pytest.raises(BackendError) as failure:
        app.app.registry.storage.get("mushroom", "forest", RECORD_ID)
    assert RECORD_ID in str(failure.value.original)
    caplog.clear()

    assert_unavailable(ask(app, "GET", f"/v1/public/mushrooms/{RECORD_ID}"))

    assert "backend failed" in caplog.text
    assert "ResponseError" in caplog.text
    assert RECORD_ID not in caplog.text


def test_a_connection_that_breaks_inside_a_batch_leaves_nothing_of_it(
    postgresql: Any, postgresql_url: str
) -> None:
    app = postgresql()
    database = app.app.registry.storage.database
    app.app.registry.storage.initialize_schema()
    sent: list[str] = []

    def cut_the_third(statement: str) -> None:
        sent.append(statement)
        if len(sent) == 3:
            terminate_others(postgresql_url)

    database.on_statement = cut_the_third
    post = {"method": "POST", "path": NOTES, "body": NOTE}
    assert_unavailable(ask(app, "POST", "/v1/batch", {"requests": [post] * 5}))
    database.on_statement = None

    assert app.get(NOTES, status=200).json["data"] == []
    app.post_json("/v1/batch", {"requests": [post] * 5}, status=200)
    assert len(app.get(NOTES).json["data"]) == 5


def terminate_others(url: str) -> None:
    with closing(psycopg2.connect(url)) as own, own.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_statement_that_takes_too_long_is_given_up(postgresql: Any, postgresql_url: str) -> None:
    app = postgresql("statement_timeout=300")
    app.app.registry.storage.initialize_schema()
    first = app.post_json(NOTES, NOTE).json["data"]

    with closing(psycopg2.connect(postgresql_url)) as other, other.cursor() as cursor:
        cursor.execute("SELECT * FROM collections FOR UPDATE")
        assert_unavailable(ask(app, "POST", NOTES, NOTE))
        assert app.get(NOTES, status=200).json["data"] == [first]

    app.post_json(NOTES, NOTE, status=201)


def test_a_database_that_may_only_be_read_answers_readers(postgresql: Any) -> None:
    writer = postgresql()
    writer.app.registry.storage.initialize_schema()
    record = writer.post_json(NOTES, NOTE).json["data"]

    reader = postgresql("options=-c%20default_transaction_read_only%3Don")

    assert reader.get(NOTES, status=200).json["data"] == [record]
    never_written = sign_in(reader, "bob").get(NOTES, status=200)
    assert (never_written.json["data"], never_written.headers["ETag"]) == ([], '"1"')
    assert_unavailable(ask(reader, "POST", NOTES, NOTE))


def test_a_missing_table_is_a_failure_whose_remedy_is_logged(
    postgresql: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = postgresql()
    caplog.clear()

    assert_unavailable(ask(app, "GET", NOTES))

    assert "cliquet-like migrate --ini" in caplog.text


def test_a_full_disk_refuses_writers_and_answers_readers(start: Any, tmp_path: Path) -> None:
    app = start("sqlite", f"sqlite:///{tmp_path}/records.db")
    storage = app.app.registry.storage
    storage.initialize_schema()
    record = app.post_json(NOTES, NOTE).json["data"]
    # Connections keep this limit as long as they live: there is only one.
    (pages,) = storage.database.read("PRAGMA page_count")[0]
    storage.database.read(f"PRAGMA max_page_count = {pages}")

    assert_unavailable(ask(app, "POST", NOTES, {"data": {"text": "sesame" * 10_000}}))
    assert app.get(NOTES, status=200).json["data"] == [record]

    storage.database.close()
    app.post_json(NOTES, {"data": {"text": "sesame" * 10_000}}, status=201)


def test_a_writer_who_waits_too_long_for_another_is_told_to_try_again(start: Any, tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    app = start("sqlite", f"sqlite:///{path}?busy_timeout=100")
    app.app.registry.storage.initialize_schema()

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert_unavailable(ask(app, "POST", NOTES, NOTE))

    app.post_json(NOTES, NOTE, status=201)
    assert app.get("/v1/__heartbeat__", status=200).json["storage"] is True
