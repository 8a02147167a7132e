"""Facade of the log: the library's logger, and how an application writes its entries as lines.

Nothing is configured globally: the logger ends in the standard library's ``cliquet_like`` logger,
and each entry is rendered as the application that handles the request wishes (setting
``logging_renderer``).
"""

from cliquet_like.logs.classic import ClassicLogRenderer
from cliquet_like.logs.entry import Event, Renderer
from cliquet_like.logs.heka import MozillaHekaRenderer
from cliquet_like.logs.json_lines import JSONLogRenderer
from cliquet_like.logs.structured import logger

__all__ = ["ClassicLogRenderer", "Event", "JSONLogRenderer", "MozillaHekaRenderer", "Renderer", "logger"]
