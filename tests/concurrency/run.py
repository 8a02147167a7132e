"""One run: eight writers, four readers, one kill; and what came of it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from typing import Any, Final

from tests.concurrency.client import Client, clients
from tests.concurrency.readers import Poller, Reader, Walker, Watcher, read_until
from tests.concurrency.workers import Workers, serving
from tests.concurrency.writers import STILL, TOTAL, WRITERS, Race, Writer, name_of
from tests.contracts import backends

POLLERS: Final = 2


@dataclass(frozen=True)
class Plan:
    """How a backend is served, and what it promises: batches as a whole, to outlive its process."""

    processes: int
    threads: int
    whole_batches: bool
    lasting: bool


PLANS: Final[Mapping[str, Plan]] = {
    "memory": Plan(processes=1, threads=8, whole_batches=False, lasting=False),
    "redis": Plan(processes=1, threads=8, whole_batches=False, lasting=True),
    "sqlite": Plan(processes=2, threads=4, whole_batches=True, lasting=True),
    "postgresql": Plan(processes=2, threads=4, whole_batches=True, lasting=True),
}


@dataclass(frozen=True)
class Outcome:
    """Figures of a run, and how often each promise was broken."""

    figures: Mapping[str, int]
    broken: Mapping[str, int]
    details: Sequence[str]


def perform(settings: Mapping[str, str], plan: Plan, *, seconds: float) -> Outcome:
    """Serve the application with these settings, and write and read for so many seconds."""
    with (
        serving(settings, processes=plan.processes, threads=plan.threads) as workers,
        clients(workers.ports, WRITERS + POLLERS + 3) as made,
    ):
        for _ in range(plan.processes):
            assert made[0].send("GET", "/__heartbeat__").status == 200
        run = _Run(made)
        run.prepare()
        run.write_and_read(workers if plan.lasting else None, seconds)
        return run.outcome(plan)


class _Run:
    def __init__(self, made: list[Client]) -> None:
        self.clients = made
        self.checker, walking, watching, *others = made
        still = {name_of(1000 + number) for number in range(STILL)}
        self.walker, self.watcher = Walker(walking, still), Watcher(watching)
        self.pollers = [Poller(client) for client in others[:POLLERS]]
        self.readers: list[Reader] = [self.walker, self.watcher, *self.pollers]
        self.writers: list[Writer] = []

    def prepare(self) -> None:
        """Make the counter, and the records that nobody will touch.

        The collection of changes gets its first timestamp here: what is written while that is fixed
        may be seen twice, as the contract says of ``get_page``.
        """
        assert self.checker.send("GET", "/changes").status == 200
        assert self.checker.send("PUT", TOTAL, {"total": 0}).status == 201
        for number in range(STILL):
            fields = {"kind": "still", "rank": number // 2, "writer": -1}
            assert self.checker.send("PUT", f"/jumbles/{name_of(1000 + number)}", fields).status == 201

    def write_and_read(self, workers: Workers | None, seconds: float) -> None:
        """Let all do their work; the first of the workers that are given is killed halfway."""
        race = Race(seconds)
        others = self.clients[3 + POLLERS :]
        self.writers = [Writer(number, client, race) for number, client in enumerate(others)]
        let_work([writer.run for writer in self.writers], self.readers, workers, seconds)

    def outcome(self, plan: Plan) -> Outcome:
        """Compare the notes with what is stored."""
        statuses = sum_of(client.statuses for client in self.clients)
        broken = {
            "5xx": sum(count for name, count in statuses.items() if int(name.split()[1]) >= 500),
            "unexpected answers": sum_of(writer.surprises for writer in self.writers).total(),
            **self._broken_by_polling(),
            **self._broken_by_counting(),
            "slots created twice or lost": self._wrong_slots(),
            "two owners": self.watcher.double_owners + self._wrong_emails(),
            "half batches": self.watcher.half_batches if plan.whole_batches else 0,
            "skipped or repeated in pages": len(self.walker.wrong),
            "unanswered without a kill": 0 if plan.lasting else self._unanswered(),
        }
        refused = sum_of(writer.refused for writer in self.writers)
        acknowledged = sum_of(writer.acknowledged for writer in self.writers)
        figures = {
            "acknowledged": acknowledged.total() - acknowledged["batch"],
            "refused": refused.total(),
            "unanswered": self._unanswered(),
            "increments": sum(writer.increments for writer in self.writers),
            "races": len({slot for writer in self.writers for slot in writer.slots}),
            "batches": acknowledged["batch"],
            "polls": sum(poller.polls for poller in self.pollers),
            "walks": self.walker.walks,
            "looks": self.watcher.looks,
        }
        details = [f"{name}: {count}" for name, count in sorted((statuses | refused).items())]
        return Outcome(figures, broken, details + self.walker.wrong)

    def _unanswered(self) -> int:
        return sum(client.unanswered for client in self.clients)

    def _broken_by_polling(self) -> dict[str, int]:
        """Each poller saw the last acknowledged write of each record; and it is what is stored."""
        changes = {
            object_id: mark
            for writer in self.writers
            for object_id, mark in writer.changes.items()
            if object_id not in writer.open_ended
        }
        stored = {
            record["id"]: record["last_modified"] for record in self.checker.send("GET", "/changes").record
        }
        alive = {object_id: stamp for object_id, (stamp, deleted) in changes.items() if not deleted}
        stamps = Counter(stamp for stamp, _ in changes.values())
        return {
            "changes missed": sum(len(poller.missed(changes)) for poller in self.pollers),
            "changes seen twice": sum(poller.repeated for poller in self.pollers),
            "changes lost": sum(stored.get(object_id) != stamp for object_id, stamp in alive.items()),
            "deletions lost": len(stored.keys() & (changes.keys() - alive.keys())),
            "timestamps given twice": len(changes) - len(stamps),
        }

    def _broken_by_counting(self) -> dict[str, int]:
        """What a writer was told to have added is there; no more than what it was not told comes to it."""
        counted: dict[str, int] = self.checker.send("GET", TOTAL).json.get("data", {"total": 0})
        lost = invented = 0
        for writer in self.writers:
            surplus = counted.get(f"writer{writer.number}", 0) - writer.increments
            lost += max(0, -surplus)
            invented += max(0, surplus - writer.lost_increments)
        own = sum(counted.get(f"writer{writer.number}", 0) for writer in self.writers)
        return {"updates lost": lost + abs(counted["total"] - own), "updates invented": invented}

    def _wrong_slots(self) -> int:
        stored: dict[str, int] = {
            record["id"]: record["writer"] for record in self.checker.send("GET", "/slots").record
        }
        told = [(slot, writer.number) for writer in self.writers for slot in writer.slots]
        twice = len(told) - len({slot for slot, _ in told})
        return twice + sum(stored.get(name_of(slot)) != number for slot, number in told)

    def _wrong_emails(self) -> int:
        stored = Counter(record["email"] for record in self.checker.send("GET", "/owners").record)
        told = Counter(round_ for writer in self.writers for round_ in writer.emails)
        twice = sum(count - 1 for count in (*stored.values(), *told.values()))
        return twice + sum(f"round {round_}" not in stored for round_ in told)


def line_of(name: str, outcome: Outcome) -> str:
    """One line of figures."""
    figures = ", ".join(f"{count} {figure}" for figure, count in outcome.figures.items())
    broken = ", ".join(f"{count} {promise}" for promise, count in outcome.broken.items() if count)
    return f"{name}: {figures}; broken promises: {broken or 'none'}"


def run_on(name: str, directory: Path, *, seconds: float) -> Outcome:
    """Run on an empty backend of this name; files go into the directory."""
    with backends.new_settings(name, directory) as settings:
        with backends.opened(name, settings):
            """The tables are made."""
        return perform(settings, PLANS[name], seconds=seconds)


def let_work(
    writing: Sequence[Callable[[], None]],
    readers: Sequence[Reader],
    workers: Workers | None,
    seconds: float,
) -> None:
    """Let all write until they have done; readers look meanwhile, and once after it.

    The first of the workers that are given is killed halfway.
    """
    over = Event()
    with ThreadPoolExecutor(len(writing) + len(readers)) as pool:
        reading: list[Future[None]] = [pool.submit(read_until, reader, over) for reader in readers]
        accident = Timer(seconds / 2, _kill_and_restart, [workers])
        accident.start()
        try:
            for written in [pool.submit(write) for write in writing]:
                written.result()
        finally:
            over.set()
            accident.join()
        for read in reading:
            read.result()
    for reader in readers:
        reader.turn()


def _kill_and_restart(workers: Workers | None) -> None:
    if workers is not None:
        workers.kill(0)
        workers.start(0)


def sum_of(counters: Any) -> Counter[str]:
    """All counts together."""
    return sum(counters, Counter())
