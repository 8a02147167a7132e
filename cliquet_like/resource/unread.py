"""Answers that nothing of the application looks at: there are shorter ways to them."""

from typing import Any, Final

from cliquet_like.resource.collection import CollectionEndpoints
from cliquet_like.resource.core import ResourceCore
from cliquet_like.resource.record import RecordEndpoints
from cliquet_like.resource.shareable import ShareableResource

_LIST: Final = CollectionEndpoints.collection_get
_WRITING: Final = (
    CollectionEndpoints.collection_post,
    CollectionEndpoints.collection_delete,
    RecordEndpoints.put,
    RecordEndpoints.patch,
    RecordEndpoints.delete,
)
_BLIND: Final = (ResourceCore.postprocess, ShareableResource.postprocess)
"""Methods that do not look into a list, nor refuse what was written."""
_HOOKS: Final = (ResourceCore.process_record, ResourceCore.apply_changes)
"""Methods that call no endpoint, whose writes would not be the last thing that is done."""


def body_of(resource: Any, name: str, *, route_name: str | None) -> Any:
    """What an endpoint of a resource answers, by its name.

    A list leaves as the texts which the storage keeps, unless the class or the object has the
    endpoint or a ``postprocess`` of its own. A write is the last thing of the request that may fail,
    unless it has other hooks of its own, too, or something goes on after the view.

    ``route_name`` is that of the route whose requests end with the view; None: none do.
    """
    endpoint = getattr(resource, name)
    own = getattr(endpoint, "__func__", None)
    if own is _LIST and _is_blind(resource):
        return resource.collection_get_unread()
    if own in _WRITING:
        resource.writes_last = _is_of_route(resource.request, route_name) and _calls_nothing(resource)
    return endpoint()


def _is_of_route(request: Any, name: str | None) -> bool:
    route = request.matched_route
    return route is not None and route.name == name


def _is_blind(resource: Any) -> bool:
    return getattr(resource.postprocess, "__func__", None) in _BLIND


def _calls_nothing(resource: Any) -> bool:
    """Whether an endpoint calls no method of the application once it has begun."""
    hooks = (resource.process_record, resource.apply_changes)
    return _is_blind(resource) and tuple(getattr(hook, "__func__", None) for hook in hooks) == _HOOKS
