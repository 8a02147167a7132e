"""Drivers that are installed only where a backend needs them."""

from importlib import import_module
from typing import Any

from pyramid.exceptions import ConfigurationError


def import_driver(module: str, *, extra: str, setting: str) -> Any:
    """Import a driver's module, when the backend that needs it is made.

    Raises ``ConfigurationError``, which names the setting that chose the backend and the extra
    to install, when the module or something that it needs is missing.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"Setting {setting}: the driver {module} is missing ({error}); install cliquet-like[{extra}]."
        ) from error
