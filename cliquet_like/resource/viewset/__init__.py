"""View sets: which endpoints a resource has, and with which arguments."""

from cliquet_like.resource.viewset.base import ViewSet

__all__ = ["ViewSet"]
