"""Facade of start-up: what applications call, and each step that settings name."""

from cliquet_like.initialization.backends import setup_cache, setup_permission, setup_storage
from cliquet_like.initialization.bootstrap import (
    includeme,
    initialize,
    setup_request_bound_data,
)
from cliquet_like.initialization.error_reports import setup_sentry
from cliquet_like.initialization.identity import setup_authentication
from cliquet_like.initialization.metrics import setup_statsd
from cliquet_like.initialization.middlewares import install_middlewares
from cliquet_like.initialization.request_log import setup_logging
from cliquet_like.initialization.serialization import setup_json_serializer
from cliquet_like.initialization.subscribers import setup_listeners
from cliquet_like.initialization.sunset import setup_deprecation
from cliquet_like.initialization.transport import (
    setup_backoff,
    setup_requests_scheme,
    setup_vary_headers,
    setup_version_redirection,
)
from cliquet_like.settings.resolution import load_default_settings

__all__ = [
    "includeme",
    "initialize",
    "install_middlewares",
    "load_default_settings",
    "setup_authentication",
    "setup_backoff",
    "setup_cache",
    "setup_deprecation",
    "setup_json_serializer",
    "setup_listeners",
    "setup_logging",
    "setup_permission",
    "setup_request_bound_data",
    "setup_requests_scheme",
    "setup_sentry",
    "setup_statsd",
    "setup_storage",
    "setup_vary_headers",
    "setup_version_redirection",
]
