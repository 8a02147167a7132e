"""The bookmarks of the example for those who sign in with Firefox Accounts, with a page to use them."""

from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import FileResponse
from pyramid.security import NO_PERMISSION_REQUIRED

import cliquet_like

HERE = Path(__file__).parent
PAGES = {"/": "page.html", "/page.css": "page.css", "/page.js": "page.js"}

# The library allows a page nothing at all; this one may run its own script, which may ask its own server.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def main(global_config: dict[str, Any], **settings: Any) -> Any:
    """WSGI application from the ``[app:main]`` section of an ``.ini`` file (see ``fxa.ini``)."""
    config = Configurator(settings=settings)
    # First: what comes after `initialize` is below the version.
    _add_page(config)
    cliquet_like.initialize(config, version="1.0", project_name="bookmarks")
    config.scan("example.bookmarks")
    return cliquet_like.install_middlewares(config.make_wsgi_app())


def _add_page(config: Configurator) -> None:
    for path, name in PAGES.items():
        config.add_route(name, path, request_method="GET")
        config.add_view(_show, route_name=name, permission=NO_PERMISSION_REQUIRED)


def _show(request: Request) -> FileResponse:
    response = FileResponse(HERE / request.matched_route.name, request=request)
    response.headers["Content-Security-Policy"] = _CONTENT_SECURITY_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.cache_control = "no-cache"
    return response
