"""ShareableViewSet: endpoints whose context decides who may do what, with permissions in their bodies."""

from collections.abc import Mapping
from typing import Any, ClassVar

import colander

from cliquet_like.authorization.context import RouteFactory
from cliquet_like.authorization.names import DYNAMIC
from cliquet_like.kernel.deprecation import DeprecatedMeta
from cliquet_like.resource.payload import with_permissions
from cliquet_like.resource.schema import PermissionsSchema
from cliquet_like.resource.viewset.base import Arguments, ViewSet


class ShareableViewSet(ViewSet):
    """A view set of a :class:`~cliquet_like.resource.ShareableResource`."""

    default_arguments: ClassVar[Mapping[str, Any]] = {**ViewSet.default_arguments, "permission": DYNAMIC}

    def get_record_schema(self, resource_cls: type, method: str) -> colander.MappingSchema:
        """Schema of the whole body that a method takes: the record's, and ``permissions``."""
        schema = super().get_record_schema(resource_cls, method)
        known = resource_cls.permissions  # type: ignore[attr-defined]
        permissions = PermissionsSchema(name="permissions", missing=colander.drop, permissions=known)
        return with_permissions(schema, permissions, suffices=method.upper() == "PATCH")

    def get_service_arguments(self) -> Arguments:
        """Arguments of both services, the factory of their context among them."""
        return {"factory": RouteFactory, **super().get_service_arguments()}


class ProtectedViewSet(ShareableViewSet, metaclass=DeprecatedMeta):
    """Retired name of ShareableViewSet."""

    __deprecation_warning__ = (
        "ProtectedViewSet is deprecated, use ShareableViewSet instead. It will be removed in version 1.0."
    )
