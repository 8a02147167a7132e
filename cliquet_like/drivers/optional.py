"""Drivers, of databases and of what watches a service, that are installed only where they are needed."""

from importlib import import_module
from typing import Any

from pyramid.exceptions import ConfigurationError


def import_driver(module: str, *, extra: str, setting: str) -> Any:
    """Import a driver's module, when a setting asks for what needs it.

    Raises ``ConfigurationError``, which names that setting and the extra to install, when the
    module or something that it needs is missing.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"Setting {setting}: the driver {module} is missing ({error}); install cliquet-like[{extra}]."
        ) from error
