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
"""Methods that do not call endpoints, whose writes would not be the last thing that is done."""


def body_of(resource: Any, name: str, *, route_name: str | None) -> Any:
    """What an endpoint of a resource answers, by its name.

    Unless the class or the object has an endpoint or a ``postprocess`` of its own, a list leaves as
    the texts which the storage keeps; without other hooks of its own, too, a write is the last thing
    that may fail in a request for the route. No name: something goes on after the view of the route.
    """
    endpoint = getattr(resource, name)
    own = getattr(endpoint, "__func__", None)
    if own is _LIST and _is_blind(resource):
        return resource.collection_get_unread()
    if own in _WRITING:
        route = resource.request.matched_route
        is_asked_first = route is not None and route.name == route_name
        resource.answers_unseen = is_asked_first and _is_blind(resource) and _has_no_hooks(resource)
    return endpoint()


def _is_blind(resource: Any) -> bool:
    return getattr(resource.postprocess, "__func__", None) in _BLIND


def _has_no_hooks(resource: Any) -> bool:
    hooks = (resource.process_record, resource.apply_changes)
    return tuple(getattr(hook, "__func__", None) for hook in hooks) == _HOOKS
