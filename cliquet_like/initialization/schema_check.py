"""Start-up: whether the tables of the backends are those that the code expects."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from pyramid.events import ApplicationCreated

from cliquet_like.drivers.errors import MIGRATE_COMMAND, BackendError
from cliquet_like.drivers.migrations import Migrated, NewerSchema, pending
from cliquet_like.logs import logger

KINDS: Final = ("storage", "cache", "permission")
"""Names of the backends in the registry."""

_checks: Final[ContextVar[bool]] = ContextVar("schema_checks", default=True)


def setup_schema_check(config: Any) -> None:
    """Check the tables when the application is made; what is wrong is logged, and start-up goes on."""
    config.add_subscriber(_check, ApplicationCreated)


@contextmanager
def without_schema_check() -> Iterator[None]:
    """Context in which applications are made without the check: by who brings the tables up to date."""
    token = _checks.set(False)
    try:
        yield
    finally:
        _checks.reset(token)


def _check(event: Any) -> None:
    if not _checks.get():
        return
    for kind in KINDS:
        backend = getattr(event.app.registry, kind, None)
        if isinstance(backend, Migrated):
            _check_backend(kind, backend)


def _check_backend(kind: str, backend: Migrated) -> None:
    """Log what is wrong; leave no connection open, for a server that forks once the application is made."""
    try:
        missing = pending(backend.database, backend.migrations)
    except NewerSchema as error:
        logger.warning(str(error))
    except BackendError as error:
        logger.warning(f"The tables of {kind} could not be checked, the server does not answer: {error}")
    else:
        if missing:
            names = ", ".join(migration.name for migration in missing)
            logger.error(f"The tables of {kind} are missing or too old ({names}): run `{MIGRATE_COMMAND}`.")
    finally:
        backend.database.close()
