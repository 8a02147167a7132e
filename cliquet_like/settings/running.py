"""Settings that may change while the application runs: nobody checks them again, so each reading does."""

from collections.abc import Mapping
from typing import Any, Final

from cliquet_like.kernel.values import native_value
from cliquet_like.settings.setting import Setting
from cliquet_like.settings.table import DEFAULT_SETTINGS, SETTINGS

LONGEST_S: Final = 2**31
"""More seconds are understood as these (delta-seconds, RFC 9111 section 1.2.2)."""

_ROWS: Final[dict[str, Setting]] = {row.name: row for row in SETTINGS}


def running_value(settings: Mapping[str, Any], name: str) -> Any:
    """Native value of a setting, or its default when the value is not of the setting's kind.

    None when the setting is optional, and empty. Only for settings that have a default.
    """
    value = native_value(settings.get(name, DEFAULT_SETTINGS[name]))
    if not _ROWS[name].takes(value):
        value = DEFAULT_SETTINGS[name]
    return None if value == "" else value


def header_seconds(settings: Mapping[str, Any], name: str) -> str | None:
    """Seconds as a header carries them, or None: digits only (``Retry-After``, RFC 9110 section 10.2.3)."""
    seconds = running_value(settings, name)
    return None if seconds is None else f"{min(seconds, LONGEST_S):d}"
