"""Settings that may change while the application runs: nobody checks them again, so each reading does."""

from collections.abc import Mapping
from typing import Any, Final

from cliquet_like.kernel.values import native_value
from cliquet_like.settings.table import DEFAULT_SETTINGS

# More is understood as this (delta-seconds, RFC 9111 section 1.2.2).
_LONGEST_S: Final = 2**31


def header_seconds(settings: Mapping[str, Any], name: str) -> str | None:
    """Seconds as a header carries them: digits only (``Retry-After``, RFC 9110 section 10.2.3).

    A value that is no whole number of at least 0 counts as the default in the table; None when that
    is none either.
    """
    for value in (native_value(settings.get(name)), DEFAULT_SETTINGS[name]):
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return f"{min(value, _LONGEST_S):d}"
    return None
