"""One transaction of PostgreSQL, in which only COMMIT costs a round trip of its own."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.transactions import Rows, Session

if TYPE_CHECKING:
    from cliquet_like.drivers.postgresql.connections import Connections, Taken


class PostgreSQLSession(Session):
    """It takes a connection at its first statement; BEGIN and SAVEPOINT travel with the statement after them.

    When a statement has failed, all that can be done is to roll back.
    """

    def __init__(self, connections: "Connections") -> None:
        super().__init__()
        self._connections = connections
        self._taken: Taken | None = None
        self._preface = ["BEGIN"]
        self._held_at_savepoint: list[int] = []

    def run(self, statement: str, values: Any = ()) -> Rows:
        """Rows of a statement."""
        return self._send(statement, values)[0]

    def savepoint(self) -> int:
        """Number of a new savepoint."""
        self._refuse_ended()
        self._held_at_savepoint.append(len(self.held))
        number = len(self._held_at_savepoint)
        self._preface.append(_savepoint(number))
        return number

    def rollback_to(self, savepoint: int) -> None:
        """Undo what was run after the savepoint."""
        self._refuse_ended()
        del self.held[self._held_at_savepoint[savepoint - 1] :]
        name = _savepoint(savepoint)
        if name in self._preface:
            del self._preface[self._preface.index(name) + 1 :]
        else:
            self._preface.clear()
            self._send(f"ROLLBACK TO {name}")

    def commit(self) -> None:
        """Make all of it lasting, and end; sends nothing when nothing was run."""
        self._refuse_ended()
        try:
            if self._taken is not None and not self._connections.is_idle(self._taken):
                self._preface.clear()
                _, tag = self._send("COMMIT")
                if tag != "COMMIT":
                    raise BackendError(message="A statement had failed, so the transaction was undone.")
        finally:
            self.rollback()

    def rollback(self) -> None:
        """Undo all of it, and end."""
        self.ended = True
        taken, self._taken = self._taken, None
        if taken is None:
            return
        try:
            if not self._connections.is_idle(taken):
                with suppress(BackendError):
                    self._connections.send(taken, "ROLLBACK")
        finally:
            self._connections.give_back(taken)

    def _send(self, statement: str, values: Any = ()) -> tuple[Rows, str]:
        self._refuse_ended()
        if self._taken is None:
            self._taken = self._connections.take()
        if self._preface and self._connections.has_failed(self._taken):
            # What is pending would be thought done.
            raise BackendError(message="A statement had failed: nothing runs before a roll-back.")
        try:
            answer = self._connections.send(self._taken, "; ".join([*self._preface, statement]), values)
        except BackendError:
            # It failed there, after what stood before it. Otherwise nothing was done at all.
            if self._connections.has_failed(self._taken):
                self._preface.clear()
            raise
        self._preface.clear()
        return answer

    def _refuse_ended(self) -> None:
        if self.ended:
            raise BackendError(message="The transaction has ended.")


def _savepoint(number: int) -> str:
    return f"SAVEPOINT s{number}"
