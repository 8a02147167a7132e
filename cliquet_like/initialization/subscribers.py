"""Listeners: from the names in the settings to subscribers of the application's events."""

from typing import Any


def setup_listeners(config: Any) -> None:
    """Step: subscribe the listeners that ``event_listeners`` names."""
