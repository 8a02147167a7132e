"""Retired names of resources."""

from cliquet_like.kernel.deprecation import DeprecatedMeta
from cliquet_like.resource.shareable import ShareableResource


class ProtectedResource(ShareableResource, metaclass=DeprecatedMeta):
    """Retired name of ShareableResource."""

    __deprecation_warning__ = (
        "ProtectedResource is deprecated, use ShareableResource instead. It will be removed in version 1.0."
    )
