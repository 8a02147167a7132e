"""Fields inside of a ``jsonb`` record: how they are compared, sorted and indexed in PostgreSQL.

A value has three keys. The first is a number that holds the rank of its type too: JSON numbers are
themselves, which a double keeps within 1.8e308, and the other types lie outside of that. The
second is the beginning of a text, short enough for an index, in which an entry may have 2.7 kB;
the third is the whole text.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final

from cliquet_like.kernel.codec import dumps_text
from cliquet_like.storage.matching import rank
from cliquet_like.storage.postgresql.numbers import without_exponents
from cliquet_like.storage.query import COMPARISON
from cliquet_like.storage.sql.terms import OPERATORS, Term, Values

INDEXED_LENGTH: Final = 128
"""Characters of a text that an index holds."""

_MISSING, _NULL, _LEAST, _MOST = (Decimal(text) for text in ("-1e400", "-9e399", "-6e399", "6e399"))
_FALSE, _TRUE = Decimal("-8e399"), Decimal("-7e399")
_TEXT, _ARRAY, _OBJECT = (Decimal(text) for text in ("1e400", "2e400", "3e400"))
_TYPES: Final = {0: _MISSING, 1: _NULL, 4: _TEXT, 5: _ARRAY, 6: _OBJECT}

_NUMBER: Final = (
    "CASE jsonb_typeof({value}) WHEN 'number' THEN ({value})::numeric WHEN 'string' THEN 1e400"
    " WHEN 'boolean' THEN CASE WHEN ({value})::boolean THEN -7e399 ELSE -8e399 END"
    " WHEN 'null' THEN -9e399 WHEN 'array' THEN 2e400 WHEN 'object' THEN 3e400 ELSE -1e400 END"
)
_TEXT_OF: Final = (
    "(CASE jsonb_typeof({value}) WHEN 'string' THEN {value} #>> '{{}}' ELSE '' END) COLLATE \"C\""
)
_BOUNDS: Final = {2: (_FALSE, _TRUE), 3: (_LEAST, _MOST)}


def any_of(column: str, values: Sequence[Any], bind: Values) -> str:
    """Condition that a column equals one of the values."""
    return f"{column} = ANY({bind(list(values))})"


def number_of(value: Any) -> Decimal:
    """First key of a value."""
    kind = rank(value)
    if kind == 2:
        return _TRUE if value else _FALSE
    if kind == 3:
        exact = int(value) if isinstance(value, float) and value.is_integer() else repr(value)
        # Infinity comes from a filter only: nothing stored is as far out.
        return min(max(Decimal(exact), _LEAST), _MOST)
    return _TYPES[kind]


# Lists are sorted by this other name of the collation "C", as the indexes are that they walk (see
# migrations/001_records.sql).
LIST_COLLATION: Final = 'COLLATE "POSIX"'


class JsonTerm(Term):
    """A field inside of the record's JSON, with the names that lead to it."""

    rank: ClassVar[None] = None

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def _value(self, bind: Values) -> str:
        return "r.data" + "".join(f"->{bind(name)}" for name in self._names)

    def _among(self, values: Sequence[Any], bind: Values) -> str:
        # Equal texts and numbers have equal keys: these conditions let an index be used.
        number, prefix, _ = self.keys(bind)
        numbers = sorted({number_of(value) for value in values})
        prefixes = sorted({_text_of(value)[:INDEXED_LENGTH] for value in values})
        keys = f"{bind.any_of(number, numbers)} AND {bind.any_of(prefix, prefixes)}"
        if all(isinstance(value, str) and len(value) < INDEXED_LENGTH for value in values):
            # A text that is shorter than a prefix may be is the whole text.
            return f"({keys})"
        texts = [without_exponents(dumps_text(value)) for value in values]
        return f"({self._value(bind)} = ANY({bind(texts)}::jsonb[]) AND {keys})"

    def compares(self, operator: COMPARISON, bound: Any, bind: Values) -> str:
        """See the base."""
        sign = OPERATORS[operator]
        number, prefix, text = self.keys(bind)
        if isinstance(bound, str):
            near = f"{prefix} {sign[0]}= {bind(bound[:INDEXED_LENGTH])}"
            return f"({number} = {bind(_TEXT)} AND {near} AND {text} {sign} {bind(bound)})"
        least, most = _BOUNDS[rank(bound)]
        other = f"{number} >= {bind(least)}" if sign[0] == "<" else f"{number} <= {bind(most)}"
        return f"({number} {sign} {bind(number_of(bound))} AND {other})"

    def keys(self, bind: Values) -> list[str]:
        """See the base."""
        value = self._value(bind)
        text = _TEXT_OF.format(value=value)
        return [_NUMBER.format(value=value), f"left({text}, {INDEXED_LENGTH})", text]

    def indexed_keys(self, bind: Values) -> list[str]:
        """See the base: without the whole text."""
        return self.keys(bind)[:2]

    def position(self, value: Any, bind: Values) -> list[str]:
        """See the base."""
        text = _text_of(value)
        return [bind(number_of(value)), bind(text[:INDEXED_LENGTH]), bind(text)]


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""
