"""Registration: from a resource class to its two services in an application."""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import venusian
from cornice.service import SERVICES
from pyramid.exceptions import ConfigurationError
from pyramid.httpexceptions import HTTPException, HTTPNotModified
from pyramid.response import Response

from cliquet_like.authorization.names import CREATE
from cliquet_like.resource.schema import ResourceSchema
from cliquet_like.resource.shareable import ShareableResource
from cliquet_like.resource.unread import body_of
from cliquet_like.resource.viewset import ViewSet
from cliquet_like.service import Service
from cliquet_like.settings.resolution import read_named_settings
from cliquet_like.storage.indexes import DeclaredIndex, InvalidIndex, is_indexable, parse_indexed_fields
from cliquet_like.web.responses import json_response

ResourceClass = TypeVar("ResourceClass", bound=type)

_ENCLOSING: Final = frozenset({"decorator", "mapper", "wrapper"})
"""Arguments of views that Pyramid takes for something of the application around the view."""


def register(depth: int = 1, **viewset_attributes: Any) -> Callable[[ResourceClass], ResourceClass]:
    """Class decorator: the resource is in the application as soon as ``config.scan`` finds it.

    Keyword arguments are attributes of its view set (``collection_path``, ``record_methods``...).
    """

    def decorate(resource_cls: ResourceClass) -> ResourceClass:
        register_resource(resource_cls, depth=depth + 1, **viewset_attributes)
        return resource_cls

    return decorate


def register_resource(
    resource_cls: type,
    settings: dict[str, Any] | None = None,
    viewset: ViewSet | None = None,
    depth: int = 1,
    **viewset_attributes: Any,
) -> Callable[..., None]:
    """Attach the registration of a resource to its class, for ``config.scan``; also returns it.

    ``settings`` replace those of the application when endpoints are enabled; ``depth`` is the
    number of frames between the caller and us. At the scan, ``ConfigurationError`` is raised
    when the application has no storage.
    """
    if viewset is None:
        viewset = resource_cls.default_viewset(**viewset_attributes)  # type: ignore[attr-defined]
    else:
        viewset.update(**viewset_attributes)
    chosen = viewset

    def callback(context: Any, name: str, ob: Any) -> None:
        config = context.config.with_package(info.module)
        _declare_indexes(config.registry, resource_cls)
        try:
            _add_services(config, resource_cls, chosen, settings)
        except (KeyError, ValueError) as error:
            # Venusian would swallow a ValueError, and the service would start without the resource.
            hint = "a URL variable of a path is written {{id}}"
            raise ConfigurationError(
                f"{resource_cls.__name__} cannot be registered: {error!r} ({hint})"
            ) from error

    info = venusian.attach(resource_cls, callback, category="pyramid", depth=depth)
    return callback


def _add_services(config: Any, resource_cls: type, viewset: ViewSet, settings: dict[str, Any] | None) -> None:
    for kind in ("storage", "permission") if issubclass(resource_cls, ShareableResource) else ("storage",):
        if not hasattr(config.registry, kind):
            name = resource_cls.__name__
            raise ConfigurationError(f"The {kind} backend is missing: set {kind}_backend to register {name}")
    if settings is None:
        settings = config.registry.settings
        read_named_settings(config, _names_of_settings(resource_cls, viewset))
    for endpoint_type in ("collection", "record"):
        service = _make_service(endpoint_type, resource_cls, viewset)
        _add_views(service, settings)
        config.add_cornice_service(service)


def _declare_indexes(registry: Any, resource_cls: type) -> None:
    """Add the indexes of a resource's schema to ``registry.indexed_fields``, by collection id.

    Each write looks for owners of its unique fields, which are therefore indexed too.
    """
    mapping = getattr(resource_cls, "mapping", None)
    option = getattr(mapping, "get_option", ResourceSchema.get_option)
    collection_id = resource_cls.__name__.lower()
    try:
        indexes = parse_indexed_fields(collection_id, option("indexed_fields"))
    except InvalidIndex as error:
        raise ConfigurationError(f"{resource_cls.__name__} cannot be registered: {error}") from error
    indexes += [
        DeclaredIndex(collection_id, (field,)) for field in filter(is_indexable, option("unique_fields"))
    ]
    known = vars(registry).setdefault("indexed_fields", {}).setdefault(collection_id, [])
    known.extend(index for index in indexes if index not in known)


def _names_of_settings(resource_cls: type, viewset: ViewSet) -> Iterator[str]:
    """Settings of this resource, which the environment may name as it may the others."""
    name = viewset.get_name(resource_cls)
    yield f"{name}_cache_expires_seconds"
    if permissions := getattr(resource_cls, "permissions", ()):
        yield from (f"{name}_{permission}_principals" for permission in (CREATE, *permissions))
    for endpoint_type in ("collection", "record"):
        for method in getattr(viewset, f"{endpoint_type}_methods"):
            yield f"{endpoint_type}_{name}_{method.lower()}_enabled"


def _make_service(endpoint_type: str, resource_cls: type, viewset: ViewSet) -> Service:
    resource_name = viewset.get_name(resource_cls)
    paths = {
        "collection": viewset.collection_path.format(resource_name=resource_name),
        "record": viewset.record_path.format(resource_name=resource_name),
    }
    arguments = viewset.get_service_arguments()
    if "description" in arguments:
        arguments["description"] = arguments["description"].format(resource_name=resource_name)
    name = viewset.get_service_name(endpoint_type, resource_cls)
    service = Service(name, paths[endpoint_type], depth=0, **arguments)
    # It belongs to one application: Cornice's list of the process would keep it for ever.
    SERVICES.remove(service)
    service.viewset = viewset
    service.resource = resource_cls
    service.type = endpoint_type
    service.collection_path = paths["collection"]
    service.record_path = paths["record"]
    return service


def _add_views(service: Any, settings: dict[str, Any]) -> None:
    viewset, resource_cls, endpoint_type = service.viewset, service.resource, service.type
    resource_name = viewset.get_name(resource_cls)
    for method in getattr(viewset, f"{endpoint_type}_methods"):
        if not viewset.is_endpoint_enabled(endpoint_type, resource_name, method, settings):
            continue
        arguments = viewset.get_view_arguments(endpoint_type, resource_cls, method)
        is_enclosed = not _ENCLOSING.isdisjoint({**service.arguments, **arguments})
        route_name = None if is_enclosed else service.pyramid_route or service.name
        view = _make_view(resource_cls, viewset.get_view(endpoint_type, method), route_name)
        service.add_view(method, view, **arguments)


def _make_view(resource_cls: type, name: str, route_name: str | None) -> Callable[[Any], Response]:
    """View that answers with the bytes of what the resource's method returns.

    ``route_name`` is that of the route whose requests end with it, None for none.
    """

    def view(request: Any) -> Response:
        try:
            body = body_of(resource_cls(request, context=request.context), name, route_name=route_name)
        except HTTPException as answer:
            # Where nothing has asked for the response of the request, nothing is in it.
            if "response" in vars(request) and (alert := request.response.headers.get("Alert")):
                answer.headers.setdefault("Alert", alert)
            if isinstance(answer, HTTPNotModified):
                # An answer like any other, and a frequent one: an exception would be raised again.
                return Response(status=answer.status, headerlist=answer.headerlist, app_iter=())
            raise
        return json_response(request, body)

    view.__name__ = view.__qualname__ = f"{resource_cls.__name__}.{name}"
    return view
