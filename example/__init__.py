"""A bookmarks service: the smallest application that shows what the library does."""

from typing import Any

from pyramid.config import Configurator

import cliquet_like


def main(global_config: dict[str, Any], **settings: Any) -> Any:
    """WSGI application from the ``[app:main]`` section of an ``.ini`` file (see ``example.ini``)."""
    config = Configurator(settings=settings)
    cliquet_like.initialize(config, version="1.0", project_name="bookmarks")
    config.scan("example.bookmarks")
    config.scan("example.scores")
    return cliquet_like.install_middlewares(config.make_wsgi_app())
