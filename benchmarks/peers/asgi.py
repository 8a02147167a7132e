"""ASGI calls without a network, on an event loop that is kept."""

import asyncio
from typing import Any

from benchmarks.client import AUTHORIZATION, Answer


class Caller:
    """An ASGI application that runs, from outside of its event loop."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()

    def call(self, method: str, url: str, body: bytes = b"", **headers: str) -> Answer:
        """Answer of the application; headers are WSGI names without ``HTTP_``."""
        return self._loop.run_until_complete(self._answer(method, url, body, headers))

    def run(self, what: Any) -> Any:
        """Result of a coroutine in its loop."""
        return self._loop.run_until_complete(what)

    def close(self) -> None:
        """End the loop."""
        self._loop.close()

    async def _answer(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        path, _, query = url.partition("?")
        sent = [(name.lower().replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
        sent += [(b"host", b"localhost"), (b"authorization", AUTHORIZATION.encode())]
        if body:
            sent += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": sent,
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        }
        parts: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(part: dict[str, Any]) -> None:
            parts.append(part)

        await self._app(scope, receive, send)
        found = {name.decode().title(): text.decode() for name, text in parts[0]["headers"]}
        return Answer(parts[0]["status"], found, b"".join(part.get("body", b"") for part in parts[1:]))
