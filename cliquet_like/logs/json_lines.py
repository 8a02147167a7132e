"""Lines for machines."""

from collections.abc import Mapping
from typing import Any, Final

from cliquet_like.kernel.clock import msec_time
from cliquet_like.logs.entry import PLAIN, Event, flat, iso_time, json_line


class JSONLogRenderer:
    """One flat JSON object an entry: ``time``, ``level``, ``logger``, ``event``, then its fields.

    ``time`` is ISO 8601 in UTC. A traceback becomes the text ``exception``. ``logger`` is the
    project's name, so that the lines of several applications may go to one place.
    """

    keeps_traceback = True
    LEVELS: Final = {"exception": "error", "warn": "warning", "fatal": "critical"}

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Read the project's name once, for ``logger``."""
        self.project_name = settings.get("project_name") or "cliquet_like"

    def __call__(self, logger: Any, method_name: str, event_dict: Event) -> str:
        """JSON of an entry; a standard key that is given wins."""
        line = {
            "time": event_dict.get("time") or iso_time(msec_time()),
            "level": self.LEVELS.get(method_name, method_name),
            "logger": self.project_name,
            "event": "",
        }
        line.update(
            {str(key): value if type(value) in PLAIN else flat(value) for key, value in event_dict.items()}
        )
        return json_line(line)
