"""What is asked of a service, and how much slower than by hand ours may be.

It needs nothing but Python: peers are measured in environments of their own.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from benchmarks.client import Answer, call
from benchmarks.dataset import COMMON, fields_of, id_of, status_of

PAGE = 100
IN_A_BATCH = 25
_KNOWN = 100
"""Records whose ETags are asked for beforehand, for requests that name them."""


class Service:
    """A service in the words of our protocol; a peer that speaks otherwise overrides what differs."""

    lacks: frozenset[str] = frozenset()
    """Names of the workloads that it has no equal of."""

    def __init__(self, app: Any, size: int) -> None:
        self.app = app
        self.size = size
        self._tags: dict[str, str] = {}

    def call(self, method: str, url: str, body: bytes = b"", **headers: str) -> Answer:
        return call(self.app, method, url, body, **headers)

    # Places

    collection = "/v1/bookmarks"
    hello = "/v1/"
    heartbeat = "/v1/__heartbeat__"

    def one(self, number: int) -> str:
        """Path of a record that is there, far from that of the number before."""
        return f"{self.collection}/{id_of(number * 7_919 % self.size + 1)}"

    @property
    def newest(self) -> str:
        return f"{self.collection}?_limit={PAGE}"

    def filtered(self, status: str) -> str:
        return f"{self.newest}&status={status}&_sort=title"

    def next_page(self, answer: Answer) -> str | None:
        """Path and query of the next page, None after the last."""
        url = answer.headers.get("Next-Page")
        if url is None:
            return None
        parts = urlsplit(url)
        return f"{parts.path}?{parts.query}"

    # Bodies

    def body(self, fields: dict[str, Any]) -> bytes:
        return json.dumps({"data": fields}).encode()

    def batch(self, numbers: range) -> bytes:
        items = [
            {"method": "POST", "path": "/v1/bookmarks", "body": {"data": fields_of(number, self.size)}}
            for number in numbers
        ]
        return json.dumps({"requests": items}).encode()

    def records(self, answer: Answer) -> list[dict[str, Any]]:
        """Records that an answer shows, none for one without."""
        data = json.loads(answer.body).get("data", []) if answer.body else []
        return data if isinstance(data, list) else [data]

    # Requests

    def tag(self, number: int) -> str:
        """ETag of a record as it was at first."""
        url = self.one(number)
        if url not in self._tags:
            self._tags[url] = self.call("GET", url).headers["ETag"]
        return self._tags[url]

    def pages(self) -> Iterator[Answer]:
        """The pages of the whole collection, one after the other."""
        url: str | None = self.newest
        while url is not None:
            answer = self.call("GET", url)
            yield answer
            url = self.next_page(answer)


Run = Callable[[Service, int], list[Answer]]


@dataclass(frozen=True)
class Workload:
    """Requests of one kind; ``run`` makes those of a number, and returns their answers."""

    name: str
    run: Run
    status: int = 200
    writes: bool = False
    weight: int = 1
    """About how many requests for one record take as long: fewer calls are made where nothing is timed."""
    at_most: float | None = None
    """Times slower than by hand that ours may be on PostgreSQL."""
    aim: float | None = None

    def few(self, calls: int) -> int:
        """So many calls, or less where one takes long."""
        return max(calls // self.weight, 1)

    def checked(self, service: Service, number: int) -> list[Answer]:
        """Answers, which must have the expected status."""
        answers = self.run(service, number)
        for answer in answers:
            if answer.status != self.status:
                raise AssertionError(
                    f"{self.name}: {answer.status} instead of {self.status}: {answer.body!r}"
                )
        return answers


def _get(url: Callable[[Service, int], str]) -> Run:
    return lambda service, number: [service.call("GET", url(service, number))]


def _unchanged(service: Service, number: int) -> list[Answer]:
    number %= _KNOWN
    return [service.call("GET", service.one(number), IF_NONE_MATCH=service.tag(number))]


def _post(service: Service, number: int) -> list[Answer]:
    return [service.call("POST", service.collection, service.body(fields_of(number, service.size)))]


def _put(service: Service, number: int) -> list[Answer]:
    fields = {**fields_of(number, service.size), "title": f"Put {number}"}
    return [service.call("PUT", service.one(number), service.body(fields))]


def _patch(service: Service, number: int) -> list[Answer]:
    return [service.call("PATCH", service.one(number), service.body({"title": f"Patched {number}"}))]


def _batch(service: Service, number: int) -> list[Answer]:
    numbers = range(number * IN_A_BATCH, (number + 1) * IN_A_BATCH)
    return [service.call("POST", "/v1/batch", service.batch(numbers))]


def _few(service: Service, number: int) -> str:
    return service.filtered(status_of(5 * number + 1, service.size))


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("hello", _get(lambda service, _: service.hello), at_most=4, aim=2),
        Workload("GET one", _get(Service.one), at_most=2.2, aim=1.5),
        Workload("GET one, 304", _unchanged, status=304, at_most=2.5, aim=1.5),
        Workload("newest 100", _get(lambda service, _: service.newest), at_most=1.6, aim=1.2),
        Workload("filter and sort, 200 match", _get(_few), at_most=1),
        Workload("filter and sort, a fifth matches", _get(lambda it, _: it.filtered(COMMON)), at_most=1),
        Workload("walk by 100", lambda service, _: list(service.pages()), weight=100, at_most=1.6, aim=1.2),
        Workload("POST", _post, status=201, writes=True, at_most=2.2, aim=1.5),
        Workload("PUT", _put, writes=True, at_most=2.5, aim=1.8),
        Workload("PATCH", _patch, writes=True, at_most=2.5, aim=1.8),
        Workload("batch of 25 POST", _batch, writes=True, weight=20, at_most=3, aim=1.5),
        Workload("heartbeat", _get(lambda service, _: service.heartbeat), at_most=6, aim=4),
    )
}
