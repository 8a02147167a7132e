"""One run of those who share records; and what came of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Final

from tests.concurrency.client import Client, clients
from tests.concurrency.history import FAULTS, History, may, permissions_of, replay
from tests.concurrency.notebook import COLLECTION, Notebook
from tests.concurrency.run import Outcome, let_work, sum_of
from tests.concurrency.sharers import USERS, Sharer
from tests.concurrency.tables import Tables, tables_of
from tests.concurrency.workers import serving
from tests.concurrency.writers import WRITERS, Race
from tests.contracts import backends

PREFIX: Final = "sharing-"
SHARING: Final = tuple(PREFIX + name for name in backends.TRANSACTIONAL)
PROCESSES: Final = 2
THREADS: Final = 4


@contextmanager
def sharing_settings(
    name: str, directory: Path, permission_backend: str | None = None
) -> Iterator[dict[str, str]]:
    """Settings of an empty database with both kinds of tables; the backend may be another one."""
    with backends.new_settings(name, directory) as settings:
        settings |= {
            "permission_backend": f"cliquet_like.permission.{name}",
            "permission_url": settings["storage_url"],
            "parcel_create_principals": "system.Authenticated",
        }
        config = SimpleNamespace(get_settings=lambda: settings, registry=SimpleNamespace())
        for kind in ("storage", "permission"):
            import_module(settings[f"{kind}_backend"]).load_from_config(config).initialize_schema()
        for client in config.registry.database_clients.values():
            client.close()
        yield settings | ({"permission_backend": permission_backend} if permission_backend else {})


def share_on(name: str, directory: Path, *, seconds: float, permission_backend: str | None = None) -> Outcome:
    """Share records on an empty database of this kind for so many seconds; one worker is killed halfway."""
    with (
        sharing_settings(name, directory, permission_backend) as settings,
        serving(settings, processes=PROCESSES, threads=THREADS) as workers,
        clients(workers.ports, WRITERS, USERS) as made,
        tables_of(settings["storage_url"]) as tables,
    ):
        people = [_principal_of(client) for client in made[: len(USERS)]]
        notebook, race = Notebook(), Race(seconds)
        sharers = [Sharer(number, client, race, people, notebook) for number, client in enumerate(made)]
        let_work([sharer.run for sharer in sharers], [tables], workers, seconds)
        return _Findings(sharers, notebook, tables).outcome()


def _principal_of(client: Client) -> str:
    principal: str = client.send("GET", "/").json["user"]["id"]
    return principal


class _Findings:
    """What the notes say when they are held against each other and against the database."""

    def __init__(self, sharers: list[Sharer], notebook: Notebook, tables: Tables) -> None:
        self.sharers = sharers
        self.notebook = notebook
        self.tables = tables
        self.details: list[str] = []
        anything = notebook.doubts[None]
        ids = [*notebook.steps, *(each for each in notebook.doubts if each not in (None, *notebook.steps))]
        self.histories: dict[str, History] = {
            record_id: replay(notebook.steps[record_id], [*notebook.doubts[record_id], *anything])
            for record_id in ids
            if record_id is not None
        }
        self.found = MappingProxyType(tables.permissions())

    def outcome(self) -> Outcome:
        """Figures, and broken promises."""
        statuses = sum_of(sharer.client.statuses for sharer in self.sharers)
        unpaired = Counter(kind for kind, _ in self.tables.unpaired_now())
        broken = {
            "5xx": sum(count for name, count in statuses.items() if int(name.split()[1]) >= 500),
            "unexpected answers": self.notebook.surprises.total(),
            "permissions without a record": unpaired["permissions without a record"],
            "records without permissions": unpaired["records without permissions"],
            "seen without each other": len(self.tables.unpaired),
            **{fault: sum(each.faults[fault] for each in self.histories.values()) for fault in FAULTS},
            "not stored as acknowledged": self._stored_otherwise(),
            **self._looks(),
            "otherwise over HTTP": self._otherwise_over_http(),
        }
        self.details += [what for each in self.histories.values() for what in each.details]
        self.details += [f"{kind}: {what}" for kind, what in self.tables.unpaired]
        details = [self._named(detail) for detail in self.details[:40]]
        return Outcome(self._figures(statuses), broken, [*_listed(self.notebook), *details])

    def _named(self, detail: str) -> str:
        """A detail with the names of the users instead of their ids."""
        for sharer, name in zip(self.sharers, USERS, strict=False):
            detail = detail.replace(sharer.user, name)
        return detail.replace("frozenset", "")

    def _figures(self, statuses: Mapping[str, int]) -> dict[str, int]:
        counted = self.notebook.counted
        moves = sum_of(history.moves for history in self.histories.values())
        return {
            "requests": sum(statuses.values()),
            "acknowledged": counted["acknowledged"],
            "created": counted["create"],
            "deleted": counted["delete"] + counted["delete among others"],
            "given": moves["given"],
            "taken away": moves["taken away"],
            "refused": counted["refused"],
            "conflicts": counted["conflicts"],
            "batches": sum(sharer.batches for sharer in self.sharers),
            "unanswered": sum(sharer.client.unanswered for sharer in self.sharers),
            "looks at the tables": self.tables.looks,
            **self._torn_reads(),
        }

    def _stored_otherwise(self) -> int:
        """Records whose permissions in the database are not those of the last acknowledged answer."""
        wrong = [
            record_id
            for record_id in {*self.histories, *self.found}
            if not self.histories.get(record_id, History()).ends_as(self.found.get(record_id))
        ]
        self.details += [f"stored otherwise: {record_id} {self.found.get(record_id)}" for record_id in wrong]
        return len(wrong)

    def _looks(self) -> dict[str, int]:
        """Answers to reading, and refusals, that no moment of the request explains."""
        wrong: Counter[str] = Counter()
        for record_id, looks in self.notebook.looks.items():
            history = self.histories.get(record_id, History())
            for look in looks:
                if history.is_explained(look) is False:
                    wrong["reads" if look.stamp else "refusals"] += 1
                    self.details.append(f"unexplained: {record_id} {look}")
        for look, known in self.notebook.refused_lists:
            # Who is refused the list has, at that moment, a part in no record.
            wrong["refusals"] += any(
                history.is_explained(replace(look, since=known.get(record_id, 0))) is False
                for record_id, history in self.histories.items()
            )
        return {"unexplained reads": wrong["reads"], "unexplained refusals": wrong["refusals"]}

    def _torn_reads(self) -> dict[str, int]:
        """Reads whose permissions are not those of the record's own moment: the record is newer."""
        reads = [
            (self.histories[record_id].state_at(look.stamp), look)
            for record_id, looks in self.notebook.looks.items()
            for look in looks
            if look.claim == "read" and record_id in self.histories
        ]
        torn = sum(state != look.permissions for state, look in reads)
        late = sum(not may(look.user, "read", state) for state, look in reads)
        return {"reads": len(reads), "reads in two moments": torn, "of these after a taking away": late}

    def _otherwise_over_http(self) -> int:
        """Answers to each user about each record, now that all is quiet, that are not as stored."""
        wrong = 0
        for sharer in self.sharers[: len(USERS)]:
            readable = {
                each for each, permissions in self.found.items() if may(sharer.user, "read", permissions)
            }
            listed = sharer.client.send("GET", COLLECTION)
            ids = {record["id"] for record in listed.record} if listed.status == 200 else set()
            wrong += len(ids ^ readable)
            for record_id in {*self.histories, *self.found}:
                answer = sharer.client.send("GET", f"{COLLECTION}/{record_id}")
                if record_id in readable:
                    wrong += permissions_of(answer.json.get("permissions", {})) != self.found[record_id]
                else:
                    wrong += answer.status != 403
        return wrong


def _listed(notebook: Notebook) -> list[str]:
    return [f"{name}: {count}" for name, count in sorted((notebook.counted | notebook.surprises).items())]
