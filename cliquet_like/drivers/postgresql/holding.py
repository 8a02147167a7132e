"""A write to a PostgreSQL server that another thread can interrupt."""

import os
import socket
from contextlib import AbstractContextManager, suppress
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

_NO_FILE: Final = -1


class ConnectionHold(Hold):
    """Context in which a connection is held; None stands for one that cannot be had at once.

    It shuts the socket, so that libpq fails at once: the server may be one that does not answer.
    """

    _taken: Any = None
    _descriptor = _NO_FILE

    def __init__(self, connections: "Connections") -> None:
        self._connections = connections

    def __enter__(self) -> "ConnectionHold | None":
        self._taken = self._connections.take_idle()
        if self._taken is None:
            return None
        try:
            # A number of its own: the connection's may be that of another file as soon as it is closed.
            self._descriptor = os.dup(self._taken.dbapi_connection.fileno())
        except OSError:
            # This process may open no more files.
            return None
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor != _NO_FILE:
            os.close(self._descriptor)
        if self._taken is not None:
            self._connections.give_back(self._taken)

    def write(self, statement: str, values: Any) -> Rows:
        """Rows of a statement, which waits 15 milliseconds for a lock at most."""
        return self._connections.send(self._taken, statement, values, (_WITHOUT_WAITING,))[0]

    def interrupt(self) -> None:
        """Break the connection; not after the end of the context."""
        self._taken.dbapi_connection.generation = _OF_NONE
        with suppress(OSError), socket.socket(fileno=os.dup(self._descriptor)) as same:
            same.shutdown(socket.SHUT_RDWR)


def holding(connections: "Connections") -> AbstractContextManager[Hold | None]:
    """Take a connection that is idle and let it be held; see ``Database.hold``."""
    return ConnectionHold(connections)
