"""Lists that leave as the texts which the storage keeps, where nothing but the codec looks at them."""

from typing import Any, Final

from cliquet_like.resource.collection import CollectionEndpoints
from cliquet_like.resource.core import ResourceCore
from cliquet_like.resource.shareable import ShareableResource

_BLIND: Final = (ResourceCore.postprocess, ShareableResource.postprocess)
"""Methods that do not look into a list."""


def body_of(resource: Any, name: str) -> Any:
    """What an endpoint of a resource answers, by its name.

    A list is not read for it, unless the class or the object has an endpoint or a ``postprocess``
    of its own.
    """
    endpoint = getattr(resource, name)
    if (
        getattr(endpoint, "__func__", None) is CollectionEndpoints.collection_get
        and getattr(resource.postprocess, "__func__", None) in _BLIND
    ):
        return resource.collection_get_unread()
    return endpoint()
