"""Client of a PostgreSQL database (https://www.postgresql.org), through psycopg2."""

import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from cliquet_like.drivers.database import Hold, shared_client
from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.optional import import_driver
from cliquet_like.drivers.postgresql.holding import holding
from cliquet_like.drivers.postgresql.schema import SchemaChanges
from cliquet_like.drivers.postgresql.session import PostgreSQLSession
from cliquet_like.drivers.postgresql.settings import DEFAULT_POOL, PoolSettings, read_pool_settings
from cliquet_like.drivers.postgresql.url import EXTRA, parse_url
from cliquet_like.drivers.transactions import Rows


class PostgreSQL(SchemaChanges):
    """A database behind a pool of connections in autocommit mode; no statement costs a second round trip.

    Values are bound by position (``%s``) or name (``%(name)s``), so that a ``%`` is written ``%%``
    in every statement. A text may hold several statements, with ``;`` between them: they happen
    as a whole, and the rows are those of the last one.

    A connection that was closed while it stood in the pool is replaced before it is used. A read
    whose connection broke is sent once more, a write never: it may have taken place.
    """

    def __init__(self, url: str, pool: PoolSettings = DEFAULT_POOL, *, kind: str = "storage") -> None:
        """Prepare the pool. Raises ``ConfigurationError``, which names the setting of this ``kind``."""
        parameters = parse_url(url, kind=kind)
        for driver in ("psycopg2", "sqlalchemy"):
            import_driver(driver, extra=EXTRA, setting=f"{kind}_backend")
        # These import the drivers themselves.
        from cliquet_like.drivers.postgresql.connections import Connections
        from cliquet_like.drivers.postgresql.pool import UNPOOLED

        self._connections = Connections(parameters, pool, kind=kind)
        # What stands by refers to itself, by way of SQLAlchemy: nobody else would find it.
        weakref.finalize(self, self._connections.close).atexit = False
        self._unpooled = Connections(parameters, UNPOOLED, kind=kind)

    @property
    def on_statement(self) -> Callable[[str], None] | None:
        """Called with each text before it is sent, BEGIN and COMMIT included; None for nobody."""
        return self._connections.on_statement

    @on_statement.setter
    def on_statement(self, called: Callable[[str], None] | None) -> None:
        self._connections.on_statement = self._unpooled.on_statement = called

    def close(self) -> None:
        """Close the idle connections now, and those in use when they are given back."""
        self._connections.close()

    def hold(self) -> AbstractContextManager[Hold | None]:
        """An idle connection, and no waiting for locks; None where no connection is idle."""
        return holding(self._connections)

    def _read(self, statement: str, values: Any) -> Rows:
        taken = self._connections.take()
        try:
            return self._connections.send(taken, statement, values)[0]
        except BackendError:
            if not self._connections.was_lost(taken):
                raise
        finally:
            self._connections.give_back(taken)
        return self._write(statement, values)

    def _write(self, statement: str, values: Any) -> Rows:
        taken = self._connections.take()
        try:
            return self._connections.send(taken, statement, values)[0]
        finally:
            self._connections.give_back(taken)

    def _begin(self) -> PostgreSQLSession:
        return PostgreSQLSession(self._connections)


def client_from_config(config: Any, kind: str) -> PostgreSQL:
    """Client for ``<kind>_url`` and the settings of its pool; backends that agree in all of them share it.

    Raises ``ConfigurationError``, which names the setting.
    """
    settings = config.get_settings()
    url, pool = settings.get(f"{kind}_url") or "", read_pool_settings(settings, kind)
    return shared_client(config, ("postgresql", url, pool), lambda: PostgreSQL(url, pool, kind=kind))
