"""View sets: which endpoints a resource has, and with which arguments."""

from cliquet_like.resource.viewset.base import ViewSet
from cliquet_like.resource.viewset.shareable import ProtectedViewSet, ShareableViewSet

__all__ = ["ProtectedViewSet", "ShareableViewSet", "ViewSet"]
