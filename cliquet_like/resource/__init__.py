"""Resources: REST endpoints over the records of a storage."""

from cliquet_like.resource.base import BaseResource, UserResource
from cliquet_like.resource.deprecated import ProtectedResource
from cliquet_like.resource.model import Model, ShareableModel
from cliquet_like.resource.registration import register, register_resource
from cliquet_like.resource.schema import ResourceSchema
from cliquet_like.resource.shareable import ShareableResource
from cliquet_like.resource.viewset import ShareableViewSet, ViewSet

__all__ = [
    "BaseResource",
    "Model",
    "ProtectedResource",
    "ResourceSchema",
    "ShareableModel",
    "ShareableResource",
    "ShareableViewSet",
    "UserResource",
    "ViewSet",
    "register",
    "register_resource",
]
