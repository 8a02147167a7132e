"""A stand-in for the OAuth server, and an application that trusts it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from webtest import TestApp

from cliquet_like_fxa.testing import OAuthServer
from tests.fxa.signing import another_browser, app_for


@pytest.fixture(scope="module")
def shared_server() -> Iterator[OAuthServer]:
    """One for a module: its key takes a while to make."""
    with OAuthServer() as running:
        yield running


@pytest.fixture
def server(shared_server: OAuthServer) -> OAuthServer:
    """The server, which nobody has asked anything yet."""
    shared_server.calls.clear()
    shared_server.token_kind = "opaque"
    return shared_server


@pytest.fixture(scope="module")
def built() -> dict[frozenset[tuple[str, Any]], TestApp]:
    """Applications of a module by their settings: most of the time of a test would go into making one."""
    return {}


@pytest.fixture
def app_with(server: OAuthServer, built: dict[frozenset[tuple[str, Any]], TestApp]) -> Callable[..., TestApp]:
    """What ``app_for`` makes for the server, in which nobody has been before this test."""

    def app_with(**others: Any) -> TestApp:
        settings = frozenset(others.items())
        if settings not in built:
            built[settings] = app_for(server, **others)
        registry = built[settings].app.registry
        for backend in (registry.storage, registry.cache, registry.permission):
            backend.flush()
        return another_browser(built[settings])

    return app_with
