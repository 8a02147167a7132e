"""Clients of an application with the RESOURCES of a module, or with those of ``tests.resources``."""

from collections.abc import Callable
from typing import Any

import pytest
from webtest import TestApp

from cliquet_like.testing.app import make_client


@pytest.fixture
def make_app(request: pytest.FixtureRequest) -> Callable[..., TestApp]:
    """Maker of a client of a new application, with the settings of its keyword arguments."""
    resources = getattr(request.module, "RESOURCES", ("tests.resources",))

    def make(*scanned: str, **settings: Any) -> TestApp:
        return make_client(*resources, *scanned, **settings)

    return make


@pytest.fixture
def app(make_app: Callable[..., TestApp]) -> TestApp:
    """Client of a new application, signed in as Ada."""
    return make_app()
