"""Facade: what an application needs to start."""

from cliquet_like.initialization.bootstrap import includeme, initialize
from cliquet_like.initialization.middlewares import install_middlewares
from cliquet_like.kernel.version import PROTOCOL_VERSION, __version__
from cliquet_like.logs import logger
from cliquet_like.service import Service
from cliquet_like.settings.resolution import load_default_settings
from cliquet_like.settings.table import DEFAULT_SETTINGS

__all__ = [
    "DEFAULT_SETTINGS",
    "PROTOCOL_VERSION",
    "Service",
    "__version__",
    "includeme",
    "initialize",
    "install_middlewares",
    "load_default_settings",
    "logger",
]
