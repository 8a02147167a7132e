"""How the application's log entries are written."""

from typing import Any

from cliquet_like.initialization.dotted import resolve_callable


def setup_logging(config: Any) -> None:
    """Step: make the renderer that ``logging_renderer`` names, as ``registry.log_renderer``."""
    settings = config.get_settings()
    renderer = resolve_callable(config, "logging_renderer", settings["logging_renderer"])
    config.registry.log_renderer = renderer(settings)
