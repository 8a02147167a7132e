"""Warnings about retired names, each with its replacement and the version of its removal."""

import warnings
from typing import Any


def warn_deprecated(name: str, *, use: str, removed_in: str, stacklevel: int = 3) -> None:
    """Warn that ``name`` is retired; the caller of our caller is blamed."""
    message = f"{name} is deprecated, use {use} instead. It will be removed in version {removed_in}."
    warnings.warn(message, DeprecationWarning, stacklevel=stacklevel)


class DeprecatedMeta(type):
    """Metaclass of a retired class: warns when it is subclassed or instantiated.

    The class says what replaces it in ``__deprecation_warning__``.
    """

    def __init__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> None:
        """Warn when the class has a retired class among its bases."""
        super().__init__(name, bases, attrs)
        if any(isinstance(base, DeprecatedMeta) for base in bases):
            cls._warn()

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Warn, then make the instance."""
        cls._warn()
        return super().__call__(*args, **kwargs)

    def _warn(cls) -> None:
        message = getattr(cls, "__deprecation_warning__", f"{cls.__name__} is deprecated.")
        warnings.warn(message, DeprecationWarning, stacklevel=3)
