"""The permission backends by name, and a call on two of them at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from cliquet_like.permission import PermissionBase
from cliquet_like.permission.exceptions import PermissionsChangedError
from tests import servers
from tests.contracts.agreement.comparison import difference

OTHERS: Final = ("sqlite", "postgresql", "redis")
"""All but memory, which is what they are compared with."""


@contextmanager
def opened(name: str, directory: Path) -> Iterator[PermissionBase]:
    """Empty backend; files go into the directory. Skips where there is no server."""
    with _url_of(name, directory) as url:
        settings = {"permission_url": url}
        config = SimpleNamespace(get_settings=lambda: settings, registry=SimpleNamespace())
        backend: PermissionBase = import_module(f"cliquet_like.permission.{name}").load_from_config(config)
        backend.initialize_schema()
        try:
            yield backend
        finally:
            for client in getattr(config.registry, "database_clients", {}).values():
                client.close()


@contextmanager
def _url_of(name: str, directory: Path) -> Iterator[str]:
    if name == "postgresql":
        with servers.new_database() as url:
            yield url
    elif name == "redis":
        yield servers.empty_redis()
    else:
        yield f"sqlite:///{directory}/permissions.db"


def outcome(backend: PermissionBase, method: str, *args: Any, **kwargs: Any) -> Any:
    """What the call returned, or the promised error it raised with what it carries."""
    try:
        return getattr(backend, method)(*args, **kwargs)
    except PermissionsChangedError as error:
        return "PermissionsChangedError", error.current
    except ValueError as error:
        return "ValueError", str(error)


class PermissionPair:
    """The memory backend and another one, which are asked the same."""

    def __init__(self, reference: PermissionBase, other: PermissionBase) -> None:
        self.reference = reference
        self.other = other
        self.seen: dict[str, int] = {}

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Outcome of a call on both. Raises ``AssertionError`` with the difference, if there is one."""
        wanted = outcome(self.reference, method, *args, **kwargs)
        found = outcome(self.other, method, *args, **kwargs)
        if type(wanted) is not type(found) or wanted != found:
            shown = [*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())]
            raise AssertionError(difference(f"{method}({', '.join(shown)})", wanted, found))
        kind = wanted[0] if isinstance(wanted, tuple) else f"{method}: {'something' if wanted else 'nothing'}"
        self.seen[kind] = self.seen.get(kind, 0) + 1
        return wanted
