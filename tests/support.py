"""Applications for tests: the library on memory backends, with what a test adds."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED
from webtest import TestApp

import cliquet_like
from cliquet_like import Service

ALICE = {"Authorization": "Basic YWxpY2U6c2VjcmV0"}  # alice:secret

SETTINGS = {
    "storage_backend": "cliquet_like.storage.memory",
    "cache_backend": "cliquet_like.cache.memory",
    "userid_hmac_secret": "a secret of the tests",
}


def application(
    settings: Mapping[str, Any] | None = None,
    *,
    services: Iterable[Service] = (),
    setup: Callable[[Configurator], None] | None = None,
    lint: bool = True,
) -> TestApp:
    """Application of version 1 named ``shelf``; ``setup`` gets the configurator after ``initialize``."""
    config = Configurator(settings={**SETTINGS, **(settings or {})})
    cliquet_like.initialize(config, version="1.0.3", project_name="shelf")
    for service in services:
        config.add_cornice_service(service)
    if setup is not None:
        setup(config)
    return TestApp(config.make_wsgi_app(), lint=lint)


def open_service(view: Callable[[Any], Any], *, path: str = "/thing", **arguments: Any) -> Service:
    """Service with one GET view that everybody may call."""
    service = Service(name=path.strip("/"), path=path, **arguments)
    service.add_view("GET", view, permission=NO_PERMISSION_REQUIRED)
    return service


def raising(exception: BaseException) -> Service:
    """Service whose GET view raises."""

    def view(request: Any) -> Any:
        raise exception

    return open_service(view)
