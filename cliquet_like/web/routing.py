"""Which service, and which resource, a request was routed to."""

from typing import Any


def current_service(request: Any) -> Any:
    """Cornice service of the request, or None when its URL belongs to none, or is not matched yet."""
    route = request.matched_route
    services = getattr(request.registry, "cornice_services", None)
    if route is None or not services:
        return None
    return services.get(route.pattern) or services.get(f"__cornice{route.name}")


def current_resource_name(request: Any) -> str | None:
    """Name of the resource that the request is about, or None when its URL belongs to none."""
    service = current_service(request)
    viewset = getattr(service, "viewset", None)
    if viewset is None:
        return None
    name: str = viewset.get_name(service.resource)
    return name
