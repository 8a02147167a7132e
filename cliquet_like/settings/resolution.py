"""From what an application wrote, and the environment, to one value for each setting.

``x``, ``cliquet_like.x`` and ``<project>.x`` are one setting, kept as ``x``. The environment
overrides it: ``X``, then ``<PROJECT>_X``, then ``CLIQUET_LIKE_X``, the last one present winning.
"""

import difflib
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from cliquet_like.kernel.values import environment_name, native_value
from cliquet_like.settings.setting import NO_DEFAULT, Kind
from cliquet_like.settings.table import SETTINGS, find_setting

PREFIX: Final = "cliquet_like."

_OUR_VARIABLES: Final = environment_name(PREFIX)
_TEST_VARIABLES: Final = f"{_OUR_VARIABLES}TEST_"
# Rows whose names are those of their variables.
_VARIABLES: Final = tuple(replace(setting, name=environment_name(setting.name)) for setting in SETTINGS)
_TEXTS: Final = frozenset(setting.name for setting in SETTINGS if setting.kind is Kind.TEXT)
_WITHOUT_DEFAULT: Final = tuple(
    setting.name for setting in SETTINGS if setting.default is NO_DEFAULT and not setting.is_pattern
)


def load_default_settings(config: Any, defaults: Mapping[str, Any]) -> None:
    """Resolve the application's settings in place, ``defaults`` filling the gaps.

    Raises ``ValueError`` when two spellings of a setting have different values. The names of
    the defaults are known from then on, so a plugin's settings are not taken for mistakes.
    """
    settings = config.get_settings()
    prefixes = _prefixes_of(settings)
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
    prefixes = _prefixes_of(settings)
    for name in names:
        if name not in settings and (found := _from_environment(name, prefixes)) is not None:
            value = native_value(found)
            check_settings({name: value})
            settings[name] = value


def names_in_environment(prefix: str) -> Iterator[str]:
    """Names with a prefix (``multiauth.policy.ldap.``) that variables may be meant for."""
    for variable in os.environ:
        _, found, argument = variable.partition(environment_name(prefix))
        if found and argument:
            yield prefix + argument.lower()


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


def _prefixes_of(settings: Mapping[str, Any]) -> tuple[str, ...]:
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
    return value if name in _TEXTS else native_value(value)


def _from_environment(name: str, prefixes: tuple[str, ...]) -> str | None:
    spellings = (*(prefix + name for prefix in prefixes), name)
    found = (os.environ.get(environment_name(spelled)) for spelled in spellings)
    return next((text for text in found if text is not None), None)


def warn_of_mistakes(names: Iterable[str], settings: Mapping[str, Any], known: Iterable[str]) -> None:
    """Warn of each name that nobody knows, and of each setting that has no effect in this version.

    ``names`` are those that the application wrote with our prefix, which they have lost here. A
    variable of the environment with our prefix is looked at, too: it may be of any setting that the
    application has. Variables of our tests, and those of a project whose prefix begins with ours, are
    none of our settings.
    """
    known = {*known, *(setting.name for setting in SETTINGS)}
    for name in names:
        if name not in known and find_setting(name) is None:
            _warn_of_unknown("setting", PREFIX, name, known)
    variables = {environment_name(name) for name in (*known, *settings)}
    for variable in _variables_of_ours(settings):
        if variable not in variables and not any(row.matches(variable) for row in _VARIABLES):
            _warn_of_unknown("variable", _OUR_VARIABLES, variable, variables)
    for name, value in settings.items():
        setting = find_setting(name)
        if setting is not None and setting.planned and value not in (setting.default, None, ""):
            warnings.warn(f"Setting {name} has no effect in this version yet.", stacklevel=2)


def _variables_of_ours(settings: Mapping[str, Any]) -> Iterator[str]:
    """Variables with our prefix, which they have lost here."""
    others = [environment_name(prefix) for prefix in _prefixes_of(settings)[1:]]
    others = [prefix for prefix in others if prefix.startswith(_OUR_VARIABLES) and prefix != _OUR_VARIABLES]
    for variable in sorted(os.environ):
        if variable.startswith(_OUR_VARIABLES) and not variable.startswith((_TEST_VARIABLES, *others)):
            yield variable.removeprefix(_OUR_VARIABLES)


def _warn_of_unknown(what: str, prefix: str, name: str, known: Iterable[str]) -> None:
    nearest = difflib.get_close_matches(name, known, n=1)
    hint = f", did you mean {prefix}{nearest[0]}?" if nearest else "."
    warnings.warn(f"Unknown {what} {prefix}{name}{hint}", stacklevel=3)
