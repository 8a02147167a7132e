"""What psycopg2 and the pool raise, and the shapes in which it leaves."""

from typing import Final

from psycopg2 import Error, errors
from sqlalchemy.exc import SQLAlchemyError

from cliquet_like.drivers.errors import (
    RUN_MIGRATE,
    TABLE_OF_ANOTHER,
    BackendError,
    ReadOnlyBackendError,
    TransientBackendError,
)

# A value that cannot be bound is ValueError (NUL, a lone surrogate) or TypeError.
FAILURES: Final = (Error, SQLAlchemyError, ValueError, TypeError)
_SHAPES: Final = {
    (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable): TransientBackendError,
    (errors.ReadOnlySqlTransaction,): ReadOnlyBackendError,
}
# Classes of SQLSTATE (PostgreSQL, appendix A) in which the first part of what the server says is
# about itself: connections, read-only and other states, roll-backs, resources, operators, the
# system, names and privileges. Elsewhere it may quote a value.
_ABOUT_THE_SERVER: Final = ("08", "25", "28", "40", "53", "55", "57", "58", "42501", "42P01", "42P07")
_HINTS: Final = {errors.UndefinedTable: RUN_MIGRATE, errors.DuplicateTable: TABLE_OF_ANOTHER}


def backend_error(error: BaseException) -> BackendError:
    """Our error for one of ``FAILURES``, whose message quotes no value of a user."""
    shapes = (shape for kinds, shape in _SHAPES.items() if isinstance(error, kinds))
    return next(shapes, BackendError)(error, message=_message_of(error))


def _message_of(error: BaseException) -> str:
    name = type(error).__name__
    state = error.pgcode if isinstance(error, Error) else None
    if isinstance(error, ValueError | TypeError):
        return name
    if state is None:
        # No statement has failed, but a connection, or the pool.
        return f"{name}: {error}"
    if not state.startswith(_ABOUT_THE_SERVER):
        return name
    message = f"{name}: {error.diag.message_primary}"  # type: ignore[attr-defined]
    hint = _HINTS.get(type(error))
    return f"{message}; {hint}" if hint else message
