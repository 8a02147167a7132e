"""Backends: from the name of a module in the settings to an object in the registry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pyramid.exceptions import ConfigurationError

from cliquet_like.cache.base import CacheBase
from cliquet_like.cache.heartbeat import heartbeat as cache_heartbeat
from cliquet_like.initialization.dotted import make, resolve_dotted
from cliquet_like.permission.base import PermissionBase
from cliquet_like.permission.heartbeat import heartbeat as permission_heartbeat
from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.heartbeat import heartbeat as storage_heartbeat


@dataclass(frozen=True)
class _Kind:
    name: str
    base: type
    heartbeat: Callable[..., Callable[[Any], bool]]


_GENERATOR: Final = "a class of generators, as in cliquet_like.storage.generators.UUID4"
_STORAGE: Final = _Kind("storage", StorageBase, storage_heartbeat)
_CACHE: Final = _Kind("cache", CacheBase, cache_heartbeat)
_PERMISSION: Final = _Kind("permission", PermissionBase, permission_heartbeat)


def setup_storage(config: Any) -> None:
    """Step: ``registry.storage`` of ``storage_backend``, and ``registry.id_generator``."""
    name = config.get_settings()["id_generator"]
    config.registry.id_generator = make(
        config, "id_generator", name, expected=_GENERATOR, methods=("__call__", "match")
    )
    _load(config, _STORAGE)


def setup_permission(config: Any) -> None:
    """Step: ``registry.permission`` of ``permission_backend``."""
    _load(config, _PERMISSION)


def setup_cache(config: Any) -> None:
    """Step: ``registry.cache`` of ``cache_backend``."""
    _load(config, _CACHE)


def _load(config: Any, kind: _Kind) -> None:
    """Make the backend of a kind and register its heartbeat; nothing happens when none is named."""
    setting = f"{kind.name}_backend"
    name = config.get_settings()[setting]
    if not name:
        return
    expected = f"a module of that kind, as in cliquet_like.{kind.name}.memory"
    module = resolve_dotted(config, setting, name, expected=expected)
    if not callable(getattr(module, "load_from_config", None)):
        raise ConfigurationError(
            f"Setting {setting}: {name!r} is no backend, it has no load_from_config, expected {expected}."
        )
    # Its own settings would be blamed if it were loaded.
    if _is_for_another(module, kind):
        raise ConfigurationError(
            f"Setting {setting}: {name!r} is no backend for {kind.name}, expected {expected}."
        )
    try:
        backend = module.load_from_config(config)
    except ImportError as error:
        raise ConfigurationError(
            f"Setting {setting}: the driver of {name!r} is missing ({error})."
        ) from error
    if not isinstance(backend, kind.base):
        raise ConfigurationError(
            f"Setting {setting}: {name!r} gave {type(backend).__name__}, expected a {kind.base.__name__}."
        )
    setattr(config.registry, kind.name, backend)
    config.registry.heartbeats[kind.name] = kind.heartbeat(backend)


def _is_for_another(module: Any, kind: _Kind) -> bool:
    """Whether the backend classes of a module are all of other kinds; False when it has none."""
    bases = tuple(other.base for other in (_STORAGE, _CACHE, _PERMISSION))
    classes = [found for found in vars(module).values() if isinstance(found, type)]
    backends = [found for found in classes if issubclass(found, bases) and found not in bases]
    return bool(backends) and not any(issubclass(found, kind.base) for found in backends)
