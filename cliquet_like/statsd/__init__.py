"""Facade of the client of statsd, and of what applications count with it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cliquet_like.statsd.client import Client, statsd_count
from cliquet_like.statsd.settings import load_from_config

__all__ = ["Client", "load_from_config", "statsd_count", "statsd_module"]

if TYPE_CHECKING:
    statsd_module: Any
else:

    def __getattr__(name: str) -> Any:
        """``statsd_module``: the package, None without it, imported when somebody asks for it."""
        if name != "statsd_module":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            return import_module("statsd")
        except ImportError:
            return None
