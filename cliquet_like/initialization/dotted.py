"""From a dotted name in the settings to what it names."""

from collections.abc import Iterable
from typing import Any, Final

from pyramid.exceptions import ConfigurationError

_NAME: Final = "a dotted name, as in package.module.name"


def resolve_dotted(config: Any, setting: str, name: Any, *, expected: str = _NAME) -> Any:
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
            reason = f"{_cause(error)}, expected {expected}."
        raise ConfigurationError(f"Setting {setting}: {name!r} {reason}") from error


def resolve_callable(config: Any, setting: str, name: Any) -> Any:
    """Function or class that a dotted name stands for; raises as :func:`resolve_dotted` does."""
    found = resolve_dotted(config, setting, name)
    if not callable(found):
        raise ConfigurationError(
            f"Setting {setting}: {name!r} is not callable, expected a function or class."
        )
    return found


def make(
    config: Any,
    setting: str,
    name: Any,
    *arguments: Any,
    expected: str,
    methods: Iterable[str] = ("__call__",),
) -> Any:
    """What the function or class of a dotted name makes of the arguments.

    Raises as :func:`resolve_callable` and :func:`check_made` do, and when nothing can be made.
    """
    maker = resolve_callable(config, setting, name)
    try:
        made = maker(*arguments)
    except ConfigurationError:
        raise
    except Exception as error:
        raise ConfigurationError(
            f"Setting {setting}: {name!r} cannot be used ({type(error).__name__}), expected {expected}."
        ) from error
    check_made(setting, name, made, expected=expected, methods=methods)
    return made


def check_made(setting: str, name: Any, made: Any, *, expected: str, methods: Iterable[str]) -> None:
    """Raise ``ConfigurationError`` for an object without one of the methods."""
    missing = [method for method in methods if not callable(getattr(made, method, None))]
    if missing:
        # Its class only: it may hold the settings, and their secrets.
        given = f"gives {type(made).__name__} without {', '.join(missing)}"
        raise ConfigurationError(f"Setting {setting}: {name!r} {given}, expected {expected}.")


def _cause(error: Exception) -> str:
    # What a lookup says is about our machinery.
    return "is no dotted name" if isinstance(error, LookupError) else f"cannot be imported ({error})"


def _is_part_of(dotted: str, module: str | None) -> bool:
    return f"{dotted.replace(':', '.')}.".startswith(f"{module}.")
