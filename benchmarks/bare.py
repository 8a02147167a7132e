"""The same service by hand: Pyramid views on one kept connection, without Cornice, checks or promises.

It is what one would write in an hour, and the floor that ours is compared with: one statement a
request, and a response that is ready when it leaves the view. It counts nothing, keeps no
tombstones, and two writers may get the same timestamp.
"""

import base64
import threading
import time
import uuid
from typing import Any

import orjson
import psycopg2
from psycopg2.extras import execute_values, register_default_jsonb
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from benchmarks.dataset import CREDENTIALS, PROJECT_NAME, fields_of, id_of, owner_of, stamp_of
from benchmarks.workloads import Service as Service

TABLE = """
CREATE TABLE bookmarks (
    owner text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    last_modified bigint NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (owner, id)
);
CREATE INDEX bookmarks_by_time ON bookmarks (owner, last_modified, id)"""
FILL = "INSERT INTO bookmarks (owner, id, last_modified, data) VALUES %s"

ONE = "SELECT last_modified, data FROM bookmarks WHERE owner = %s AND id = %s"
NEWEST = """
SELECT id, last_modified, data FROM bookmarks WHERE owner = %s
ORDER BY last_modified DESC, id DESC LIMIT %s"""
OLDER = """
SELECT id, last_modified, data FROM bookmarks WHERE owner = %s AND (last_modified, id) < (%s, %s)
ORDER BY last_modified DESC, id DESC LIMIT %s"""
BY_TITLE = """
SELECT id, last_modified, data FROM bookmarks WHERE owner = %s AND data ->> 'status' = %s
ORDER BY data ->> 'title', last_modified DESC LIMIT %s"""
INSERT = "INSERT INTO bookmarks (owner, id, last_modified, data) VALUES (%s, %s, %s, %s)"
REPLACE = """
INSERT INTO bookmarks AS b (owner, id, last_modified, data) VALUES (%s, %s, %s, %s)
ON CONFLICT (owner, id) DO UPDATE SET last_modified = excluded.last_modified, data = excluded.data
RETURNING xmax = 0"""
CHANGE = """
UPDATE bookmarks SET last_modified = %s, data = data || %s WHERE owner = %s AND id = %s RETURNING data"""

Rows = list[tuple[Any, ...]]


class Bookmarks:
    """The views; each thread keeps a connection."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._kept = threading.local()

    def close(self) -> None:
        """Close the connection of this thread."""
        self._connection().close()

    def hello(self, request: Request) -> Response:
        return answer(
            {
                "project_name": PROJECT_NAME,
                "project_version": "1.0",
                "http_api_version": "1.0",
                "project_docs": "",
                "cliquet_protocol_version": "2",
                "url": request.application_url + "/v1/",
                "settings": {"batch_max_requests": 25, "readonly": False},
                "capabilities": {},
                "user": {"id": user_of(request)},
            }
        )

    def heartbeat(self, request: Request) -> Response:
        alive = self.run("SELECT 1") == [(1,)]
        return answer({"storage": alive, "permission": alive, "cache": alive}, 200 if alive else 503)

    def alive(self, request: Request) -> Response:
        return answer({})

    def get_one(self, request: Request) -> Response:
        record_id = request.matchdict["id"]
        rows = self.run(ONE, (user_of(request), record_id))
        if not rows:
            return Response(status=404)
        last_modified, data = rows[0]
        etag = f'"{last_modified}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headerlist=[("ETag", etag)])
        return answer({"data": {**data, "id": record_id, "last_modified": last_modified}}, etag=last_modified)

    def get_list(self, request: Request) -> Response:
        user, limit = user_of(request), int(request.GET["_limit"])
        if "status" in request.GET:
            rows = self.run(BY_TITLE, (user, request.GET["status"], limit + 1))
        elif "_token" in request.GET:
            last_modified, _, record_id = request.GET["_token"].partition(".")
            rows = self.run(OLDER, (user, last_modified, record_id, limit + 1))
        else:
            rows = self.run(NEWEST, (user, limit + 1))
        records = [{**data, "id": one, "last_modified": stamp} for one, stamp, data in rows[:limit]]
        response = answer({"data": records}, etag=records[0]["last_modified"] if records else 0)
        if len(rows) > limit:
            token = f"{records[-1]['last_modified']}.{records[-1]['id']}"
            response.headers["Next-Page"] = f"{request.path_url}?_limit={limit}&_token={token}"
        return response

    def post(self, request: Request) -> Response:
        record, values = created(user_of(request), orjson.loads(request.body)["data"])
        self.run(INSERT, values)
        return answer({"data": record}, 201, record["last_modified"])

    def put(self, request: Request) -> Response:
        data, record_id, now = orjson.loads(request.body)["data"], request.matchdict["id"], now_ms()
        ((is_new,),) = self.run(REPLACE, (user_of(request), record_id, now, orjson.dumps(data).decode()))
        return answer({"data": {**data, "id": record_id, "last_modified": now}}, 201 if is_new else 200, now)

    def patch(self, request: Request) -> Response:
        data, record_id, now = orjson.loads(request.body)["data"], request.matchdict["id"], now_ms()
        rows = self.run(CHANGE, (now, orjson.dumps(data).decode(), user_of(request), record_id))
        if not rows:
            return Response(status=404)
        return answer({"data": {**rows[0][0], "id": record_id, "last_modified": now}}, etag=now)

    def batch(self, request: Request) -> Response:
        """Only what is asked of it: creations, in one transaction."""
        user, responses = user_of(request), []
        self.run("BEGIN")
        try:
            for item in orjson.loads(request.body)["requests"]:
                record, values = created(user, item["body"]["data"])
                self.run(INSERT, values)
                headers = {"ETag": f'"{record["last_modified"]}"', "Content-Type": "application/json"}
                body = {"data": record}
                responses.append({"status": 201, "path": item["path"], "headers": headers, "body": body})
        except BaseException:
            self.run("ROLLBACK")
            raise
        self.run("COMMIT")
        return answer({"responses": responses})

    def run(self, statement: str, values: Any = ()) -> Rows:
        with self._connection().cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def _connection(self) -> Any:
        try:
            return self._kept.connection
        except AttributeError:
            connection = self._kept.connection = psycopg2.connect(self._url)
            connection.autocommit = True
            return connection


def created(owner: str, data: dict[str, Any]) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """A new record, and its row."""
    record_id, now = str(uuid.uuid4()), now_ms()
    row = (owner, record_id, now, orjson.dumps(data).decode())
    return {**data, "id": record_id, "last_modified": now}, row


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def user_of(request: Request) -> str:
    return owner_of(base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")))


def answer(value: Any, status: int = 200, etag: int | None = None) -> Response:
    response = Response(orjson.dumps(value), status=status, content_type="application/json")
    if etag is not None:
        response.headers["ETag"] = f'"{etag}"'
    return response


def make_app(url: str, backend: str = "postgresql") -> Any:
    """WSGI application on a database, whose table may not be there yet."""
    register_default_jsonb(globally=True, loads=orjson.loads)
    views, config = Bookmarks(url), Configurator()
    for name, path in (
        ("hello", "/v1/"),
        ("heartbeat", "/v1/__heartbeat__"),
        ("alive", "/v1/__lbheartbeat__"),
        ("batch", "/v1/batch"),
        ("list", "/v1/bookmarks"),
        ("one", "/v1/bookmarks/{id}"),
    ):
        config.add_route(name, path)
    for view, route, method in (
        (views.hello, "hello", "GET"),
        (views.heartbeat, "heartbeat", "GET"),
        (views.alive, "alive", "GET"),
        (views.batch, "batch", "POST"),
        (views.get_list, "list", "GET"),
        (views.post, "list", "POST"),
        (views.get_one, "one", "GET"),
        (views.put, "one", "PUT"),
        (views.patch, "one", "PATCH"),
    ):
        config.add_view(view, route_name=route, request_method=method)
    config.registry.bookmarks = views
    return config.make_wsgi_app()


def fill(app: Any, size: int) -> None:
    """Make the table, with so many records of the user."""
    views = app.registry.bookmarks
    views.run(TABLE)
    owner = owner_of(CREDENTIALS)
    rows = [
        (owner, id_of(number), stamp_of(number), orjson.dumps(fields_of(number, size)).decode())
        for number in range(1, size + 1)
    ]
    with views._connection().cursor() as cursor:
        execute_values(cursor, FILL, rows, page_size=1_000)


def close(app: Any) -> None:
    """Leave no connection."""
    app.registry.bookmarks.close()
