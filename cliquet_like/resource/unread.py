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


def body_of(resource: Any, name: str) -> Any:
    """What an endpoint of a resource answers, by its name.

    Unless the class or the object has an endpoint or a ``postprocess`` of its own, a list leaves as
    the texts which the storage keeps, and a write is the last thing that may fail.
    """
    endpoint = getattr(resource, name)
    own = getattr(endpoint, "__func__", None)
    if own is _LIST and _is_blind(resource):
        return resource.collection_get_unread()
    if own in _WRITING:
        resource.answers_unseen = _is_blind(resource)
    return endpoint()


def _is_blind(resource: Any) -> bool:
    return getattr(resource.postprocess, "__func__", None) in _BLIND
