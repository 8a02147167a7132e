"""Lines for Mozilla's Heka."""

import os
import platform
from collections.abc import Mapping
from typing import Any, Final

from cliquet_like.kernel.clock import msec_time
from cliquet_like.logs.entry import Event, flat, json_line


class MozillaHekaRenderer:
    """Lines for machines: one JSON object an entry, as Mozilla's Heka reads them.

    A traceback becomes the field ``exception``, for a second line would be no JSON.
    """

    keeps_traceback = True
    ENV_VERSION: Final = "2.0"
    STANDARD: Final = ("Timestamp", "Logger", "Type", "Hostname", "Severity", "Pid", "EnvVersion", "Fields")
    SEVERITIES: Final = {
        "critical": 0,
        "exception": 2,
        "error": 2,
        "warning": 4,
        "warn": 4,
        "info": 6,
        "debug": 7,
    }

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Read the project's name once, for ``Logger``."""
        self.project_name = settings.get("project_name", "")
        self.hostname = os.environ.get("HOSTNAME", platform.node())

    def __call__(self, logger: Any, method_name: str, event_dict: Event) -> str:
        """JSON of an entry; standard keys that are given win, all others go into ``Fields``."""
        entry = dict(event_dict)
        line = {
            "Timestamp": msec_time() * 1_000_000,
            "Type": entry.pop("event", ""),
            "Logger": self.project_name,
            "Hostname": self.hostname,
            "Severity": self.SEVERITIES.get(method_name, self.SEVERITIES["info"]),
            "Pid": os.getpid(),
            "EnvVersion": self.ENV_VERSION,
        }
        line.update({key: entry.pop(key) for key in self.STANDARD if key in entry})
        given = line.get("Fields") or {}
        fields = dict(given) if isinstance(given, Mapping) else {"Fields": flat(given)}
        fields.update({str(key): flat(value) for key, value in entry.items()})
        return json_line({**line, "Fields": fields})
