"""Statements that a PostgreSQL connection has prepared: parsed and planned once, not each time."""

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from psycopg2 import errors

from cliquet_like.drivers.fixed import FixedStatement

MOST_PREPARED: Final = 64
"""Statements that a connection prepares; others are sent as they are."""

RUNS_OF_A_PLAN: Final = 500
"""Messages after which all is prepared anew: the plan for a small table, which may grow, walks through it."""

_VALUE: Final = re.compile(r"%\((\w+)\)s")

OF_ANOTHER_SERVER: Final = (errors.InvalidSqlStatementName, errors.DuplicatePreparedStatement)
"""What is raised where a connection leads to another server process each time, or somebody forgot for us."""
# It says that the columns of a result have changed: a prepared statement keeps those that it had.
LOST: Final = (*OF_ANOTHER_SERVER, errors.FeatureNotSupported)
"""What is raised because a statement was prepared, and not because of what it does."""


class _Prepared(NamedTuple):
    making: tuple[str, ...]
    running: str


class PreparedStatements:
    """What one connection has prepared.

    A statement is prepared in the message that runs it for the first time, so that no round trip is
    added.
    """

    def __init__(self) -> None:
        self._made: set[str] = set()
        self._running: dict[FixedStatement, str] = {}
        self._in_doubt = False
        self._runs = 0

    def takes(self, statement: FixedStatement) -> bool:
        """Whether it is prepared, or there is room for it."""
        return (
            statement in self._running
            or len(self._made) < MOST_PREPARED
            or self._made.issuperset(_prepared(statement.parts).making)
        )

    def message(self, statement: FixedStatement) -> str:
        """Text that runs a statement, with the same values, and prepares what is missing before.

        It is to be sent at once, and is followed by :meth:`succeeded` when that was carried out.
        """
        self._runs += 1
        if self._runs > RUNS_OF_A_PLAN:
            self.forget()
        if (running := self._running.get(statement)) is not None:
            return running
        prepared = _prepared(statement.parts)
        if self._made.issuperset(prepared.making):
            return prepared.running
        before = []
        if self._in_doubt:
            before.append("DEALLOCATE ALL")
            self._made.clear()
            self._running.clear()
        self._in_doubt = True
        missing = [making for making in dict.fromkeys(prepared.making) if making not in self._made]
        return "; ".join([*before, *missing, prepared.running])

    def succeeded(self, statement: FixedStatement) -> None:
        """Keep in mind that a message was carried out."""
        if statement in self._running:
            return
        making, running = _prepared(statement.parts)
        self._running[statement] = running
        if not self._made.issuperset(making):
            self._made.update(making)
            self._in_doubt = False

    def forget(self) -> None:
        """Prepare everything anew."""
        self._made.clear()
        self._running.clear()
        self._in_doubt = True
        self._runs = 0


def prepared_texts(part: str) -> tuple[str, str]:
    """PREPARE of a single statement, and EXECUTE for the same values: with a name that the text decides."""
    values = list(dict.fromkeys(_VALUE.findall(part)))
    text = part
    for number, value in enumerate(values, 1):
        text = text.replace(f"%({value})s", f"${number}")
    name = f"cliquet_like_{sha256(text.encode()).hexdigest()[:16]}"
    given = ", ".join(f"%({value})s" for value in values)
    return f"PREPARE {name} AS {text}", f"EXECUTE {name}({given})" if given else f"EXECUTE {name}"


@lru_cache(maxsize=256)
def _prepared(parts: Sequence[str]) -> _Prepared:
    making, running = zip(*map(prepared_texts, parts), strict=True)
    return _Prepared(making, "; ".join(running))
