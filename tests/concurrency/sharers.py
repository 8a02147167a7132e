"""What eight threads of four users do to a few shared records, and to each other."""

import random
from collections.abc import Callable, Sequence
from typing import Any, Final

from tests.concurrency.client import Client, Unanswered
from tests.concurrency.notebook import Notebook, Wish
from tests.concurrency.writers import Race, answered_or_not, name_of

USERS: Final = ("ada", "bob", "cem", "dee")
RECORDS: Final = 5
CODES: Final = 4
TURN: Final = 6
STORM_EVERY: Final = 4
"""Rounds from one storm of deletions to the next."""


class Sharer:
    """One thread of a user. ``people`` are all users, as permissions name them."""

    def __init__(
        self, number: int, client: Client, race: Race, people: Sequence[str], notebook: Notebook
    ) -> None:
        self.client = client
        self.user = people[number % len(people)]
        self.batches = 0
        self._others = [principal for principal in people if principal != self.user]
        self._race = race
        self._notebook = notebook
        self._random = random.Random(number)
        self._number = number

    def run(self) -> None:
        """Take part in all rounds."""
        self._race.run(self._take_turn)

    def _take_turn(self) -> None:
        is_storm = self._race.round % STORM_EVERY == 2
        activities = self._storm if is_storm else self._usual
        if is_storm:
            answered_or_not(self.come_and_go)
        for _ in range(TURN):
            answered_or_not(self._random.choice(activities))

    @property
    def _usual(self) -> list[Callable[[], None]]:
        one_by_one = [lambda: self._send(self._any_wish())] * 12
        return [*one_by_one, self.batch, self.batch, self.change_as_read, self.list_all]

    @property
    def _storm(self) -> list[Callable[[], None]]:
        return [
            lambda: self._send(Wish("DELETE")),
            lambda: self._send(self._wish("DELETE")),
            lambda: self._send(self._wish("PUT")),
            lambda: self._send(self._wish("POST")),
            self.batch,
        ]

    def come_and_go(self) -> None:
        """Create a record that only those know with whom it is shared, and delete it."""
        own = name_of(100 + self._number)
        self._send(Wish("PUT", own, self._fields(), self._some_permissions(at_least=1)))
        self._send(Wish("DELETE", own))

    def batch(self) -> None:
        """A few writes as a whole, some of which are refused."""
        wishes = [self._any_wish() for _ in range(self._random.randint(2, 4))]
        requests = [
            {"method": wish.method, "path": wish.path, "headers": wish.headers}
            | ({} if wish.body is None else {"body": wish.body})
            for wish in wishes
        ]
        sent = self._notebook.begin()
        try:
            answer = self.client.send_body("POST", "/batch", {"requests": requests})
        except Unanswered:
            for wish in wishes:
                self._notebook.doubt(wish, self.user, sent)
            raise
        if answer.status != 200:
            self._notebook.surprises[f"batch {answer.status}"] += 1
            return
        self.batches += 1
        for wish, response in zip(wishes, answer.json["responses"], strict=True):
            self._notebook.note(wish, self.user, sent, response["status"], response["body"])

    def change_as_read(self) -> None:
        """Change a record on condition that nobody did since it was read."""
        record_id = self._any_id()
        read = self._send(Wish("GET", record_id))
        if read.status == 200:
            self._send(Wish("PATCH", record_id, self._fields(), if_match=read.headers["ETag"]))

    def list_all(self) -> None:
        """Read the records that are shared with the user."""
        self._send(Wish("GET"))

    def _any_wish(self) -> Wish:
        draw = self._random.random()
        if draw < 0.4:
            return Wish("PATCH", self._any_id(), permissions=self._some_permissions())
        if draw < 0.41:
            return Wish("DELETE")
        methods = ["PATCH"] * 3 + ["PUT"] * 4 + ["POST"] * 2 + ["GET"] * 2 + ["DELETE"]
        return self._wish(self._random.choice(methods))

    def _wish(self, method: str) -> Wish:
        record_id: str | None = self._any_id()
        if method in ("GET", "DELETE"):
            return Wish(method, record_id)
        fields = self._fields()
        if method == "POST" and self._random.random() < 0.9:
            fields["id"] = record_id
        elif method == "POST":
            record_id = None
        shares = method != "PATCH" and self._random.random() < 0.85
        permissions = self._some_permissions(at_least=1) if shares else None
        return Wish(method, record_id, fields, permissions)

    def _send(self, wish: Wish) -> Any:
        sent = self._notebook.begin()
        headers = {name.replace("-", "_"): value for name, value in wish.headers.items()}
        try:
            answer = self.client.send_body(wish.method, wish.path, wish.body, **headers)
        except Unanswered:
            self._notebook.doubt(wish, self.user, sent)
            raise
        self._notebook.note(wish, self.user, sent, answer.status, answer.json)
        return answer

    def _any_id(self) -> str:
        return name_of(self._random.randrange(RECORDS))

    def _fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {"content": f"{self._number} {self._random.random()}"}
        if self._random.random() < 0.1:
            fields["code"] = f"code {self._random.randrange(CODES)}"
        return fields

    def _some_permissions(self, at_least: int = 0) -> dict[str, list[str]]:
        """Lists that give to some of the others and take from the rest, of one permission or both."""
        names = self._random.choice([["read"], ["write"], ["write"], ["read", "write"]])
        return {
            name: self._random.sample(self._others, max(at_least, self._random.choice([0, 1, 2, 2, 3, 3])))
            for name in names
        }
