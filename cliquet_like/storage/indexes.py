"""Declared indexes: what ``Options.indexed_fields`` asks for, and which storages can give it."""

import hashlib
import re
from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from cliquet_like.drivers.migrations import Migrated
from cliquet_like.storage.query import Sort

INDEX_PREFIX: Final = "cliquet_like_ix_"
"""Begins the name of every declared index; indexes with other names are nobody's business here."""

_NAME_LENGTH: Final = 63
"""Bytes in a name of PostgreSQL (NAMEDATALEN); it cuts the rest off."""

MOST_FIELDS: Final = 3
"""Fields in an index: PostgreSQL stores no record whose entry in one is longer than 2704 bytes.

The beginning of a text may have 512 bytes, and the ids of parent and record are in the entry too.
"""

# Part of every name, so that `migrate` replaces the indexes that it made of older expressions: raise
# it in each release that changes the columns or the condition of CREATE INDEX, in any storage.
_EXPRESSIONS: Final = "1"
_DIGEST_LENGTH: Final = 10
_FIELD: Final = re.compile(r"-?[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*")
_OUTSIDE_OF_NAMES: Final = re.compile(r"[^a-z0-9_]+")


class InvalidIndex(ValueError):
    """A declaration that cannot be understood; the text names the collection and the remedy."""


@dataclass(frozen=True, slots=True)
class DeclaredIndex:
    """An index of the records of one collection, over all parents.

    Fields are in their order, with dots inside of objects; a leading ``-`` is descending.
    """

    collection_id: str
    fields: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the index, the same for the same declaration and expressions: ASCII, 63 bytes at most.

        It ends in a digest: names that look alike (``a-b`` and ``a_b``, ``Title`` and ``title``) differ.
        """
        declared = "\0".join((_EXPRESSIONS, self.collection_id, *self.fields))
        digest = hashlib.sha256(declared.encode()).hexdigest()[:_DIGEST_LENGTH]
        words = _OUTSIDE_OF_NAMES.sub("_", "_".join((self.collection_id, *self.fields)).lower())
        left = _NAME_LENGTH - len(INDEX_PREFIX) - _DIGEST_LENGTH - 1
        return f"{INDEX_PREFIX}{words[:left]}_{digest}"

    @property
    def sorting(self) -> tuple[Sort, ...]:
        """The fields as sort keys."""
        return tuple(Sort(field.removeprefix("-"), -1 if field[0] == "-" else 1) for field in self.fields)

    def __str__(self) -> str:
        """For people: ``bookmark (status, -title)``."""
        return f"{self.collection_id} ({', '.join(self.fields)})"


def is_indexable(field: str) -> bool:
    """Whether an index can have a field of this name."""
    return _FIELD.fullmatch(field) is not None


def parse_indexed_fields(collection_id: str, declared: Any) -> list[DeclaredIndex]:
    """Indexes of a declaration such as ``('status', ('status', '-title'))``, each once, in its order.

    Empty when nothing is declared. Raises :class:`InvalidIndex` for anything else.
    """
    if isinstance(declared, str):
        raise InvalidIndex(
            f"indexed_fields of {collection_id}: {declared!r} is a text, write ({declared!r},) with a comma."
        )
    if not isinstance(declared, tuple | list):
        raise InvalidIndex(f"indexed_fields of {collection_id}: {declared!r} is no tuple of fields.")
    return list(dict.fromkeys(_parse_index(collection_id, entry) for entry in declared))


def _parse_index(collection_id: str, entry: Any) -> DeclaredIndex:
    fields = (entry,) if isinstance(entry, str) else entry
    if not isinstance(fields, tuple | list) or not fields:
        raise InvalidIndex(
            f"indexed_fields of {collection_id}: {entry!r} is no field and no tuple of fields."
        )
    if len(fields) > MOST_FIELDS:
        raise InvalidIndex(
            f"indexed_fields of {collection_id}: {entry!r} has {len(fields)} fields, "
            f"expected at most {MOST_FIELDS}: long texts in more would be too long for an index."
        )
    for field in fields:
        if not isinstance(field, str) or not is_indexable(field):
            raise InvalidIndex(
                f"indexed_fields of {collection_id}: {field!r} is no field that can be indexed, "
                "expected letters, digits, '_', '-' and dots, with one '-' in front for descending."
            )
    if len({field.removeprefix("-") for field in fields}) < len(fields):
        raise InvalidIndex(f"indexed_fields of {collection_id}: {entry!r} has a field twice.")
    return DeclaredIndex(collection_id, tuple(fields))


def plan(declared: Iterable[DeclaredIndex], existing: Iterable[str]) -> tuple[list[DeclaredIndex], list[str]]:
    """Indexes to make, in the order of their declaration, and names to drop, sorted."""
    wanted = {index.name: index for index in declared}
    there = set(existing)
    return [index for name, index in wanted.items() if name not in there], sorted(there - wanted.keys())


class IndexedStorage(Migrated):
    """Ability of a migrated storage: indexes on fields of the records, as the schemas declare them.

    Failures are ``BackendError``. An index that was left unfinished is no existing one.
    """

    @abstractmethod
    def existing_indexes(self) -> set[str]:
        """Names of the finished indexes that begin with :data:`INDEX_PREFIX`, once the tables are there."""

    def unfinished_indexes(self) -> set[str]:
        """Names of what interrupted calls of :meth:`create_index` left; none for those that leave nothing."""
        return set()

    @abstractmethod
    def create_index(self, index: DeclaredIndex) -> None:
        """Make an index, while others read and write; returns when it is usable.

        Called inside of ``database.building_indexes()``, for what is not among the existing indexes:
        what an interrupted call left under its name is replaced.
        """

    @abstractmethod
    def drop_index(self, name: str) -> None:
        """Drop an index; silent when there is none of that name."""

    def index_statement(self, index: DeclaredIndex) -> str:
        """Statement of :meth:`create_index`, for people to read: by default it only says what is indexed."""
        return f"CREATE INDEX {index.name} -- on {index}"

    def drop_statement(self, name: str) -> str:
        """Statement of :meth:`drop_index`."""
        return f"DROP INDEX IF EXISTS {name}"
