"""Heartbeats that need not be asked: one statement proves all backends of a database to be well."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from pyramid.settings import asbool

from cliquet_like.drivers.database import Database
from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.guard import BackendPing, Proof
from cliquet_like.kernel.watchdog import Watchdog

Proofs = dict[str, Proof]


class Proving:
    """It works in the thread of the request: to wake another one takes as long as all the rest."""

    def __init__(self) -> None:
        self._watchdog = Watchdog("heartbeat watchdog")

    def proven(
        self,
        proofs: Mapping[Database, Proofs],
        *,
        deadline_s: float,
        patience_s: float,
        impatient: Callable[[], object],
    ) -> set[str]:
        """Names of the backends that are well, of which some may be missing.

        It goes on until the deadline, of ``time.monotonic``. When it takes longer than ``patience_s``
        another thread calls ``impatient``, as an ``interrupt`` of the watchdog.
        """
        names: set[str] = set()
        if not proofs:
            return names
        with self._watchdog.after(patience_s, impatient):
            for database, own in proofs.items():
                counts = self._written(database, own.values(), deadline_s)
                names.update(name for name, count in zip(own, counts, strict=False) if count)
        return names

    def _written(self, database: Database, proofs: Collection[Proof], deadline_s: float) -> Sequence[int]:
        """How many rows each has written; empty when it is not known."""
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            return ()
        with database.hold() as hold:
            if hold is None:
                return ()
            with self._watchdog.after(left_s, hold.interrupt) as is_watched:
                try:
                    return hold.write(*_together(proofs))[0] if is_watched else ()
                except BackendError:
                    # Which of them failed is not known, nor logged: each is asked.
                    return ()


def proofs_of(heartbeats: Mapping[str, Callable[[Any], Any]], request: Any) -> dict[Database, Proofs]:
    """What proves heartbeats, by database; nothing proves one of an application's own, or that only reads."""
    backends = {
        name: ping.provable
        for name, ping in heartbeats.items()
        if type(ping) is BackendPing and ping.provable is not None
    }
    found: dict[Database, Proofs] = {}
    if not backends or asbool(request.registry.settings.get("readonly")):
        return found
    for name, backend in backends.items():
        # What cannot be written at all, such as a prefix with U+0000, is to be asked, and then says so.
        with suppress(ValueError):
            found.setdefault(backend.database, {})[name] = backend.heartbeat_proof()
    return found


def _together(proofs: Collection[Proof]) -> tuple[FixedStatement, dict[str, Any]]:
    values: dict[str, Any] = {}
    for _, own in proofs:
        values.update(own)
    return _joined(*(statement for statement, _ in proofs)), values


@lru_cache(maxsize=32)
def _joined(*statements: FixedStatement) -> FixedStatement:
    """Statement of one row: how many rows each has written."""
    parts = ", ".join(f"proof_{number} AS ({statement})" for number, statement in enumerate(statements))
    counts = ", ".join(f"(SELECT count(*) FROM proof_{number})" for number in range(len(statements)))
    return FixedStatement(f"WITH {parts} SELECT {counts}")
