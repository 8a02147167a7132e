"""A client of all workers: each request goes to the next one."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.message import Message
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from cliquet_like.testing.app import basic_auth

TIMEOUT_S: Final = 60


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Message
    json: Any

    @property
    def record(self) -> Any:
        """Record or list that was asked for."""
        return self.json["data"]

    @property
    def next_page(self) -> str:
        """Path of the next page; empty on the last one."""
        url = urlsplit(self.headers.get("Next-Page", ""))
        return f"{url.path}?{url.query}" if url.path else ""


class Unanswered(Exception):
    """The connection ended before the answer: the request was carried out, or it was not."""


class Client:
    """One thread's connections, one to each port."""

    def __init__(self, ports: list[int], user: str = "ada") -> None:
        self._connections = [HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S) for port in ports]
        self._next = cycle(self._connections)
        self._headers = {"Authorization": basic_auth(user), "Content-Type": "application/json"}
        self.statuses: Counter[str] = Counter()
        """How often which status answered which method."""
        self.unanswered = 0

    def send(self, method: str, path: str, fields: Any = None, **headers: str) -> Answer:
        """Answer to a request; ``fields`` are those of a record. Raises :class:`Unanswered`."""
        return self.send_body(method, path, None if fields is None else {"data": fields}, **headers)

    def send_body(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Answer to a request with any body; a GET is sent again. Raises :class:`Unanswered`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        target = path if path.startswith("/v1/") else f"/v1{path}"
        text = json.dumps(body) if body else None
        for _ in self._connections if method == "GET" else ():
            with suppress(Unanswered):
                return self._exchange(method, target, text, named)
        return self._exchange(method, target, text, named)

    def _exchange(self, method: str, target: str, text: str | None, named: Mapping[str, str]) -> Answer:
        connection = next(self._next)
        try:
            connection.request(method, target, text, {**self._headers, **named})
            response = connection.getresponse()
            received = response.read()
        except TimeoutError:
            raise
        except (OSError, HTTPException) as error:
            connection.close()
            self.unanswered += 1
            raise Unanswered(method, target) from error
        self.statuses[f"{method} {response.status}"] += 1
        return Answer(response.status, response.headers, json.loads(received) if received else None)

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections:
            connection.close()


@contextmanager
def clients(ports: list[int], count: int, users: Sequence[str] = ("ada",)) -> Iterator[list[Client]]:
    """So many clients, each of which may be used by one thread; the users take turns."""
    made = [Client(ports, users[number % len(users)]) for number in range(count)]
    try:
        yield made
    finally:
        for client in made:
            client.close()
