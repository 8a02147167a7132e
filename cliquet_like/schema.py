"""Facade: the schema classes, where Cliquet 2 had them."""

from cliquet_like.resource.schema import URL, PermissionsSchema, ResourceSchema, TimeStamp

__all__ = ["URL", "PermissionsSchema", "ResourceSchema", "TimeStamp"]
