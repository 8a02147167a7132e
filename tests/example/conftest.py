"""A stand-in for the server: it speaks just enough of the protocol, and misbehaves on demand."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import waitress
from waitress import wasyncore
from webob import Request, Response

import example


class StandIn:
    """WSGI application that refuses what does not start with ``http``.

    ``script`` holds answers to give before the ordinary ones, ``seen`` the requests.
    """

    def __init__(self) -> None:
        self.url = ""
        self.settings: Any = {"batch_max_requests": 25}
        self.script: deque[Response | None] = deque()
        self.seen: list[Request] = []
        self._known: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        request = Request(environ)
        request.make_body_seekable()
        self.seen.append(request)
        scripted = self.script.popleft() if self.script else None
        response = scripted or Response(json=self._answer(request))
        return response(environ, start_response)

    @property
    def batches(self) -> list[list[Any]]:
        """The bodies of the subrequests of each batch."""
        posted = [request for request in self.seen if request.method == "POST"]
        return [[entry["body"]["data"] for entry in request.json["requests"]] for request in posted]

    def _answer(self, request: Request) -> dict[str, Any]:
        if request.method == "GET":
            return {"settings": self.settings}
        return {"responses": [self._create(entry["body"]["data"]) for entry in request.json["requests"]]}

    def _create(self, data: dict[str, str]) -> dict[str, Any]:
        if not data["url"].startswith("http"):
            return {"status": 400, "body": {"message": "Not a web address"}}
        status = 200 if data["url"] in self._known else 201
        self._known.add(data["url"])
        return {"status": status, "body": {"data": data}}


def problem(status: int, **headers: str) -> Response:
    """An error answer in the protocol's shape."""
    body = json.dumps({"code": status, "errno": 999, "error": "Trouble", "message": "Come back later"})
    return Response(
        body=body.encode(),
        status=status,
        content_type="application/json",
        headerlist=[(name.replace("_", "-"), value) for name, value in headers.items()],
    )


@pytest.fixture(name="problem")
def problem_fixture() -> Callable[..., Response]:
    return problem


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """Serve WSGI applications on a free port until the test ends; returns the address."""
    with ExitStack() as running:
        yield lambda app: running.enter_context(_served(app))


@contextmanager
def _served(app: Any) -> Iterator[str]:
    sockets: dict[int, Any] = {}
    server = waitress.create_server(app, map=sockets, host="127.0.0.1", port=0, threads=2)
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=1.0, map=sockets, count=1)

    thread = threading.Thread(target=run)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    stopping.set()
    server.pull_trigger()
    # Sockets are closed when no thread is left that could write to them.
    thread.join()
    server.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)


@pytest.fixture
def stand_in(serve: Callable[[Any], str]) -> StandIn:
    service = StandIn()
    service.url = serve(service) + "/v1"
    return service


@pytest.fixture
def example_application() -> Any:
    """The example on the memory backend, alone with its records."""
    settings = {
        "cliquet_like.storage_backend": "cliquet_like.storage.memory",
        "cliquet_like.cache_backend": "cliquet_like.cache.memory",
        "cliquet_like.userid_hmac_secret": "tests",
    }
    return example.main({}, **settings)
