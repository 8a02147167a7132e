"""Heartbeats: a probe of a backend that never raises, shared by the three kinds of backends."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from cliquet_like.drivers.database import Database
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.transactions import joining_nothing
from cliquet_like.logs import logger

Ping = Callable[[Any], bool]
Proof = tuple[FixedStatement, Mapping[str, Any]]
"""A statement with a row for what it has written, and values whose names no other kind of backend uses.

They are good for as long as the backend is used.
"""


class Provable(ABC):
    """Ability of a backend: a statement, which may be a part of another, proves that it can write."""

    database: Database

    @abstractmethod
    def heartbeat_proof(self) -> Proof:
        """What writes something that nobody sees, each time that it is carried out, or has no row."""


class BackendPing:
    """A probe, called with the request, as ``ping(request) -> bool``.

    It is True when the probe returned, False when it raised, which is logged. It begins no
    transaction on its database: a failure would be that of the others, too, which share it.
    """

    def __init__(self, probe: Callable[[Any], None], *, name: str, backend: object = None) -> None:
        """``backend`` is what the probe asks; None where there is no other way than that."""
        self._probe = probe
        self._name = name
        self.provable = backend if isinstance(backend, Provable) and _is_ours(backend) else None
        """The backend, where it is enough to carry out its proof, if it may be written to."""

    def __call__(self, request: Any) -> bool:
        """Ask now, in this thread."""
        try:
            with joining_nothing():
                self._probe(request)
        except Exception:  # noqa: BLE001 - a third-party backend may leak anything; a heartbeat never raises
            logger.exception("heartbeat failed", backend=self._name)
            return False
        return True


def _is_ours(backend: object) -> bool:
    """Whether nobody else wrote it, or a subclass of it, which may have more to prove."""
    return type(backend).__module__.partition(".")[0] == __name__.partition(".")[0]
