"""Applications and clients for tests: of this library, and of those who build on it."""

import base64
from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator
from webtest import TestApp

from cliquet_like.initialization.bootstrap import initialize

MEMORY_SETTINGS: Mapping[str, Any] = {
    "storage_backend": "cliquet_like.storage.memory",
    "cache_backend": "cliquet_like.cache.memory",
    "permission_backend": "cliquet_like.permission.memory",
    "userid_hmac_secret": "for tests",
    "project_name": "testapp",
}


def make_wsgi_app(*scanned: Any, version: str = "1.0", settings: Mapping[str, Any] | None = None) -> Any:
    """Application on the memory backends, with the resources and views of the ``scanned`` modules.

    A module is given as itself or by its dotted name. ``settings`` are added to
    :data:`MEMORY_SETTINGS`, or replace them.
    """
    config = Configurator(settings={**MEMORY_SETTINGS, **(settings or {})})
    initialize(config, version=version)
    for module in scanned:
        config.scan(module)
    return config.make_wsgi_app()


def make_client(*scanned: Any, user: str | None = "ada", **settings: Any) -> TestApp:
    """WebTest client of such an application, signed in as ``user`` (None: nobody)."""
    client = TestApp(make_wsgi_app(*scanned, settings=settings))
    client.extra_environ["HTTP_HOST"] = "localhost"
    return sign_in(client, user)


def sign_in(client: TestApp, user: str | None) -> TestApp:
    """Client of the same application for another user."""
    twin = TestApp(client.app, extra_environ=dict(client.extra_environ))
    if user is None:
        twin.extra_environ.pop("HTTP_AUTHORIZATION", None)
    else:
        twin.extra_environ["HTTP_AUTHORIZATION"] = basic_auth(user)
    return twin


def basic_auth(user: str, password: str = "secret") -> str:
    """Value of an ``Authorization`` header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
