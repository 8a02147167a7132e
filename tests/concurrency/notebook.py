"""What those who share records were told: writes, looks, and what was never answered."""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from tests.concurrency.history import Doubt, Look, Step, Write, permissions_of

COLLECTION: Final = "/parcels"
_KINDS: Final = {"POST": "create", "PUT": "put", "PATCH": "change", "DELETE": "delete"}


@dataclass(frozen=True)
class Wish:
    """A request to the collection, or to the record with an id; both are parts of batches too."""

    method: str
    record_id: str | None = None
    fields: Mapping[str, Any] | None = None
    permissions: Mapping[str, list[str]] | None = None
    if_match: str | None = None

    @property
    def path(self) -> str:
        """Path of the request, without the version."""
        is_of_record = self.record_id is not None and self.method != "POST"
        return f"{COLLECTION}/{self.record_id}" if is_of_record else COLLECTION

    @property
    def body(self) -> dict[str, Any] | None:
        """Body of the request."""
        parts = {"data": self.fields, "permissions": self.permissions}
        return {name: part for name, part in parts.items() if part is not None} or None

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the request."""
        return {} if self.if_match is None else {"If-Match": self.if_match}

    def write(self, user: str, kind: str | None = None) -> Write:
        """The write of a user that this is."""
        sent = None if self.permissions is None else permissions_of(self.permissions)
        # An empty list takes a permission away: it must not be left out.
        if sent is not None and self.permissions is not None:
            sent = {**{name: frozenset[str]() for name in self.permissions}, **sent}
        return Write(kind or _KINDS[self.method], user, sent)


@dataclass(frozen=True)
class Sent:
    """What everybody had been told of each record when a request was sent, and when that was (ms)."""

    known: Mapping[str, int]
    at: int


class Notebook:
    """One for all threads."""

    def __init__(self) -> None:
        self.steps: defaultdict[str, list[Step]] = defaultdict(list)
        self.looks: defaultdict[str, list[Look]] = defaultdict(list)
        self.doubts: defaultdict[str | None, list[Doubt]] = defaultdict(list)
        """By record; those of None are about any record."""
        self.refused_lists: list[tuple[Look, Mapping[str, int]]] = []
        self.counted: Counter[str] = Counter()
        self.surprises: Counter[str] = Counter()
        self._known: dict[str, int] = {}
        self._lock = Lock()

    def begin(self) -> Sent:
        """Note what is known now, before a request is sent."""
        with self._lock:
            return Sent(dict(self._known), _now())

    def doubt(self, wish: Wish, user: str, sent: Sent) -> None:
        """Note a request that was not answered."""
        if wish.method != "GET":
            with self._lock:
                self.doubts[wish.record_id].append(Doubt(wish.write(user), sent.at))

    def note(self, wish: Wish, user: str, sent: Sent, status: int, body: Any) -> None:
        """Note an answer."""
        with self._lock:
            self.counted[f"{wish.method} {status}"] += 1
            if status in (200, 201):
                self._note_success(wish, user, sent, status, body)
            elif status in (409, 412):
                self.counted["conflicts"] += 1
            elif status in (403, 404):
                self._note_refusal(wish, user, sent, status)
            else:
                self.surprises[f"{wish.method} {status}"] += 1

    def _note_success(self, wish: Wish, user: str, sent: Sent, status: int, body: Any) -> None:
        found = body["data"]
        if isinstance(found, list):
            for record in found:
                if wish.method == "DELETE":
                    self._acknowledge(record, wish.write(user, "delete among others"), None)
                else:
                    self._see("listed", user, sent, record["id"], record["last_modified"])
        elif wish.method == "GET" or (wish.method == "POST" and status == 200):
            permissions = body["permissions"]
            self._see("read", user, sent, found["id"], found["last_modified"], permissions)
        else:
            kind = {"PUT": "create" if status == 201 else "replace"}.get(wish.method)
            self._acknowledge(found, wish.write(user, kind), body.get("permissions"))

    def _acknowledge(self, record: Any, write: Write, permissions: Any) -> None:
        record_id, stamp = record["id"], record["last_modified"]
        answered = None if permissions is None else permissions_of(permissions)
        self.steps[record_id].append(Step(stamp, write, answered))
        self._known[record_id] = max(stamp, self._known.get(record_id, 0))
        self.counted["acknowledged"] += 1
        self.counted[write.kind] += 1

    def _note_refusal(self, wish: Wish, user: str, sent: Sent, status: int) -> None:
        self.counted["refused"] += 1
        if wish.method == "POST":
            return  # it may be about another record, which has the code
        claim = "none" if status == 404 else "no read" if wish.method == "GET" else "no write"
        if wish.record_id is None:
            self.refused_lists.append((Look(claim, user, 0, _now()), sent.known))
        else:
            self._see(claim, user, sent, wish.record_id)

    def _see(
        self, claim: str, user: str, sent: Sent, record_id: str, stamp: int = 0, permissions: Any = None
    ) -> None:
        state = None if permissions is None else permissions_of(permissions)
        since = sent.known.get(record_id, 0)
        self.looks[record_id].append(Look(claim, user, since, _now(), stamp, state))


def _now() -> int:
    return int(time.time() * 1000)
