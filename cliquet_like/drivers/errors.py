"""The shapes in which a driver's failure leaves a backend, and what operators are told to do."""

from typing import Final

from transaction.interfaces import TransientError

MIGRATE_COMMAND: Final = "cliquet-like migrate --ini YOUR.ini"
RUN_MIGRATE: Final = f"the tables are missing, run `{MIGRATE_COMMAND}`"
TABLE_OF_ANOTHER: Final = (
    "if another application has a table of that name, give this one a database or schema of its own"
)


class BackendError(Exception):
    """The server behind a backend failed or cannot be reached; the same call may succeed later.

    Its text is ``message``, or the class and text of ``original``, the driver's own exception.
    The message is ours, and can be shown to operators; the driver's text may quote users' values.
    """

    def __init__(self, original: BaseException | None = None, message: str | None = None) -> None:
        """Keep the driver's exception and our message, None where there is none."""
        self.original = original
        self.message = message
        if message is None and original is not None:
            message = f"{original.__class__.__name__}: {original}"
        super().__init__(message or "")


class TransientBackendError(BackendError, TransientError):
    """The transaction was in the way of another one, and would succeed if done again at once.

    A deadlock or a serialization failure: the request is tried again before anybody hears of it.
    """


class ReadOnlyBackendError(BackendError):
    """The database may only be read: a copy of another one, or one that is being maintained."""
