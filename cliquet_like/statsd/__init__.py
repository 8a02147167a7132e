"""Facade of the client of statsd, and of what applications count with it."""

from cliquet_like.statsd.client import Client, statsd_count
from cliquet_like.statsd.connection import statsd_module
from cliquet_like.statsd.settings import load_from_config

__all__ = ["Client", "load_from_config", "statsd_count", "statsd_module"]
