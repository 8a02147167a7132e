"""Heartbeats: a probe of a backend that never raises, shared by the three kinds of backends."""

from collections.abc import Callable
from typing import Any

from cliquet_like.drivers.transactions import joining_nothing
from cliquet_like.logs import logger

Ping = Callable[[Any], bool]


def heartbeat_of(probe: Callable[[Any], None], *, name: str) -> Ping:
    """Turn a probe, called with the request, into ``ping(request) -> bool``.

    The ping is True when the probe returned, False when it raised, which is logged. It begins no
    transaction on its database: a failure would be that of the others, too, which share it.
    """

    def ping(request: Any) -> bool:
        try:
            with joining_nothing():
                probe(request)
        except Exception:  # noqa: BLE001 - a third-party backend may leak anything; a heartbeat never raises
            logger.exception("heartbeat failed", backend=name)
            return False
        return True

    return ping
