"""How the application's log entries are written."""

from typing import Any


def setup_logging(config: Any) -> None:
    """Step: make the renderer that ``logging_renderer`` names, as ``registry.log_renderer``."""
    settings = config.get_settings()
    renderer = config.maybe_dotted(settings["logging_renderer"])
    config.registry.log_renderer = renderer(settings)
