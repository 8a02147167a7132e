"""Copies of JSON values, faster than ``copy.deepcopy``."""

from math import isfinite
from types import NoneType
from typing import Any, Final

from cliquet_like.kernel import codec
from cliquet_like.storage.query import DEFAULT_DELETED_FIELD, Record

_ATOMS: Final = frozenset({str, bool, NoneType})
_CONTAINERS: Final = frozenset({dict, list})


def copy_json(value: Any) -> Any:
    """Copy of a JSON value that shares nothing with it that can change.

    What is not plain JSON becomes what a server would give back: tuples are lists, dates are
    texts; and -0.0 is 0.0. Raises ``TypeError`` for what JSON, or a backend, cannot hold:
    integers beyond 64 bits, floats that are not finite.
    """
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is int:
        return _checked(value, codec.INT64_MIN <= value <= codec.INT64_MAX)
    if kind is dict:
        return {key: item if type(item) in _ATOMS else copy_json(item) for key, item in value.items()}
    if kind is list:
        return [copy_json(item) for item in value]
    if kind is float:
        # JSON of PostgreSQL has no zero with a sign; a sum with 0.0 takes it away, and nothing else.
        return _checked(value + 0.0, isfinite(value))
    return copy_json(codec.loads(codec.dumps(value)))


def copy_kept(value: Any) -> Any:
    """Copy of what :func:`copy_json` made, which need not be looked at again."""
    kind = type(value)
    if kind is dict:
        copied = value.copy()
        for key, item in value.items():
            if type(item) in _CONTAINERS:
                copied[key] = copy_kept(item)
        return copied
    return [copy_kept(item) for item in value] if kind is list else value


def copied_in(record: Record) -> Record:
    """Copy of a record as it will be kept, without a mark of deletion. Raises ``TypeError`` as above."""
    new: Record = copy_json(record)
    new.pop(DEFAULT_DELETED_FIELD, None)
    return new


def _checked(value: Any, storable: bool) -> Any:
    if not storable:
        raise TypeError(f"not a number that can be stored: {value}")
    return value
