"""Fields inside of a record's JSON text: how they are compared, sorted and indexed in SQLite.

A value has two keys: the rank of its JSON type, and the value itself where the type is comparable,
else 0. SQLite compares integers with floats exactly, and texts by code point.
"""

import json
import re
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar, Final

from cliquet_like.kernel.codec import dumps_text, loads
from cliquet_like.storage.matching import COMPARABLE, rank
from cliquet_like.storage.query import COMPARISON
from cliquet_like.storage.sql.terms import OPERATORS, Term, Values

# An expression is found in an index only when its path is written out: these names can be.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")

# A path has no escapes: these characters cannot be in it.
_UNSAYABLE: Final = re.compile(r'["\\\x00-\x1f]')

_RANK: Final = (
    "CASE {type} WHEN 'null' THEN 1 WHEN 'true' THEN 2 WHEN 'false' THEN 2 WHEN 'integer' THEN 3"
    " WHEN 'real' THEN 3 WHEN 'text' THEN 4 WHEN 'array' THEN 5 WHEN 'object' THEN 6 ELSE 0 END"
)
_KEY: Final = "CASE WHEN {type} IN ('true', 'false', 'integer', 'real', 'text') THEN {value} ELSE 0 END"


def any_of(column: str, values: Sequence[Any], bind: Values) -> str:
    """Condition that a column equals one of the values: one JSON text, for placeholders are limited."""
    return f"{column} IN (SELECT value FROM json_each({bind(dumps_text(list(values)))}))"


class JsonTerm(Term):
    """A field inside of the record's JSON, with the names that lead to it."""

    rank: ClassVar[None] = None

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._path = "$" + "".join(f'."{name}"' for name in names)
        self._is_plain = all(_PLAIN.fullmatch(name) for name in names)
        self._has_path = not any(_UNSAYABLE.search(name) for name in names)

    def _found(self, what: str, bind: Values) -> str:
        """Expression of the ``type`` or the ``value`` of the field, NULL when it is missing."""
        if self._has_path:
            path = f"'{self._path}'" if self._is_plain else bind(self._path)
            return f"json_{'extract' if what == 'value' else what}(r.data, {path})"
        inside = "r.data"
        for name in self._names[:-1]:
            member = f"json_each({inside}) WHERE key = {bind(name)}"
            inside = f"(SELECT CASE type WHEN 'object' THEN value END FROM {member})"
        return f"(SELECT {what} FROM json_each({inside}) WHERE key = {bind(self._names[-1])})"

    def keys(self, bind: Values) -> list[str]:
        """See the base."""
        kind = self._found("type", bind)
        return [_RANK.format(type=kind), _KEY.format(type=kind, value=self._found("value", bind))]

    def position(self, value: Any, bind: Values) -> list[str]:
        """See the base."""
        return [bind(part) for part in _pair(value)]

    def _among(self, values: Sequence[Any], bind: Values) -> str:
        rank_key, key = self.keys(bind)
        pairs = sorted([_pair(value) for value in values if rank(value) < 5], key=itemgetter(0))
        others = [canonical(value) for value in values if rank(value) >= 5]
        conditions = []
        for kind, same in groupby(pairs, itemgetter(0)):
            equal = bind.any_of(key, [value for _, value in same])
            conditions.append(f"({rank_key} = {bind(kind)} AND {equal})")
        if others:
            text = f"canonical_json({self._found('value', bind)})"
            conditions.append(f"({rank_key} > 4 AND {bind.any_of(text, others)})")
        return f"({' OR '.join(conditions)})"

    def compares(self, operator: COMPARISON, bound: Any, bind: Values) -> str:
        """See the base."""
        rank_key, key = self.keys(bind)
        kind, value = self.position(bound, bind)
        return f"({rank_key} = {kind} AND {key} {OPERATORS[operator]} {value})"


def _pair(value: Any) -> tuple[int, Any]:
    kind = rank(value)
    return kind, value if kind in COMPARABLE else 0


def canonical(value: Any) -> str:
    """JSON text that two values share when they are equal (see ``matching.identity``)."""
    return json.dumps(_with_whole_numbers(value), sort_keys=True)


def canonical_json(text: str) -> str:
    """SQL function: :func:`canonical` of a JSON text."""
    return canonical(loads(text))


def _with_whole_numbers(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _with_whole_numbers(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_whole_numbers(item) for item in value]
    return value
