"""Links sent to a bookmarks service, in as few requests as it allows."""

import base64
import email.utils
import enum
import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from example.netscape import Link

DEFAULT_BATCH_SIZE = 25
TRIES = 4
LONGEST_WAIT_S = 300.0

_RETRIES = urllib3.Retry(connect=0, read=0, redirect=3, status=0, other=0, respect_retry_after_header=False)
_TIMEOUT = urllib3.Timeout(connect=10.0, read=60.0)
_USER_AGENT = "bookmarks-import/1.0"


class ServerError(Exception):
    """The server is out of reach or refuses a whole request; the text is for the user."""


class Verdict(enum.Enum):
    """What became of a link: written, known before under the same URL, or not wanted."""

    CREATED = 201
    ALREADY_THERE = 200
    REFUSED = 400


@dataclass(frozen=True)
class Outcome:
    """The server's word on one link; ``reason`` is empty unless it was refused."""

    link: Link
    verdict: Verdict
    reason: str = ""


class Server:
    """A bookmarks service for one user.

    ``url`` is the address of the hello view, ``user`` is ``name:password``, ``sleep`` waits
    for a number of seconds. Every method raises :class:`ServerError`.
    """

    def __init__(
        self, url: str, user: str, http: urllib3.PoolManager, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._url = url.rstrip("/")
        self._http = http
        self._sleep = sleep
        self._pause_s = 0.0
        self._headers = {
            "Authorization": "Basic " + base64.b64encode(user.encode()).decode(),
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": _USER_AGENT,
        }

    def batch_size(self) -> int:
        """Requests allowed in a batch, as the hello view says; 25 when it sets no limit."""
        settings = self._ask("GET", "/").get("settings")
        size = settings.get("batch_max_requests") if isinstance(settings, dict) else None
        return size if isinstance(size, int) and size > 0 else DEFAULT_BATCH_SIZE

    def upload(self, links: Iterable[Link]) -> Iterator[Outcome]:
        """One outcome a link, in order; a batch is sent when its first outcome is asked for."""
        size = self.batch_size()
        remaining = iter(links)
        while batch := list(itertools.islice(remaining, size)):
            yield from self._post(batch)

    def _post(self, links: list[Link]) -> list[Outcome]:
        answer = self._ask("POST", "/batch", _batch_of(links))
        responses = answer.get("responses")
        if not isinstance(responses, list) or len(responses) != len(links):
            raise ServerError(f"{self._url}/batch did not answer every request it was sent.")
        return [_outcome(link, response) for link, response in zip(links, responses, strict=True)]

    def _ask(self, method: str, path: str, payload: Any = None) -> dict[str, Any]:
        """Body of a 200; a 503 is asked again after the time it names, a few times."""
        for _ in range(TRIES):
            self._wait()
            answer = self._send(method, path, payload)
            self._pause_s = _seconds(answer.headers.get("Backoff"))
            if answer.status != 503:
                break
            self._pause_s = max(self._pause_s, _seconds(answer.headers.get("Retry-After"), absent=1.0))
        body = _parse_object(answer.data)
        if answer.status != 200:
            raise ServerError(
                f"{self._url}{path} answered {answer.status}: {_reason(body, 'no reason given')}"
            )
        if body is None:
            raise ServerError(f"{self._url}{path} did not answer in JSON. Is it the address of a service?")
        return body

    def _wait(self) -> None:
        if self._pause_s > LONGEST_WAIT_S:
            raise ServerError(f"{self._url} is busy: come back in {self._pause_s:.0f} seconds.")
        if self._pause_s > 0:
            self._sleep(self._pause_s)

    def _send(self, method: str, path: str, payload: Any) -> urllib3.BaseHTTPResponse:
        body = None if payload is None else json.dumps(payload).encode()
        try:
            return self._http.request(
                method, self._url + path, body=body, headers=self._headers, retries=_RETRIES, timeout=_TIMEOUT
            )
        except urllib3.exceptions.HTTPError as error:
            raise ServerError(f"Cannot reach {self._url}: {_trouble(error)}") from error


def _trouble(error: urllib3.exceptions.HTTPError) -> str:
    """What the system says, without the layers of libraries above it: "Connection refused"."""
    reason = getattr(error, "reason", None) or error
    cause = getattr(reason, "__cause__", None) or reason
    return getattr(cause, "strerror", None) or str(cause)


def _batch_of(links: list[Link]) -> dict[str, Any]:
    requests = [{"body": {"data": {"url": link.url, "title": link.title}}} for link in links]
    return {"defaults": {"method": "POST", "path": "/bookmarks"}, "requests": requests}


def _outcome(link: Link, response: Any) -> Outcome:
    response = response if isinstance(response, dict) else {}
    status = response.get("status")
    if status == 201:
        return Outcome(link, Verdict.CREATED)
    if status == 200:
        return Outcome(link, Verdict.ALREADY_THERE)
    return Outcome(link, Verdict.REFUSED, _reason(response.get("body"), f"status {status}"))


def _reason(body: Any, otherwise: str) -> str:
    """What an error body says to people: its message, else its title."""
    if not isinstance(body, Mapping):
        return otherwise
    return str(body.get("message") or body.get("error") or otherwise)


def _parse_object(content: bytes) -> dict[str, Any] | None:
    """A JSON object, or None for anything else."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _seconds(header: str | None, *, absent: float = 0.0) -> float:
    """Delay of a Backoff or Retry-After header, given in seconds or as a date (RFC 9110, 10.2.3).

    What is neither counts as absent; a date gone by is no delay.
    """
    if header is None:
        return absent
    if header.isascii() and header.isdigit():
        return float(header[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, OverflowError):
        return absent
