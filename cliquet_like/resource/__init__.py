"""Resources: REST endpoints over the records of a storage."""

from cliquet_like.resource.base import BaseResource, UserResource
from cliquet_like.resource.model import Model
from cliquet_like.resource.registration import register, register_resource
from cliquet_like.resource.schema import ResourceSchema
from cliquet_like.resource.viewset import ViewSet

__all__ = [
    "BaseResource",
    "Model",
    "ResourceSchema",
    "UserResource",
    "ViewSet",
    "register",
    "register_resource",
]
