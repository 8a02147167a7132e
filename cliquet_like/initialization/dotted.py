"""From a dotted name in the settings to what it names."""

from typing import Any

from pyramid.exceptions import ConfigurationError


def resolve_dotted(config: Any, setting: str, name: Any) -> Any:
    """Object that a dotted name stands for; what is no text is returned unchanged.

    Raises ``ConfigurationError``, with the name of the setting, when there is none; when it is
    there, but needs a module that is missing, the message says which.
    """
    try:
        return config.maybe_dotted(name)
    except (ImportError, ValueError, LookupError) as error:
        missing = getattr(error, "name", None)
        if isinstance(error, ModuleNotFoundError) and not _is_part_of(name, missing):
            reason = f"needs the module {missing!r}, which is not installed."
        else:
            reason = f"cannot be imported ({error}), expected a dotted name."
        raise ConfigurationError(f"Setting {setting}: {name!r} {reason}") from error


def resolve_callable(config: Any, setting: str, name: Any) -> Any:
    """Function or class that a dotted name stands for; raises as :func:`resolve_dotted` does."""
    found = resolve_dotted(config, setting, name)
    if not callable(found):
        raise ConfigurationError(
            f"Setting {setting}: {name!r} is not callable, expected a function or class."
        )
    return found


def _is_part_of(dotted: str, module: str | None) -> bool:
    return f"{dotted.replace(':', '.')}.".startswith(f"{module}.")
