"""Names that set nothing: an application that starts is warned of them."""

import difflib
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from cliquet_like.kernel.values import environment_name
from cliquet_like.settings.resolution import PREFIX, prefixes_of
from cliquet_like.settings.table import SETTINGS, find_setting

_OUR_VARIABLES: Final = environment_name(PREFIX)
_TEST_VARIABLES: Final = f"{_OUR_VARIABLES}TEST_"
# Rows whose names are those of their variables.
_VARIABLES: Final = tuple(replace(setting, name=environment_name(setting.name)) for setting in SETTINGS)


def warn_of_mistakes(names: Iterable[str], settings: Mapping[str, Any], known: Iterable[str]) -> None:
    """Warn of each name that nobody knows.

    ``names`` are those that the application wrote with our prefix, which they have lost here. A
    variable of the environment with our prefix is looked at, too: it may be of any setting that the
    application has. Variables of our tests, and those of a project whose prefix begins with ours, are
    none of our settings.
    """
    known = {*known, *(setting.name for setting in SETTINGS)}
    for name in names:
        if name not in known and find_setting(name) is None:
            warn_of_unknown("setting", PREFIX, name, known)
    variables = {environment_name(name) for name in (*known, *settings)}
    for variable in _variables_of_ours(settings):
        if variable not in variables and not any(row.matches(variable) for row in _VARIABLES):
            warn_of_unknown("variable", _OUR_VARIABLES, variable, variables)


def _variables_of_ours(settings: Mapping[str, Any]) -> Iterator[str]:
    """Variables with our prefix, which they have lost here."""
    others = [environment_name(prefix) for prefix in prefixes_of(settings)[1:]]
    others = [prefix for prefix in others if prefix.startswith(_OUR_VARIABLES) and prefix != _OUR_VARIABLES]
    for variable in sorted(os.environ):
        if variable.startswith(_OUR_VARIABLES) and not variable.startswith((_TEST_VARIABLES, *others)):
            yield variable.removeprefix(_OUR_VARIABLES)


def warn_of_unknown(what: str, prefix: str, name: str, known: Iterable[str]) -> None:
    """Warn of one name, a setting's or a variable's, with the nearest that is known, if one is near.

    The prefix is written before both.
    """
    nearest = difflib.get_close_matches(name, known, n=1)
    hint = f", did you mean {prefix}{nearest[0]}?" if nearest else "."
    warnings.warn(f"Unknown {what} {prefix}{name}{hint}", stacklevel=3)
