"""Facade: the table of settings, and how an application's settings are resolved against it."""

from cliquet_like.settings.resolution import load_default_settings
from cliquet_like.settings.setting import Setting
from cliquet_like.settings.table import DEFAULT_SETTINGS, SETTINGS

__all__ = ["DEFAULT_SETTINGS", "SETTINGS", "Setting", "load_default_settings"]
