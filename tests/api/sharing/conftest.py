"""Applications whose records are shared, on every backend, with nothing in them when a test begins."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from webtest import TestApp

from cliquet_like.testing.app import sign_in
from tests.contracts import backends
from tests.sharing import EVERYBODY_CREATES, emptied, sharing_app


@pytest.fixture(scope="module")
def service_settings() -> Mapping[str, Any]:
    """Settings of the application beside those of its backends; for modules to replace."""
    return {}


@pytest.fixture(scope="module", params=backends.SERVERS_ONCE)
def service(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    service_settings: Mapping[str, Any],
) -> Iterator[TestApp]:
    """The application of a module; tests ask for ``app``."""
    with sharing_app(request.param, tmp_path_factory.mktemp("records"), **service_settings) as app:
        yield app


@pytest.fixture
def granted() -> Mapping[str, str]:
    """Settings of permissions while a test runs; for modules to replace."""
    return EVERYBODY_CREATES


@pytest.fixture
def app(service: TestApp, granted: Mapping[str, str]) -> Iterator[TestApp]:
    """Client, signed in as Ada."""
    with emptied(service, granted) as app:
        yield app


@pytest.fixture
def bob(app: TestApp) -> TestApp:
    """Client of the same application, signed in as Bob."""
    return sign_in(app, "bob")
