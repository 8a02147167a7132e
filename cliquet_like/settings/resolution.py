"""From what an application wrote, and the environment, to one value for each setting.

``x``, ``cliquet_like.x`` and ``<project>.x`` are one setting, kept as ``x``. The environment
overrides it: ``X``, then ``<PROJECT>_X``, then ``CLIQUET_LIKE_X``, the last one present winning.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cliquet_like.kernel.values import environment_name, native_value
from cliquet_like.settings.setting import NO_DEFAULT
from cliquet_like.settings.table import SETTINGS, find_setting

PREFIX: Final = "cliquet_like."

_TEXTS: Final = tuple(setting for setting in SETTINGS if setting.is_text)
_WITHOUT_DEFAULT: Final = tuple(
    setting.name for setting in SETTINGS if setting.default is NO_DEFAULT and not setting.is_pattern
)


def load_default_settings(config: Any, defaults: Mapping[str, Any]) -> None:
    """Resolve the application's settings in place, ``defaults`` filling the gaps.

    Raises ``ValueError`` when two spellings of a setting have different values. The names of
    the defaults are known from then on, so a plugin's settings are not taken for mistakes.
    """
    settings = config.get_settings()
    prefixes = prefixes_of(settings)
    filling = _unprefixed(defaults, prefixes)
    values = {**filling, **_unprefixed(settings, prefixes)}
    for name in _WITHOUT_DEFAULT:
        if name not in values and (found := _from_environment(name, prefixes)) is not None:
            values[name] = found
    for spelled in [key for key in settings if strip_prefix(key, prefixes) != key]:
        del settings[spelled]
    settings.update({name: _resolved(name, value, prefixes) for name, value in values.items()})
    vars(config.registry).setdefault("known_settings", set()).update(filling)


def read_named_settings(config: Any, names: Iterable[str]) -> None:
    """Look in the environment for names that nobody can list beforehand: those of patterns.

    A name that is set already keeps its value. Raises ``ConfigurationError`` for a value that
    is not of the setting's kind.
    """
    settings = config.get_settings()
    prefixes = prefixes_of(settings)
    for name in names:
        if name not in settings and (found := _from_environment(name, prefixes)) is not None:
            value = native_value(found)
            check_settings({name: value})
            settings[name] = value


def read_members(config: Any, family: str, members: Iterable[str]) -> None:
    """Look in the environment for settings of the members (``ldap``) of a family (``multiauth.policy.``).

    A variable that begins like several members is for the one with the longest name. What is set
    already, and errors, are as for :func:`read_named_settings`.
    """
    prefixes = (*prefixes_of(config.get_settings()), "")
    starts = [
        (environment_name(f"{prefix}{family}{member}."), f"{family}{member}.")
        for member in members
        for prefix in prefixes
    ]
    read_named_settings(config, [name for variable in os.environ for name in _meant_by(variable, starts)])


def check_settings(settings: Mapping[str, Any]) -> None:
    """Raise ``ConfigurationError`` for the first value that is not of its setting's kind."""
    for name, value in settings.items():
        if setting := find_setting(name):
            setting.check(name, value)


def project_name_of(settings: Mapping[str, Any]) -> str:
    """Name of the project as the environment or the settings say it; empty when neither does."""
    name = _from_environment("project_name", (PREFIX,))
    if name is None:
        name = settings.get(f"{PREFIX}project_name") or settings.get("project_name")
    return str(name or "")


def strip_prefix(name: str, prefixes: Iterable[str] = (PREFIX,)) -> str:
    """Name of a setting without the first of the prefixes that it has."""
    for prefix in prefixes:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def prefixes_of(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Prefixes that a setting may have: ours, and the project's when it has a name."""
    project = project_name_of(settings)
    return (PREFIX, f"{project}.") if project else (PREFIX,)


def _unprefixed(settings: Mapping[str, Any], prefixes: Iterable[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for spelled, value in settings.items():
        name = strip_prefix(spelled, prefixes)
        if name in values and str(values[name]) != str(value):
            raise ValueError(f"Setting {name!r} is given several times, with different values.")
        values[name] = value
    return values


def _resolved(name: str, value: Any, prefixes: tuple[str, ...]) -> Any:
    found = _from_environment(name, prefixes)
    value = value if found is None else found
    return value if any(text.matches(name) for text in _TEXTS) else native_value(value)


def _meant_by(variable: str, starts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Names that a variable may be meant for: what it goes on with, behind the names of its longest start."""
    fitting = [start for start in starts if variable.startswith(start[0]) and variable != start[0]]
    longest = max((len(spelled) for spelled, _ in fitting), default=0)
    for spelled, name in fitting:
        if len(spelled) == longest:
            yield name + variable[longest:].lower()


def _from_environment(name: str, prefixes: tuple[str, ...]) -> str | None:
    spellings = (*(prefix + name for prefix in prefixes), name)
    found = (os.environ.get(environment_name(spelled)) for spelled in spellings)
    return next((text for text in found if text is not None), None)
