"""What is read while others write: changes by polling, lists by pages, pairs and unique values at once."""

import random
from collections import Counter
from itertools import cycle
from threading import Event
from typing import Any, Final, Protocol
from urllib.parse import quote

from tests.concurrency.client import Client, Unanswered
from tests.concurrency.writers import STILL

PAGE: Final = 7
SORTINGS: Final = ("", "&_sort=rank", "&_sort=-rank,writer", "&_sort=last_modified", "&_sort=-id")


class Poller:
    """Asks again and again for what changed since the last answer."""

    pause_s = 0.03

    def __init__(self, client: Client) -> None:
        self.client = client
        self.seen: dict[str, set[tuple[int, bool]]] = {}
        """Timestamps at which each record was seen, and whether it was deleted."""
        self.polls = 0
        self.repeated = 0
        """Records that had been seen with the same timestamp, or came with one that was asked to be over."""
        self._since = 0
        self._tag = '"0"'

    def turn(self) -> None:
        """Poll once."""
        answer = self.client.send("GET", f"/changes?_since={quote(self._tag)}")
        self.polls += 1
        for record in answer.record:
            mark = record["last_modified"], record.get("deleted", False)
            marks = self.seen.setdefault(record["id"], set())
            self.repeated += mark in marks or mark[0] <= self._since
            marks.add(mark)
        self._tag = answer.headers["ETag"]
        self._since = int(self._tag.strip('"'))

    def missed(self, changes: dict[str, tuple[int, bool]]) -> list[str]:
        """Records whose last write, as its writer notes it, was never seen."""
        return [object_id for object_id, mark in changes.items() if mark not in self.seen.get(object_id, ())]


class Walker:
    """Walks through the pages of a list of which others change a part."""

    pause_s = 0.15

    def __init__(self, client: Client, still: set[str]) -> None:
        self.client = client
        self.walks = 0
        self.wrong: list[str] = []
        """What was wrong with the records that nobody touches."""
        self._still = still
        self._sortings = cycle(SORTINGS)

    def turn(self) -> None:
        """Walk to the end once."""
        sorting = next(self._sortings)
        found: Counter[str] = Counter()
        path = f"/jumbles?_limit={PAGE}{sorting}"
        for _ in range(10 * STILL):
            page = self.client.send("GET", path)
            found.update(record["id"] for record in page.record if record["id"] in self._still)
            path = page.next_page
            if not path:
                break
        self.walks += 1
        skipped = self._still - found.keys()
        repeated = [object_id for object_id, times in found.items() if times > 1]
        if path or skipped or repeated:
            self.wrong.append(f"{sorting or 'unsorted'}: {len(skipped)} skipped, {len(repeated)} repeated")


class Watcher:
    """Looks for what must never be seen, not even for a moment."""

    pause_s = 0.05

    def __init__(self, client: Client) -> None:
        self.client = client
        self.looks = 0
        self.half_batches = 0
        self.double_owners = 0
        self._random = random.Random(0)

    def turn(self) -> None:
        """Look once."""
        if self._random.random() < 0.8:
            self.look_at_twins()
        else:
            self.look_at_owners()
        self.looks += 1

    def look_at_twins(self) -> None:
        """Both records of a pair are written by the same batch."""
        written = {record["id"]: record["written"] for record in self._listed("/twins")}
        pairs = zip(sorted(written)[::2], sorted(written)[1::2], strict=False)
        self.half_batches += len(written) % 2 + sum(written[one] != written[other] for one, other in pairs)

    def look_at_owners(self) -> None:
        """No two records have one email."""
        emails = [record["email"] for record in self._listed("/owners")]
        self.double_owners += len(emails) - len(set(emails))

    def _listed(self, path: str) -> Any:
        return self.client.send("GET", path).record


class Reader(Protocol):
    """Looks again and again."""

    pause_s: float

    def turn(self) -> None:
        """Look once."""


def read_until(reader: Reader, is_over: Event) -> None:
    """Let a reader take its turns until it is over, with a pause after each."""
    while not is_over.wait(reader.pause_s):
        try:
            reader.turn()
        except Unanswered:
            continue
