"""Service: Cornice's class with our errors and CORS, and its registration in one application.

A service is defined once in a module and may be registered in several applications; what differs
between them (the CORS settings) is written on a copy that belongs to the application.
"""

import copy
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

from cornice import pyramidhook
from cornice import service as cornice_service
from cornice.cors import get_cors_preflight_view
from pyramid.exceptions import ConfigurationError
from pyramid.httpexceptions import HTTPException
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.settings import aslist

from cliquet_like.errors import json_error_handler
from cliquet_like.kernel.dicts import copy_lists
from cliquet_like.web.body import validate_body
from cliquet_like.web.cors import EXPOSED_HEADERS
from cliquet_like.web.responses import json_response

_JSON_RENDERER: Final = "cornicejson"


class Service(cornice_service.Service):
    """A Cornice service whose views may return a JSON-able value, and whose errors are ours."""

    renderer = _JSON_RENDERER
    default_cors_headers = EXPOSED_HEADERS

    def default_error_handler(self, request: Any) -> Any:
        """Answer ``request.errors`` as the protocol says."""
        return json_error_handler(request)

    def add_view(self, method: str, view: Any, **kwargs: Any) -> None:
        """Define a view; a function's result becomes a response without looking for a renderer.

        A name of a method of ``klass``, or a view with its own renderer, is left alone. A
        ``schema`` without validators is that of a JSON body.
        """
        if kwargs.get("schema") is not None and not (kwargs.get("validators") or self.validators):
            schema = kwargs["schema"]
            kwargs |= {
                "schema": schema() if isinstance(schema, type) else schema,
                "validators": validate_body,
            }
        if _is_function(view) and kwargs.get("renderer", self.renderer) == _JSON_RENDERER:
            view = _answering(view)
        super().add_view(method, view, **kwargs)

    def cors_supported_headers_for(self, method: str | None = None) -> list[str]:
        """Headers that pages of other origins may read, always in the same order."""
        return sorted(super().cors_supported_headers_for(method))


def _is_function(view: Any) -> bool:
    return inspect.isroutine(view) or isinstance(view, functools.partial)


def _answering(view: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(view)
    def answer(request: Any) -> Any:
        result = view(request)
        if isinstance(result, HTTPException):
            raise result
        if result is None or isinstance(result, Response) or request.response.status_code == 204:
            return result
        try:
            return json_response(request, result)
        except TypeError:
            # Objects with ``__json__`` or an adapter of the application: its renderer knows them.
            return result

    return answer


def register_service(config: Any, service: cornice_service.Service) -> None:
    """Directive ``config.add_cornice_service``: register this application's copy of a service."""
    try:
        pyramidhook.register_service_views(config, service_for(service, config.get_settings()))
    except ValueError as error:
        # Venusian would swallow it, and the application would start without the service.
        raise ConfigurationError(f"Service {service.name} cannot be registered: {error}") from error


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
        for _, _, arguments in twin.definitions:
            arguments["validators"].insert(0, _leave_origins_to_browsers)
        if twin.cors_enabled and "OPTIONS" not in twin.defined_methods:
            twin.add_view("OPTIONS", _options_view(twin), permission=NO_PERMISSION_REQUIRED)
    return twin


def _leave_origins_to_browsers(request: Any, **_: Any) -> None:
    """Validator that runs after Cornice's: only a preflight is refused for its origin.

    Without the CORS headers the browser keeps the answer from the page (Fetch, section 4.10), and
    a page of the service itself sends its origin too.
    """
    if request.errors:
        request.errors[:] = [error for error in request.errors if error["name"] != "Origin"]


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
