"""One transaction of PostgreSQL, in which only COMMIT costs a round trip of its own."""

from collections.abc import Hashable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cliquet_like.drivers.deferring import Deferred, failure_of
from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.transactions import Rows, Session

if TYPE_CHECKING:
    from cliquet_like.drivers.postgresql.connections import Connections, Taken


class PostgreSQLSession(Session):
    """It takes a connection at its first statement; BEGIN and SAVEPOINT travel with the statement after them.

    So does RELEASE of a savepoint that nobody needs: each one that stays makes later statements slower.
    A deferred write waits until something else is run, or for the commit.

    When a statement has failed, all that can be done is to roll back; not even to a savepoint when it
    was a deferred write, whose result was used.
    """

    def __init__(self, connections: "Connections") -> None:
        super().__init__()
        self._connections = connections
        self._taken: Taken | None = None
        self._begun = False
        self.clocks: dict[Hashable, int] = {}
        """Timestamps of what it holds that are at least as new as those in the database."""
        self._held_at_savepoint: list[int] = []
        # Numbers of savepoints: to be sent (among deferred writes), there, and no longer needed.
        self._pending: list[int | Deferred] = []
        self._sent: list[int] = []
        self._released: set[int] = set()
        self._waiting_kind: Hashable = None
        self._failure: BackendError | None = None

    def run(self, statement: str, values: Any = ()) -> Rows:
        """Rows of a statement."""
        self._refuse_failed()
        self._send_deferred()
        preface, sent = self._before_next()
        rows, _ = self._send(statement, values, preface, sent)
        return rows

    def defer(self, write: Deferred) -> None:
        """Send a write later, with the deferred ones of its kind that come right before it and after it."""
        self._refuse_failed()
        if self._waiting_kind not in (None, write.kind):
            self._send_deferred()
        self._waiting_kind = write.kind
        self._pending.append(write)

    def savepoint(self) -> int:
        """Number of a new savepoint."""
        self._refuse_ended()
        self._held_at_savepoint.append(len(self.held))
        number = len(self._held_at_savepoint)
        self._pending.append(number)
        return number

    def release(self, savepoint: int) -> None:
        """Let a savepoint go; see the base."""
        self._released.add(savepoint)

    def rollback_to(self, savepoint: int) -> None:
        """Undo what was run after the savepoint."""
        self._refuse_ended()
        del self.held[self._held_at_savepoint[savepoint - 1] :]
        if savepoint in self._pending:
            del self._pending[self._pending.index(savepoint) + 1 :]
            return
        self._pending.clear()
        remaining = self._sent[: self._sent.index(savepoint) + 1]
        self._send(f"ROLLBACK TO {_savepoint(savepoint)}", sent=remaining)

    def commit(self) -> None:
        """Make all of it lasting, and end; sends nothing when nothing was run."""
        self._refuse_ended()
        try:
            self._send_deferred()
            if self._taken is not None and not self._connections.is_idle(self._taken):
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

    def _before_next(self) -> tuple[list[str], list[int]]:
        """What is sent before the next statement, and the savepoints that are there afterwards."""
        preface = [] if self._begun else ["BEGIN"]
        kept = len(self._sent)
        while kept and self._sent[kept - 1] in self._released:
            kept -= 1
        if kept < len(self._sent):
            # Those that were made after it go with it.
            preface.append(f"RELEASE {_savepoint(self._sent[kept])}")
        savepoints = (each for each in self._pending if isinstance(each, int))
        wanted = [number for number in savepoints if number not in self._released]
        return [*preface, *map(_savepoint, wanted)], [*self._sent[:kept], *wanted]

    def _send_deferred(self) -> None:
        """Send the writes that wait: one statement, but for a savepoint between them that is needed."""
        if self._waiting_kind is None:
            return
        self._waiting_kind = None
        waiting, self._pending = self._pending, []
        writes: list[Deferred] = []
        for each in waiting:
            if isinstance(each, Deferred):
                writes.append(each)
            elif each not in self._released:
                self._send_together(writes)
                writes = []
                self._pending.append(each)
        self._send_together(writes)

    def _send_together(self, writes: Sequence[Deferred]) -> None:
        if not writes:
            return
        try:
            statement, values = writes[0].together(writes[0].kind, [write.row for write in writes])
            rows, _ = self._send(statement, values, *self._before_next())
        except BackendError as error:
            raise self._failed(writes[0], error) from error
        except BaseException:
            # Somebody may take it for a failure of his own, and go on.
            self._failed(writes[0])
            raise
        if not rows:
            raise self._failed(writes[0])

    def _failed(self, write: Deferred, error: BackendError | None = None) -> BackendError:
        """Let nothing be run or committed any more: the result of the write was used."""
        self._failure = failure_of(write, error)
        return self._failure

    def _send(
        self, statement: str, values: Any = (), preface: Sequence[str] = (), sent: Sequence[int] = ()
    ) -> tuple[Rows, str]:
        self._refuse_ended()
        if self._taken is None:
            self._taken = self._connections.take()
        try:
            answer = self._connections.send(self._taken, statement, values, preface)
        except BackendError:
            # It failed there, after what stood before it. Otherwise nothing was done at all.
            if self._connections.has_failed(self._taken):
                self._arrived(sent)
            raise
        self._arrived(sent)
        return answer

    def _arrived(self, sent: Sequence[int]) -> None:
        self._begun = True
        self._pending.clear()
        self._sent = list(sent)

    def _refuse_ended(self) -> None:
        if self.ended:
            raise BackendError(message="The transaction has ended.")
        if self._failure is not None:
            raise self._failure

    def _refuse_failed(self) -> None:
        self._refuse_ended()
        if self._taken is not None and self._connections.has_failed(self._taken):
            # What is pending would be thought done.
            raise BackendError(message="A statement had failed: nothing runs before a roll-back.")


def _savepoint(number: int) -> str:
    return f"SAVEPOINT s{number}"
