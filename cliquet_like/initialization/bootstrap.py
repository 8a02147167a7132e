"""Start-up: an application's settings, the library's steps, plugins, views."""

import re
import warnings
from collections.abc import Mapping
from typing import Any, Final

from pyramid.events import ApplicationCreated
from pyramid.exceptions import ConfigurationError
from pyramid.settings import aslist

from cliquet_like.initialization.dotted import resolve_callable, resolve_dotted
from cliquet_like.initialization.listening import setup_listening
from cliquet_like.initialization.schema_check import setup_schema_check
from cliquet_like.initialization.transactions import setup_transactions
from cliquet_like.initialization.transport import setup_transport
from cliquet_like.listeners.predicates import add_predicates
from cliquet_like.service import setup_services
from cliquet_like.settings.mistakes import warn_of_mistakes
from cliquet_like.settings.resolution import (
    check_settings,
    load_default_settings,
    project_name_of,
    strip_prefix,
)
from cliquet_like.settings.table import DEFAULT_SETTINGS
from cliquet_like.web.extensions import extend_requests
from cliquet_like.web.routes import setup_routes
from cliquet_like.web.routing import current_resource_name, current_service
from cliquet_like.web.subrequests import follow_subrequest

# What settings become in the registry, and by which step.
_MADE_OF: Final = {
    "sentry_dsn": ("error_reports", "cliquet_like.initialization.setup_sentry"),
    "statsd_url": ("statsd", "cliquet_like.initialization.setup_statsd"),
}
# The URLs carry what is before the first dot.
_NUMBERED: Final = re.compile(r"[0-9]+(?:\.|\Z)", re.ASCII)


def initialize(
    config: Any,
    version: str | None = None,
    project_name: str = "",
    default_settings: Mapping[str, Any] | None = None,
) -> None:
    """Set the library up on a Pyramid configurator, below the route prefix of the version.

    Raises ``ConfigurationError`` when neither the settings nor the argument give a version
    that starts with a number.
    ``default_settings`` give way to the application's settings, and override ours.
    """
    settings = config.get_settings()
    prefixed = [name for key in settings if (name := strip_prefix(key)) != key]
    own_defaults = default_settings or {}
    name = project_name_of(settings) or project_name_of(own_defaults) or project_name
    if not name:
        warnings.warn("No value specified for `project_name`")  # noqa: B028 - one positional message
    settings.pop("cliquet_like.project_name", None)
    settings["project_name"] = name
    load_default_settings(config, own_defaults)
    load_default_settings(config, DEFAULT_SETTINGS)
    _set_versions(settings, version)
    route_prefix = f"v{settings['http_api_version'].split('.')[0]}"
    config.include(includeme, route_prefix=route_prefix)
    config.route_prefix = config.registry.route_prefix
    warn_of_mistakes(prefixed, settings, config.registry.known_settings)


def _set_versions(settings: Any, version: str | None) -> None:
    given = {
        "Setting http_api_version": settings.get("http_api_version"),
        "Setting project_version": settings["project_version"],
        "Argument version": version,
    }
    version = settings["project_version"] or version
    if not version:
        raise ConfigurationError("No version: set `project_version`, or pass `version` to initialize.")
    settings["project_version"] = str(version)
    api_version = settings.get("http_api_version") or ".".join(str(version).split(".")[:2])
    if not _NUMBERED.match(str(api_version)):
        named, written = next((name, value) for name, value in given.items() if value)
        raise ConfigurationError(f"{named}: {written!r} is no version, expected a number first, as in 1.0.")
    settings["http_api_version"] = str(api_version)


def includeme(config: Any) -> None:
    """Include the library as it is set; :func:`initialize` does it with a version in the URLs."""
    load_default_settings(config, DEFAULT_SETTINGS)
    settings = config.get_settings()
    check_settings(settings)
    _prepare_registry(config)
    # Exceptions are answered by our own views.
    settings["handle_exceptions"] = False
    setup_routes(config)
    setup_services(config)
    config.add_directive("add_api_capability", add_api_capability)
    add_predicates(config)
    setup_transactions(config)
    setup_transport(config)
    for step in aslist(settings["initialization_sequence"]):
        resolve_callable(config, "initialization_sequence", step)(config)
    config.add_request_method(current_service, property=True)
    config.add_request_method(current_resource_name, property=True)
    config.add_request_method(follow_subrequest)
    config.add_request_method(_matchdict, name="match_dict", property=True)
    setup_schema_check(config)
    config.add_subscriber(_warn_of_missing_steps, ApplicationCreated)
    config.add_subscriber(_extend_requests, ApplicationCreated)
    setup_listening(config)
    config.commit()
    for plugin in aslist(settings["includes"]):
        config.include(resolve_dotted(config, "includes", plugin))
    config.scan("cliquet_like.views")


def _warn_of_missing_steps(event: Any) -> None:
    """Warn of a setting that nothing has made use of; an application's own step may have."""
    registry = event.app.registry
    for name, (attribute, step) in _MADE_OF.items():
        if registry.settings.get(name) and getattr(registry, attribute, None) is None:
            warnings.warn(
                f"Setting {name} has no effect: initialization_sequence is without {step}.", stacklevel=2
            )


def _extend_requests(event: Any) -> None:
    extend_requests(event.app)


def _matchdict(request: Any) -> Any:
    """Other spelling of ``matchdict``, which Cliquet was presented with."""
    return request.matchdict


def _prepare_registry(config: Any) -> None:
    registry = config.registry
    registry.route_prefix = config.route_prefix
    registry.heartbeats = {}
    registry.statsd = None
    registry.public_settings = {"batch_max_requests", "readonly"}
    registry.api_capabilities = {}


def add_api_capability(config: Any, identifier: str, description: str = "", url: str = "", **kw: Any) -> None:
    """Directive: tell clients, in the hello view, what the service can do beyond the protocol.

    Raises ``ValueError`` when the identifier is taken.
    """
    capabilities = config.registry.api_capabilities
    if identifier in capabilities:
        raise ValueError(f"The capability {identifier!r} is registered already.")
    capabilities[identifier] = {"description": description, "url": url, **kw}


def setup_request_bound_data(config: Any) -> None:
    """Step: ``request.bound_data``, a dict that a request shares with its subrequests."""
    config.add_request_method(_bound_data, name="bound_data", reify=True)


def _bound_data(request: Any) -> dict[str, Any]:
    parent = getattr(request, "parent", None)
    shared: dict[str, Any] = {} if parent is None else parent.bound_data
    return shared
