"""What a storage raises: nothing there, a rule broken, somebody was faster, or the server failed."""

from typing import Any

from cliquet_like.drivers.errors import BackendError

__all__ = [
    "BackendError",
    "IntegrityError",
    "ModifiedMeanwhileError",
    "RecordNotFoundError",
    "UnicityError",
]


class RecordNotFoundError(Exception):
    """No record with that id lives in the collection (a tombstone does not count)."""


class IntegrityError(Exception):
    """A write would break a rule of the collection; nothing was written."""


class UnicityError(IntegrityError):
    """A unique field has this value already; ``field`` is its name, ``record`` the one that has it."""

    def __init__(self, field: str, record: dict[str, Any]) -> None:
        """Keep the field and the existing record."""
        self.field = field
        self.record = record
        super().__init__(f"{field} is not unique")


class ModifiedMeanwhileError(Exception):
    """A write's ``expected`` does not hold (any more); nothing was written."""
