"""The fields of a record as SQL: one small class per kind of place where a value can be."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Final

from cliquet_like.kernel.codec import find_unstorable
from cliquet_like.storage.matching import rank
from cliquet_like.storage.query import COMPARISON, MISSING

FALSE: Final = "1 = 0"
TRUE: Final = "1 = 1"

NOWHERE: Final = 0
"""Rank of missing values."""

OPERATORS: Final = {
    COMPARISON.EQ: "=",
    COMPARISON.NOT: "<>",
    COMPARISON.LT: "<",
    COMPARISON.MAX: "<=",
    COMPARISON.GT: ">",
    COMPARISON.MIN: ">=",
}


class Values:
    """Values of one statement by name; calling it with a value answers the placeholder that stands for it."""

    def __init__(self, placeholder: str, any_of: "AnyOf", **named: Any) -> None:
        """``placeholder`` is that of the driver, with ``{}`` for the name."""
        self._placeholder = placeholder
        self._any_of = any_of
        self.named = named

    def __call__(self, value: Any) -> str:
        """Placeholder of a value under a new name."""
        name = f"v{len(self.named)}"
        self.named[name] = value
        return self._placeholder.format(name)

    def any_of(self, column: str, values: Sequence[Any]) -> str:
        """Condition that a column equals one of the values, as many as there may be."""
        if len(values) == 1:
            return f"{column} = {self(values[0])}"
        return self._any_of(column, values, self)


AnyOf = Callable[[str, Sequence[Any], Values], str]


class Term(ABC):
    """A field of the record ``r``; every method answers SQL, with the values of it bound.

    A condition may be NULL where it is not true.
    """

    rank: ClassVar[int | None] = None
    """Rank of the JSON type that all values here have, None where they may have any."""

    def among(self, values: Iterable[Any], bind: Values) -> str:
        """Condition: the value equals one of these (see ``matching.identity``)."""
        # What cannot be stored is equal to nothing, and no driver has to take it.
        wanted = [value for value in values if value is not MISSING and find_unstorable(value) is None]
        return self._among(wanted, bind) if wanted else FALSE

    @abstractmethod
    def _among(self, values: Sequence[Any], bind: Values) -> str:
        """Hook: condition that the value equals one of these; there is one at least."""

    @abstractmethod
    def compares(self, operator: COMPARISON, bound: Any, bind: Values) -> str:
        """Condition: the value has the type of ``bound``, which is comparable, and is before or behind it."""

    @abstractmethod
    def keys(self, bind: Values) -> list[str]:
        """Expressions by which records are ordered, the first one above all."""

    def indexed_keys(self, bind: Values) -> list[str]:
        """The first of the :meth:`keys`, as many as an index has."""
        return self.keys(bind)

    @abstractmethod
    def position(self, value: Any, bind: Values) -> list[str]:
        """Place of a value among the :meth:`keys`, one for one; it has the term's ``rank``, if any."""


class Column(Term):
    """A field that is a column of its own, with values of one type.

    ``ordered`` is the expression that indexes are made of, where it is another.
    """

    def __init__(self, name: str, ordered: str = "") -> None:
        self._name = name
        self._ordered = ordered or name

    def _among(self, values: Sequence[Any], bind: Values) -> str:
        kept = [value for value in values if rank(value) == self.rank]
        return bind.any_of(self._name, kept) if kept else FALSE

    def compares(self, operator: COMPARISON, bound: Any, bind: Values) -> str:
        """See the base."""
        if rank(bound) != self.rank:
            return FALSE
        return f"{self._ordered} {OPERATORS[operator]} {bind(bound)}"

    def keys(self, bind: Values) -> list[str]:
        """See the base."""
        return [self._ordered]

    def position(self, value: Any, bind: Values) -> list[str]:
        """See the base."""
        return [bind(value)]


class TextColumn(Column):
    """Column of the id."""

    rank = 4


class NumberColumn(Column):
    """Column of the timestamp."""

    rank = 3


class Nowhere(Term):
    """A field inside of a column that holds no object: missing in every record."""

    rank = NOWHERE

    def _among(self, values: Sequence[Any], bind: Values) -> str:
        return FALSE

    def compares(self, operator: COMPARISON, bound: Any, bind: Values) -> str:
        """See the base."""
        return FALSE

    def keys(self, bind: Values) -> list[str]:
        """See the base."""
        return []

    def position(self, value: Any, bind: Values) -> list[str]:
        """See the base."""
        return []
