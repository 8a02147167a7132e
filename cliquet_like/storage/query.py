"""The vocabulary of storage queries: filters, sorting, page, and the names of the three own fields."""

import enum
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

DEFAULT_ID_FIELD: Final = "id"
DEFAULT_MODIFIED_FIELD: Final = "last_modified"
DEFAULT_DELETED_FIELD: Final = "deleted"

Record = dict[str, Any]
"""A record or a tombstone, with its id and its timestamp in ms."""


class COMPARISON(enum.Enum):
    """How a field is compared with a filter's value; what each means is written in ``matching``."""

    LT = "<"
    MIN = ">="
    MAX = "<="
    NOT = "!="
    EQ = "=="
    GT = ">"
    IN = "in"
    EXCLUDE = "exclude"


class Filter(NamedTuple):
    """A condition on a record: ``field`` (dots go inside of objects), ``value``, ``operator``."""

    field: str
    value: Any
    operator: COMPARISON


class Sort(NamedTuple):
    """A sort key: ``field`` (dots go inside of objects), ``direction`` 1 ascending, -1 descending."""

    field: str
    direction: int


Rules = Sequence[Sequence[Filter]]
"""Where a page begins: at least one of these groups of conditions holds wholly (OR of ANDs)."""


class Page(NamedTuple):
    """One page of a collection, with what was true of the collection at that very moment.

    ``newest`` is the timestamp of the newest record of a part of it, where one was asked for.
    """

    records: list[Record]
    total: int
    timestamp: int
    newest: int | None = None


class Missing(enum.Enum):
    """The type of :data:`MISSING`."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
"""Value of a field that a record does not have, in page rules: it sorts before everything."""


class Absent(enum.Enum):
    """The type of :data:`ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""As ``expected`` of a write: no record with this id may live (a tombstone does not count)."""

Expected = int | Absent | None
"""What a write expects to find: a timestamp in ms, :data:`ABSENT`, or None for anything."""
