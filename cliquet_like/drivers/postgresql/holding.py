"""A write to a PostgreSQL server that another thread can interrupt."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from cliquet_like.drivers.database import Hold
from cliquet_like.drivers.transactions import Rows

if TYPE_CHECKING:
    from cliquet_like.drivers.postgresql.connections import Connections

# In the message of the statement, with which it ends. An interruption does not end the waiting for a
# lock: the server looks at its client no earlier than it answers.
_WITHOUT_WAITING: Final = "SET LOCAL lock_timeout = 15"

# It is closed when it is given back. The others are not: that we broke it says nothing of them.
_OF_NONE: Final = -1


class ConnectionHold(Hold):
    """It shuts the socket, so that libpq fails at once: the server may be one that does not answer."""

    def __init__(self, connections: "Connections", taken: Any) -> None:
        """Raise ``OSError`` when this process may open no more files."""
        self._connections = connections
        self._taken = taken
        self._connection: Any = taken.dbapi_connection
        # A number of its own: the connection's may be that of another file as soon as it is closed.
        self._descriptor = os.dup(self._connection.fileno())

    def write(self, statement: str, values: Any) -> Rows:
        """Rows of a statement, which waits 15 milliseconds for a lock at most."""
        return self._connections.send(self._taken, statement, values, (_WITHOUT_WAITING,))[0]

    def interrupt(self) -> None:
        """Break the connection; not after :meth:`close`."""
        self._connection.generation = _OF_NONE
        with suppress(OSError), socket.socket(fileno=os.dup(self._descriptor)) as same:
            same.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let the connection go."""
        os.close(self._descriptor)


@contextmanager
def holding(connections: "Connections") -> Iterator[ConnectionHold | None]:
    """Take a connection that is idle and let it be held; see ``Database.hold``."""
    if (taken := connections.take_idle()) is None:
        yield None
        return
    hold = None
    try:
        with suppress(OSError):
            hold = ConnectionHold(connections, taken)
        yield hold
    finally:
        if hold is not None:
            hold.close()
        connections.give_back(taken)
