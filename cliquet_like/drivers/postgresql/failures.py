"""What psycopg2 and the pool raise, and the shapes in which it leaves."""

from typing import Final

from psycopg2 import Error, errors
from sqlalchemy.exc import SQLAlchemyError

from cliquet_like.drivers.errors import BackendError, TransientBackendError

# A value that cannot be bound is ValueError (NUL, a lone surrogate) or TypeError.
FAILURES: Final = (Error, SQLAlchemyError, ValueError, TypeError)
_TRANSIENT: Final = (errors.DeadlockDetected, errors.SerializationFailure)
_TABLES_MISSING: Final = "the tables are missing, run `cliquet-like migrate --ini FILE`"


def backend_error(error: BaseException) -> BackendError:
    """Our error for one of ``FAILURES``.

    Of what the server says only the first part is taken: the rest quotes statements and values.
    """
    diagnostics = getattr(error, "diag", None)
    primary = diagnostics.message_primary if diagnostics is not None else None
    message = f"{error.__class__.__name__}: {primary}" if primary else None
    if isinstance(error, errors.UndefinedTable):
        message = f"{message}; {_TABLES_MISSING}"
    shape = TransientBackendError if isinstance(error, _TRANSIENT) else BackendError
    return shape(error, message=message)
