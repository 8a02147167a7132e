"""Heartbeats that need not be asked: one statement proves all backends of a database to be well."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import compress
from operator import is_
from typing import Any, NamedTuple

from pyramid.settings import asbool

from cliquet_like.drivers.database import Database
from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.guard import BackendPing, Proof
from cliquet_like.kernel.watchdog import Step, Watchdog

Heartbeats = Mapping[str, Callable[[Any], Any]]


class JointProof(NamedTuple):
    """One statement for several backends of a database."""

    database: Database
    names: Sequence[str]
    statement: FixedStatement
    """Its row says of each whether it has written."""
    values: Mapping[str, Any]


class Proofs:
    """What proves some heartbeats; nothing proves one of an application's own."""

    def __init__(self, heartbeats: Heartbeats) -> None:
        self._all_names = [*heartbeats]
        self._pings = [*heartbeats.values()]
        self.joint = [joined(database, own) for database, own in _by_database(heartbeats).items()]
        self.names = frozenset(name for proof in self.joint for name in proof.names)
        """Heartbeats that may be proven."""

    def are_of(self, heartbeats: Heartbeats) -> bool:
        """Whether they were made for these very heartbeats, of the same names."""
        return self._all_names == [*heartbeats] and all(map(is_, self._pings, heartbeats.values()))


class Proving:
    """It works in the thread of the request: to wake another one takes as long as all the rest."""

    def __init__(self) -> None:
        self._watchdog = Watchdog("heartbeat watchdog")
        self._nothing = self._proofs = Proofs({})

    def proofs_of(self, heartbeats: Heartbeats, request: Any) -> Proofs:
        """What proves heartbeats, as before where they are the same; nothing proves one that only reads."""
        proofs = self._proofs
        if not proofs.are_of(heartbeats):
            proofs = self._proofs = Proofs(heartbeats)
        if proofs.joint and asbool(request.registry.settings.get("readonly")):
            return self._nothing
        return proofs

    def proven(
        self,
        proofs: Iterable[JointProof],
        *,
        deadline_s: float,
        patience_s: float,
        impatient: Callable[[], object],
    ) -> set[str]:
        """Names of the backends that are well, of which some may be missing.

        It goes on until the deadline, of ``time.monotonic``. When it takes longer than ``patience_s``
        another thread calls ``impatient``, as a step of the watchdog: for each database
        that is being waited for then, or later.
        """
        names: set[str] = set()
        first = (min(time.monotonic() + patience_s, deadline_s), impatient)
        for proof in proofs:
            names.update(compress(proof.names, self._written(proof, first, deadline_s)))
        return names

    def _written(self, proof: JointProof, first: Step, deadline_s: float) -> Sequence[bool]:
        """Whether each has written; empty when it is not known."""
        if time.monotonic() >= deadline_s:
            return ()
        with proof.database.hold() as hold:
            if hold is None:
                return ()
            with self._watchdog.at(first, (deadline_s, hold.interrupt)) as is_watched:
                try:
                    return hold.write(proof.statement, proof.values)[0] if is_watched else ()
                except BackendError:
                    # Which of them failed is not known, nor logged: each is asked.
                    return ()


def joined(database: Database, proofs: Mapping[str, Proof]) -> JointProof:
    """Proofs of backends of one database, by name, as one."""
    values: dict[str, Any] = {}
    for _, own in proofs.values():
        values.update(own)
    statement = _in_one(*(statement for statement, _ in proofs.values()))
    return JointProof(database, [*proofs], statement, values)


def _by_database(heartbeats: Heartbeats) -> dict[Database, dict[str, Proof]]:
    found: dict[Database, dict[str, Proof]] = {}
    for name, ping in heartbeats.items():
        if type(ping) is BackendPing and (backend := ping.provable) is not None:
            # What cannot be written at all, such as a prefix with U+0000, is to be asked, and then says so.
            with suppress(ValueError):
                found.setdefault(backend.database, {})[name] = backend.heartbeat_proof()
    return found


@lru_cache(maxsize=32)
def _in_one(*statements: FixedStatement) -> FixedStatement:
    parts = ", ".join(f"proof_{number} AS ({statement})" for number, statement in enumerate(statements))
    answers = ", ".join(f"EXISTS (SELECT FROM proof_{number})" for number in range(len(statements)))
    return FixedStatement(f"WITH {parts} SELECT {answers}")
