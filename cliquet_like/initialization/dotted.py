"""From a dotted name in the settings to what it names."""

from typing import Any

from pyramid.exceptions import ConfigurationError


def resolve_dotted(config: Any, setting: str, name: Any) -> Any:
    """Object that a dotted name stands for; what is no text is returned unchanged.

    Raises ``ConfigurationError``, with the name of the setting, when there is none.
    """
    try:
        return config.maybe_dotted(name)
    except (ImportError, ValueError, LookupError) as error:
        raise ConfigurationError(
            f"Setting {setting}: {name!r} cannot be imported ({error}), expected a dotted name."
        ) from error


def resolve_callable(config: Any, setting: str, name: Any) -> Any:
    """Function or class that a dotted name stands for; raises as :func:`resolve_dotted` does."""
    found = resolve_dotted(config, setting, name)
    if not callable(found):
        raise ConfigurationError(
            f"Setting {setting}: {name!r} is not callable, expected a function or class."
        )
    return found
