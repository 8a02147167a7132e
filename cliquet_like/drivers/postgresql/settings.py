"""Settings of a pool of connections."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pyramid.exceptions import ConfigurationError
from pyramid.path import DottedNameResolver
from pyramid.settings import asbool

NO_LIMIT: Final = -1


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """How many connections, for how long; ``NO_LIMIT`` where a limit is spoken of."""

    size: int = 25
    """Connections that are kept open, once they were needed."""
    max_overflow: int = 10
    """Connections beyond the size, closed after use; there may be no limit."""
    max_backlog: int = NO_LIMIT
    """Threads that may wait for a connection."""
    recycle_s: int = NO_LIMIT
    """Age at which a connection is replaced."""
    timeout_s: int = 5
    """How long a thread waits for a connection."""
    poolclass: Any = None
    """Subclass of SQLAlchemy's ``QueuePool`` or ``NullPool``; None for ours."""
    prepares: bool = True
    """Whether each connection lets the server parse and plan a statement only once."""


DEFAULT_POOL: Final = PoolSettings()


def read_pool_settings(settings: Mapping[str, Any], kind: str) -> PoolSettings:
    """Read ``<kind>_pool_size`` and its siblings; what is absent or empty has its default.

    Raises ``ConfigurationError``, which names the setting.
    """
    return PoolSettings(
        size=_whole(settings, f"{kind}_pool_size", default=DEFAULT_POOL.size, least=1),
        max_overflow=_whole(settings, f"{kind}_maxoverflow", default=DEFAULT_POOL.max_overflow),
        max_backlog=_whole(settings, f"{kind}_max_backlog", default=DEFAULT_POOL.max_backlog),
        recycle_s=_whole(settings, f"{kind}_pool_recycle", default=DEFAULT_POOL.recycle_s),
        timeout_s=_whole(settings, f"{kind}_pool_timeout", default=DEFAULT_POOL.timeout_s, least=0),
        poolclass=_poolclass(settings, f"{kind}_poolclass"),
        prepares=_flag(settings, f"{kind}_prepared_statements"),
    )


def _whole(settings: Mapping[str, Any], name: str, *, default: int, least: int = NO_LIMIT) -> int:
    value = settings.get(name)
    if value is None or value == "":
        return default
    try:
        number = int(str(value))
    except ValueError:
        number = least - 1
    if number < least:
        raise ConfigurationError(
            f"Setting {name}: {value!r} is no such value, expected a whole number of at least {least}."
        )
    return number


def _flag(settings: Mapping[str, Any], name: str) -> bool:
    value = settings.get(name)
    return DEFAULT_POOL.prepares if value is None or value == "" else asbool(value)


def _poolclass(settings: Mapping[str, Any], name: str) -> Any:
    value = settings.get(name) or None
    try:
        return DottedNameResolver().maybe_resolve(value)
    except (ImportError, ValueError, LookupError) as error:
        raise ConfigurationError(
            f"Setting {name}: {value!r} cannot be imported ({error}), "
            "expected the dotted name of a class, as in sqlalchemy.pool.QueuePool."
        ) from error
