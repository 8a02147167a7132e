"""What eight writers do, and the note each takes of what was acknowledged."""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from email.message import Message
from threading import Barrier, BrokenBarrierError
from typing import Any, Final

from tests.concurrency.client import Answer, Client, Unanswered

WRITERS: Final = 8
SHARED: Final = 5
EMAILS: Final = 4
STILL: Final = 40
"""Records among the shared ones that nobody touches."""

DONE: Final = {200, 201}
TOTAL: Final = "/counters/00000000-0000-4000-8000-000000000000"


def name_of(number: int) -> str:
    """Id of a record that several writers know."""
    return f"00000000-0000-4000-8000-{number:012x}"


class Race:
    """Rounds that all writers begin together, until the time is over."""

    def __init__(self, seconds: float) -> None:
        self.round = 0
        self.is_on = True
        self._end = time.monotonic() + seconds
        self._start = Barrier(WRITERS, action=self._go_on, timeout=60)

    def _go_on(self) -> None:
        self.round += 1
        self.is_on = time.monotonic() < self._end

    def begin_round(self) -> bool:
        """Wait for the others; whether there is another round."""
        self._start.wait()
        return self.is_on

    def run(self, take_turn: Callable[[], None]) -> None:
        """Take a turn in each round; when one fails, nobody waits for this writer any more."""
        try:
            while self.begin_round():
                take_turn()
        except BrokenBarrierError:
            return  # whoever broke it says why
        except BaseException:
            self._start.abort()
            raise


def answered_or_not(activity: Callable[[], None]) -> None:
    """Do it; what is not answered ends there."""
    with suppress(Unanswered):
        activity()


class Writer:
    """One of the eight."""

    def __init__(self, number: int, client: Client, race: Race) -> None:
        self.number = number
        self.client = client
        self.race = race
        self.changes: dict[str, tuple[int, bool]] = {}
        """Last acknowledged timestamp of each of its records, and whether that was a deletion."""
        self.open_ended: set[str] = set()
        """Its records of which nobody knows whether the last write took place."""
        self.slots: list[int] = []
        """Rounds in which it was told that it has created the slot."""
        self.emails: list[int] = []
        """Rounds in which it was told that the email is its own."""
        self.increments = 0
        self.lost_increments = 0
        self.acknowledged: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.surprises: Counter[str] = Counter()
        self._random = random.Random(number)
        self._batches = 0

    def run(self) -> None:
        """Take part in all rounds."""
        activities = [self.change] * 4 + [self.increment] * 3 + [self.jumble] * 4 + [self.batch] * 3

        def take_turn() -> None:
            answered_or_not(self.take_slot)
            answered_or_not(self.take_email)
            for _ in range(6):
                answered_or_not(self._random.choice([*activities, self.move_email]))

        self.race.run(take_turn)

    def _note(self, activity: str, answer: Answer, *refusals: int) -> bool:
        """Count an answer; whether the write was acknowledged."""
        if answer.status in DONE:
            self.acknowledged[activity] += 1
            return True
        counted = self.refused if answer.status in refusals else self.surprises
        counted[f"{activity} {answer.status}"] += 1
        return False

    def take_slot(self) -> None:
        """Create a record under an id that all the others want in this moment."""
        round_, path = self.race.round, f"/slots/{name_of(self.race.round)}"
        answer = self.client.send("PUT", path, {"writer": self.number}, If_None_Match="*")
        if self._note("slot", answer, 412):
            self.slots.append(round_)

    def take_email(self) -> None:
        """Create a record with a value that all the others want in this moment."""
        round_ = self.race.round
        answer = self.client.send("POST", "/owners", {"email": f"round {round_}"})
        if answer.status == 200:
            self.refused["email 200"] += 1  # the record of the owner
        elif self._note("email", answer):
            self.emails.append(round_)

    def move_email(self) -> None:
        """Give its own record one of a few emails, whoever has it."""
        email = f"shared {self._random.randrange(EMAILS)}"
        path = f"/owners/{name_of(self.number)}"
        self._note("email", self.client.send("PUT", path, {"email": email}), 409)

    def change(self) -> None:
        """Create a record, or write once more to one of its own."""
        known = list(self.changes)
        if not known or self._random.random() < 0.7:
            answer = self.client.send("POST", "/changes", {"writer": self.number})
        else:
            answer = self._change_again(self._random.choice(known))
        if self._note("change", answer, 404):
            self._remember(answer.record)

    def _change_again(self, object_id: str) -> Answer:
        method = self._random.choice(["PATCH", "PUT", "DELETE"])
        fields = None if method == "DELETE" else {"again": self._random.random()}
        try:
            return self.client.send(method, f"/changes/{object_id}", fields)
        except Unanswered:
            self.open_ended.add(object_id)
            raise

    def _remember(self, record: Any) -> None:
        self.changes[record["id"]] = record["last_modified"], record.get("deleted", False)

    def increment(self) -> None:
        """Add one to the common counter and to its own, unless somebody was faster."""
        read = self.client.send("GET", TOTAL)
        if read.status != 200:
            self.surprises["counter is gone"] += 1
            return
        fields = {name: value for name, value in read.record.items() if name not in ("id", "last_modified")}
        for name in ("total", f"writer{self.number}"):
            fields[name] = fields.get(name, 0) + 1
        try:
            answer = self.client.send("PUT", TOTAL, fields, If_Match=read.headers["ETag"])
        except Unanswered:
            self.lost_increments += 1
            raise
        self.increments += self._note("increment", answer, 412)

    def jumble(self) -> None:
        """Any write to one of the records that all write to."""
        draw = self._random
        path = f"/jumbles/{name_of(draw.randrange(SHARED))}"
        fields = {"kind": "moving", "rank": draw.randrange(50), "writer": self.number}
        method, target = draw.choice(
            [
                ("PUT", path),
                ("PATCH", path),
                ("DELETE", path),
                ("POST", "/jumbles"),
                ("DELETE", "/jumbles?kind=moving&_limit=3"),
            ]
        )
        answer = self.client.send(method, target, None if method == "DELETE" else fields)
        self._note("jumble", answer, 404)

    def batch(self) -> None:
        """Write two twins, and more before them, of which some is refused."""
        self._batches += 1
        pair = self._random.randrange(3)
        fields = {"written": f"{self.number}-{self._batches}"}
        twins = [("PUT", f"/twins/{name_of(2 * pair + side)}", fields) for side in (0, 1)]
        others = [
            ("POST", "/changes", {"batch": self._batches}),
            ("PUT", f"/jumbles/{name_of(self._random.randrange(SHARED))}", {"kind": "moving", "rank": 9}),
            ("DELETE", f"/jumbles/{name_of(self._random.randrange(SHARED))}", None),
            ("PATCH", f"/slots/{name_of(10**9)}", {"nobody": "is there"}),
            ("PUT", f"/owners/{name_of(self.number)}", {"email": f"shared {self._random.randrange(EMAILS)}"}),
        ]
        # In any order of collections: batches that cross must not wait for each other.
        requests = [*twins, *others]
        self._random.shuffle(requests)
        answer = self.client.send_body("POST", "/batch", _batch_of(requests))
        if self._note("batch", answer):
            for response in answer.json["responses"]:
                self._note_part(response)

    def _note_part(self, response: dict[str, Any]) -> None:
        part = Answer(response["status"], Message(), response["body"])
        if self._note("part of a batch", part, 404, 409) and response["path"] == "/v1/changes":
            self._remember(part.record)


def _batch_of(requests: list[tuple[str, str, Any]]) -> dict[str, Any]:
    return {
        "requests": [
            {"method": method, "path": path} | ({} if fields is None else {"body": {"data": fields}})
            for method, path, fields in requests
        ]
    }
