"""Names below ours that set nothing: an application that starts is warned of them."""

import os
from collections.abc import Iterable, Mapping
from typing import Any, Final

from cliquet_like.kernel.values import environment_name
from cliquet_like.settings.mistakes import warn_of_unknown
from cliquet_like.settings.resolution import prefixes_of

PREFIX: Final = "fxa-oauth."
RETIRED_SCOPE: Final = f"{PREFIX}scope"


def warn_of_mistakes(settings: Mapping[str, Any], known: Iterable[str]) -> None:
    """Warn of each setting, and each variable of the environment, that none of the known names is.

    A variable without the prefix of the library or of the project may be of another program.
    """
    known = [name.removeprefix(PREFIX) for name in known if name.startswith(PREFIX)]
    retired = RETIRED_SCOPE.removeprefix(PREFIX)
    _warn_of_others("setting", PREFIX, settings, known, retired)
    variables = list(map(environment_name, known))
    for prefix in prefixes_of(settings):
        start = environment_name(prefix + PREFIX)
        _warn_of_others("variable", start, os.environ, variables, environment_name(retired))


def _warn_of_others(what: str, start: str, names: Iterable[str], known: list[str], retired: str) -> None:
    for name in sorted(name.removeprefix(start) for name in names if name.startswith(start)):
        if name not in (*known, retired):
            warn_of_unknown(what, start, name, known)
