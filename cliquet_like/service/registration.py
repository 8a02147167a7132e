"""Registration of a service in one application.

A service is defined once in a module and may be registered in several applications; what differs
between them (the CORS settings) is written on a copy that belongs to the application.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import cornice
from cornice import pyramidhook
from cornice import service as cornice_service
from cornice.cors import get_cors_preflight_view, get_cors_validator
from pyramid.events import NewRequest
from pyramid.exceptions import ConfigurationError
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.settings import asbool, aslist

from cliquet_like.kernel.dicts import copy_lists
from cliquet_like.service.definition import Service
from cliquet_like.service.requests import headers_without_origin, prepare_request
from cliquet_like.web.choosing import setup_choice


def setup_services(config: Any) -> None:
    """Include Cornice, and do what it does to each request in a cheaper way."""
    config.include(cornice)
    # In the place of Cornice's own: after the choice of a language, and before other subscribers.
    config.add_subscriber(prepare_request, NewRequest)
    config.action(None, _leave_out_cornices_subscriber, (config.registry,), order=1)
    config.add_directive("add_cornice_service", register_service)
    setup_choice(config)


def _leave_out_cornices_subscriber(registry: Any) -> None:
    for registered in list(registry.registeredHandlers()):
        if getattr(registered.factory, "__wrapped__", None) is pyramidhook.wrap_request:
            registry.unregisterHandler(registered.factory, registered.required)


def register_service(config: Any, service: cornice_service.Service) -> None:
    """Directive ``config.add_cornice_service``: register this application's copy of a service."""
    settings = config.get_settings()
    try:
        twin = service_for(service, settings)
        if isinstance(twin, Service):
            _register(config, twin)
            if not asbool(settings.get("cornice.always_cors")):
                twin.headers_without_origin = headers_without_origin(twin)
        else:
            pyramidhook.register_service_views(config, twin)
    except ValueError as error:
        # Venusian would swallow it, and the application would start without the service.
        raise ConfigurationError(f"Service {service.name} cannot be registered: {error}") from error


def _register(config: Any, service: Service) -> None:
    """Register a service whose views do not look for an origin: its answer does, when there is one.

    Cornice is given a copy without CORS, so that it puts no validator of its own before the views;
    ``cornice_services`` then has the service itself.
    Only a preflight is refused for its origin. Without the CORS headers the browser keeps the answer
    from the page (Fetch, section 4.10), and a page of the service itself sends its origin too.
    """
    unasked = copy.copy(service)
    unasked.cors_enabled = False
    pyramidhook.register_service_views(config, unasked)
    services = config.registry.cornice_services
    services.update({key: service for key, known in services.items() if known is unasked})


def service_for(service: cornice_service.Service, settings: Mapping[str, Any]) -> cornice_service.Service:
    """Copy of a service that shares no mutable state with it, with the application's CORS settings.

    Origins and age that the service itself declares win. A plain Cornice service gets none.
    """
    twin = copy.copy(service)
    twin.arguments = copy_lists(service.arguments)
    twin.definitions = [(method, view, copy_lists(args)) for method, view, args in service.definitions]
    twin.defined_methods = list(service.defined_methods)
    if isinstance(service, Service):
        twin.cors_origins = list(service.cors_origins or aslist(settings.get("cors_origins") or ""))
        if getattr(service, "cors_max_age", None) is None:
            twin.cors_max_age = _seconds(settings.get("cors_max_age_seconds"))
        if twin.cors_enabled and "OPTIONS" not in twin.defined_methods:
            twin.add_view("OPTIONS", _options_view(twin), permission=NO_PERMISSION_REQUIRED)
            twin.definitions[-1][2]["validators"].insert(0, get_cors_validator(twin))
    return twin


def _options_view(service: Service) -> Callable[[Any], Any]:
    """View of a preflight (Fetch, section 4.8), and of OPTIONS by itself (RFC 9110, section 9.3.7)."""
    preflight = get_cors_preflight_view(service)

    def options(request: Any) -> Any:
        if "Origin" not in request.headers or "Access-Control-Request-Method" not in request.headers:
            return Response(status=204, headerlist=[("Allow", ", ".join(service.defined_methods))])
        preflight(request)
        if request.errors:
            return None  # Cornice answers with them
        wanted = request.headers.get("Access-Control-Request-Headers", "").split(",")
        headers = {
            name: value
            for name, value in request.response.headers.items()
            if name.startswith("Access-Control-")
        }
        headers["Access-Control-Allow-Headers"] = ", ".join(filter(None, map(str.strip, wanted)))
        return Response(status=204, headerlist=list(headers.items()))

    return options


def _seconds(value: Any) -> int | None:
    return None if value in (None, "") else int(value)
