"""One call on two backends, and what is said when they do not answer alike."""

import difflib
import pprint
from typing import Any

from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.exceptions import ModifiedMeanwhileError, RecordNotFoundError, UnicityError

_PROMISED = (ModifiedMeanwhileError, RecordNotFoundError, UnicityError)


def outcome(storage: StorageBase, method: str, *args: Any, **kwargs: Any) -> Any:
    """What the call returned, or the promised error it raised, as plain values."""
    try:
        result = getattr(storage, method)(*args, **kwargs)
    except UnicityError as error:
        return "UnicityError", error.field, error.record
    except _PROMISED as error:
        return (type(error).__name__,)
    return list(result) if isinstance(result, tuple) else result


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 1 is neither 1.0 nor True, and 0.0 is not -0.0."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    return repr(one) == repr(other)


def difference(call: str, reference: Any, found: Any) -> str:
    """Readable difference of two outcomes of a call."""
    one, other = (pprint.pformat(side, width=100).splitlines() for side in (reference, found))
    lines = difflib.unified_diff(one, other, "memory answers", "this backend answers", lineterm="", n=2)
    return "\n".join([f"The backends differ in {call}", *lines])


class Pair:
    """The memory backend and another one, which are asked the same."""

    def __init__(self, reference: StorageBase, other: StorageBase) -> None:
        self.reference = reference
        self.other = other
        self.seen: dict[str, int] = {}

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Outcome of a call on both. Raises ``AssertionError`` with the difference, if there is one."""
        wanted = outcome(self.reference, method, *args, **kwargs)
        found = outcome(self.other, method, *args, **kwargs)
        if not is_same(wanted, found):
            shown = [*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())]
            raise AssertionError(difference(f"{method}({', '.join(shown)})", wanted, found))
        kind = wanted[0] if isinstance(wanted, tuple) else method
        self.seen[kind] = self.seen.get(kind, 0) + 1
        return wanted
