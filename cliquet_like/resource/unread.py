"""Which view of a resource may call a quicker method: nothing looks at what it answers but the codec."""

from typing import Any, Final

from cliquet_like.resource.collection import CollectionEndpoints
from cliquet_like.resource.core import ResourceCore
from cliquet_like.resource.shareable import ShareableResource

_BLIND: Final = (ResourceCore.postprocess, ShareableResource.postprocess)
"""Methods that do not look into a list."""


def method_of_view(resource_cls: Any, name: str) -> str:
    """Name of the method that a view calls, of the one that the view set names.

    It is another one for lists of a class that overrides neither the endpoint nor ``postprocess``.
    """
    lists = getattr(resource_cls, name, None) is CollectionEndpoints.collection_get
    if lists and resource_cls.postprocess in _BLIND:
        return CollectionEndpoints._collection_get_unread.__name__
    return name
