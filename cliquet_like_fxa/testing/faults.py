"""Faults on demand: what the next requests for a path get instead of their answer."""

import json
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from pyramid.response import Response

from cliquet_like.kernel.text import strip_uri_prefix
from cliquet_like_fxa.testing.refusals import UNEXPECTED, error_body


@dataclass(frozen=True)
class Fault:
    """One way to misbehave; made by the class methods, and named after its kind in the reports of pytest."""

    name: str
    answer: bytes | None = None
    status_code: int = 200
    content_type: str = "application/json"
    retry_after: str | None = None
    delay_s: float = 0.0
    closes: bool = False

    @classmethod
    def status(cls, code: int, *, retry_after: int | str | None = None) -> "Fault":
        """An error of this status in the JSON of the accounts server; ``retry_after`` sets the header.

        PyFxA asks up to three times more after a 429 or 503 with that header, and waits so many
        seconds before each.
        """
        body = json.dumps(error_body(code, UNEXPECTED, "A fault that was asked for")).encode()
        header = None if retry_after is None else str(retry_after)
        return cls(f"status-{code}", body, status_code=code, retry_after=header)

    @classmethod
    def slow(cls, delay_s: float) -> "Fault":
        """The ordinary answer after so many seconds, or at once when the server is stopped."""
        return cls(f"slow-{delay_s}", delay_s=delay_s)

    @classmethod
    def html(cls, code: int = 200) -> "Fault":
        """A web page, as a proxy in between would send."""
        return cls("html", b"<!doctype html><title>Bad gateway</title>", code, "text/html")

    @classmethod
    def invalid_json(cls) -> "Fault":
        """A body that begins as JSON and stops."""
        return cls("invalid-json", b'{"user": "')

    @classmethod
    def body(cls, value: Any) -> "Fault":
        """Any JSON with status 200: wrong types, missing fields."""
        text = json.dumps(value)
        return cls(f"body-{text[:40]}", text.encode())

    @classmethod
    def closed(cls) -> "Fault":
        """No answer: the connection is closed. PyFxA asks up to three times more."""
        return cls("closed", closes=True)

    def response(self) -> Response | None:
        """What is sent, or None for the ordinary answer."""
        if self.answer is None:
            return None
        response = Response(self.answer, status=self.status_code, content_type=self.content_type)
        if self.content_type == "text/html":
            response.charset = "utf-8"
        if self.retry_after is not None:
            response.headers["Retry-After"] = self.retry_after
        return response


NONSENSE: tuple[Fault, ...] = (
    Fault.html(),
    Fault.invalid_json(),
    Fault.body({}),
    Fault.body([]),
    Fault.body(None),
    Fault.body(7),
    Fault.body("keys"),
    Fault.body({"keys": 7, "user": 7, "client_id": [], "scope": "profile", "access_token": {}}),
)
"""Successful answers that no client can use: each is of another kind."""


class FaultQueue:
    """The faults still to come, in the order of asking. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[Fault]] = {}

    def add(self, path: str, fault: Fault, times: int) -> None:
        """Raises ``ValueError`` for less than one time; a path is the same with and without ``/v1``."""
        if times < 1:
            raise ValueError(f"a fault happens once at least, not {times} times")
        with self._lock:
            self._waiting.setdefault(strip_uri_prefix(path), deque()).extend([fault] * times)

    def take(self, path: str) -> Fault | None:
        """The next fault of a path, which is then gone; None when there is none left."""
        with self._lock:
            waiting = self._waiting.get(strip_uri_prefix(path))
            return waiting.popleft() if waiting else None
