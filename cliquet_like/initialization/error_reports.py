"""Error reports: unexpected errors sent to Sentry."""

from typing import Any


def setup_sentry(config: Any) -> None:
    """Step: report errors to ``sentry_dsn``; nothing happens without it."""
