"""The same service by hand: Pyramid views on a dict, without Cornice, checks or promises.

It is what one would write in an hour, and the floor that ours is compared with.
"""

import time
import uuid
from typing import Any

import orjson
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response


def make_app() -> Any:
    """WSGI application with an empty store."""
    records: dict[str, dict[str, Any]] = {}

    def answer(value: Any, status: int = 200, etag: int | None = None) -> Response:
        response = Response(orjson.dumps(value), status=status, content_type="application/json")
        if etag is not None:
            response.headers["ETag"] = f'"{etag}"'
        return response

    def insert(body: bytes) -> dict[str, Any]:
        data = orjson.loads(body)["data"]
        record = {**data, "id": str(uuid.uuid4()), "last_modified": time.time_ns() // 1_000_000}
        records[record["id"]] = record
        return record

    def get_one(request: Request) -> Response:
        record = records[request.matchdict["id"]]
        etag = f'"{record["last_modified"]}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headerlist=[("ETag", etag)])
        return answer({"data": record}, etag=record["last_modified"])

    def get_list(request: Request) -> Response:
        limit = int(request.GET["_limit"])
        newest = list(records.values())[: -limit - 1 : -1]
        return answer({"data": newest}, etag=newest[0]["last_modified"])

    def post(request: Request) -> Response:
        record = insert(request.body)
        return answer({"data": record}, 201, record["last_modified"])

    def post_batch(request: Request) -> Response:
        requests = orjson.loads(request.body)["requests"]
        inserted = [insert(orjson.dumps(item["body"])) for item in requests]
        return answer({"responses": [{"status": 201, "body": {"data": record}} for record in inserted]})

    config = Configurator()
    for name, pattern, method, view in (
        ("list", "/v1/bookmarks", "GET", get_list),
        ("list", "/v1/bookmarks", "POST", post),
        ("one", "/v1/bookmarks/{id}", "GET", get_one),
        ("batch", "/v1/batch", "POST", post_batch),
    ):
        if config.get_routes_mapper().get_route(name) is None:
            config.add_route(name, pattern)
        config.add_view(view, route_name=name, request_method=method)
        config.commit()
    return config.make_wsgi_app()
