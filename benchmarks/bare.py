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


class Bookmarks:
    """The views, on a dict that keeps the order of insertion."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}

    def get_one(self, request: Request) -> Response:
        record = self.records[request.matchdict["id"]]
        etag = f'"{record["last_modified"]}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headerlist=[("ETag", etag)])
        return answer({"data": record}, etag=record["last_modified"])

    def get_list(self, request: Request) -> Response:
        limit = int(request.GET["_limit"])
        newest = list(self.records.values())[: -limit - 1 : -1]
        return answer({"data": newest}, etag=newest[0]["last_modified"])

    def post(self, request: Request) -> Response:
        record = self.insert(orjson.loads(request.body)["data"])
        return answer({"data": record}, 201, record["last_modified"])

    def post_batch(self, request: Request) -> Response:
        inserted = [self.insert(item["body"]["data"]) for item in orjson.loads(request.body)["requests"]]
        return answer({"responses": [{"status": 201, "body": {"data": record}} for record in inserted]})

    def insert(self, data: dict[str, Any]) -> dict[str, Any]:
        record = {**data, "id": str(uuid.uuid4()), "last_modified": time.time_ns() // 1_000_000}
        self.records[record["id"]] = record
        return record


def answer(value: Any, status: int = 200, etag: int | None = None) -> Response:
    response = Response(orjson.dumps(value), status=status, content_type="application/json")
    if etag is not None:
        response.headers["ETag"] = f'"{etag}"'
    return response


def make_app() -> Any:
    """WSGI application with an empty store."""
    views, config = Bookmarks(), Configurator()
    config.add_route("list", "/v1/bookmarks")
    config.add_route("one", "/v1/bookmarks/{id}")
    config.add_route("batch", "/v1/batch")
    for view, route, method in (
        (views.get_list, "list", "GET"),
        (views.post, "list", "POST"),
        (views.get_one, "one", "GET"),
        (views.post_batch, "batch", "POST"),
    ):
        config.add_view(view, route_name=route, request_method=method)
    return config.make_wsgi_app()
