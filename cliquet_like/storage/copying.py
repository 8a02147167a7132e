"""Copies of JSON values, faster than ``copy.deepcopy``."""

from math import isfinite
from types import NoneType
from typing import Any, Final

from cliquet_like.kernel import codec

_ATOMS: Final = frozenset({str, int, bool, NoneType})


def copy_json(value: Any) -> Any:
    """Copy of a JSON value that shares nothing with it that can change.

    What is not plain JSON becomes what a server would give back: tuples are lists, dates are
    texts, floats that are not finite are null. Raises ``TypeError`` for what JSON cannot hold.
    """
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return {key: item if type(item) in _ATOMS else copy_json(item) for key, item in value.items()}
    if kind is list:
        return [copy_json(item) for item in value]
    if kind is float:
        return value if isfinite(value) else None
    return codec.loads(codec.dumps(value))
