"""One setting: its name, its default, and which values it takes."""

import enum
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pyramid.exceptions import ConfigurationError

from cliquet_like.settings.forms import are_origins, is_date, is_host, is_list, is_scheme

_PLACEHOLDER: Final = re.compile(r"<\w+>")
_FLAGS: Final = frozenset({"t", "y", "f", "n"})


class NoDefault(enum.Enum):
    """The type of :data:`NO_DEFAULT`."""

    NO_DEFAULT = "no default"


NO_DEFAULT: Final = NoDefault.NO_DEFAULT
"""Default of a setting that is only read when it is present."""


class Kind(enum.Enum):
    """What the value of a setting is, in the words of the error that refuses another one."""

    TEXT = "a text"
    """It stays the text it is: version ``1.10`` is not the number 1.1."""
    VALUE = "a value"
    """Any native value; who reads it checks it."""
    FLAG = "true or false"
    COUNT = "a whole number of at least 1"
    SECONDS = "a whole number of seconds, at least 0"
    DURATION = "a number of seconds, at least 0"
    LIMIT = "a whole number of at least 0, or -1 for no limit"
    PERCENTAGE = "a number from 0 to 100"
    SCHEME = "http or https"
    HOST = "a host with or without a port, as in api.example.org or api.example.org:8443"
    DATE = "an ISO 8601 date, as in 2030-12-31 or 2030-12-31T12:00:00+00:00"
    NAMES = "names, separated by blanks"
    ORIGINS = "origins, separated by blanks, as in https://example.org or https://*.example.org"


# Of whole numbers the least, of others, which are at least 0, the most.
_LEAST: Final = {Kind.COUNT: 1, Kind.SECONDS: 0, Kind.LIMIT: -1}
_MOST: Final = {Kind.DURATION: math.inf, Kind.PERCENTAGE: 100}
# Of the rest, how it is written.
_FORMS: Final[dict[Kind, Callable[[Any], bool]]] = {
    Kind.SCHEME: is_scheme,
    Kind.HOST: is_host,
    Kind.DATE: is_date,
    Kind.NAMES: is_list,
    Kind.ORIGINS: are_origins,
}
_TEXTS: Final = frozenset({Kind.TEXT, Kind.SCHEME, Kind.HOST, Kind.DATE})


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One row; ``<...>`` in its name stands for any text, and makes the row a pattern."""

    name: str
    help: str
    default: Any = NO_DEFAULT
    unit: str = ""
    kind: Kind = Kind.VALUE
    optional: bool = False
    """Empty or None is a value too: no number at all."""

    @property
    def is_pattern(self) -> bool:
        """Whether the row stands for many names."""
        return "<" in self.name

    @property
    def is_text(self) -> bool:
        """Whether its value stays the text it is, whatever that looks like."""
        return self.kind in _TEXTS

    def matches(self, name: str) -> bool:
        """Whether a name, without prefix, is this setting."""
        if not self.is_pattern:
            return name == self.name
        parts = (re.escape(part) for part in _PLACEHOLDER.split(self.name))
        return re.fullmatch(".+".join(parts), name) is not None

    def takes(self, value: Any) -> bool:
        """Whether a native value is of the setting's kind."""
        return (self.optional and value in (None, "")) or _is_of_kind(self.kind, value)

    def check(self, name: str, value: Any) -> None:
        """Raise ``ConfigurationError`` when the setting does not take the native value of a name."""
        if self.takes(value):
            return
        expected = f"{self.kind.value}, or nothing" if self.optional else self.kind.value
        raise ConfigurationError(f"Setting {name}: {value!r} is no such value, expected {expected}.")


def _is_of_kind(kind: Kind, value: Any) -> bool:
    if kind is Kind.FLAG:
        # Nothing is false; 0 and 1 are equal to the booleans.
        return value in (True, False, None, "") or str(value).lower() in _FLAGS
    if kind in _MOST:
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST[kind]
    if kind in _FORMS:
        return _FORMS[kind](value)
    least = _LEAST.get(kind)
    return least is None or (isinstance(value, int) and not isinstance(value, bool) and value >= least)
