"""A database that keeps lines of text in a list, and fails when a test says so."""

from typing import Any

from cliquet_like.drivers.database import Database
from cliquet_like.drivers.transactions import Rows, Session


class Ledger(Database):
    """Its one writing statement adds a line, its one reading statement lists what is lasting."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.sessions: list[LedgerSession] = []
        self._failures: dict[str, list[Exception]] = {}

    def fail(self, step: str, *errors: Exception) -> None:
        """Raise these, one each time, at the next calls of a session's method."""
        self._failures[step] = list(errors)

    def add(self, line: str) -> None:
        self.write("add", (line,))

    def listed(self) -> list[str]:
        return [line for (line,) in self.read("list")]

    @property
    def open_sessions(self) -> int:
        return len([session for session in self.sessions if not session.ended])

    def close(self) -> None:
        """Nothing to close."""

    def reach(self, step: str) -> None:
        errors = self._failures.get(step)
        if errors:
            raise errors.pop(0)

    def _read(self, statement: str, values: Any) -> Rows:
        return [(line,) for line in self.lines]

    def _write(self, statement: str, values: Any) -> Rows:
        self.reach("run")
        self.lines.extend(values)
        return []

    def _begin(self) -> "LedgerSession":
        session = LedgerSession(self)
        self.sessions.append(session)
        return session


class LedgerSession(Session):
    """A savepoint is the number of lines at its time."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        super().__init__()
        self._ledger = ledger
        self._added: list[str] = []

    def run(self, statement: str, values: Any = ()) -> Rows:
        if statement == "list":
            return [(line,) for line in (*self._ledger.lines, *self._added)]
        self._ledger.reach("run")
        self._added.extend(values)
        return []

    def savepoint(self) -> int:
        self._ledger.reach("savepoint")
        return len(self._added)

    def rollback_to(self, savepoint: int) -> None:
        self._ledger.reach("rollback_to")
        del self._added[savepoint:]

    def commit(self) -> None:
        self.ended = True
        self._ledger.reach("commit")
        self._ledger.lines.extend(self._added)

    def rollback(self) -> None:
        self.ended = True
