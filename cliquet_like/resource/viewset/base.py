"""ViewSet: names, paths, methods and view arguments of a resource's two endpoints."""

from collections.abc import Mapping
from typing import Any, ClassVar

import colander
from pyramid.settings import asbool

from cliquet_like.authorization.names import PRIVATE
from cliquet_like.kernel.dicts import copy_lists
from cliquet_like.resource.payload import changes_schema, payload_schema, validate_payload

Arguments = dict[str, Any]

_JSON = {"content_type": ["application/json"]}
MERGE_PATCH = "application/merge-patch+json"
"""Media type of a JSON Merge Patch (RFC 7396)."""

_RECORD_HEADERS = ("Last-Modified", "ETag", "Cache-Control", "Expires", "Pragma")


class ViewSet:
    """Endpoints of a resource; keyword arguments of the constructor replace the attributes.

    Paths and ``service_name`` are ``str.format`` patterns of ``resource_name`` (and
    ``endpoint_type``); a URL variable is written ``{{id}}``.
    """

    service_name: str = "{resource_name}-{endpoint_type}"
    collection_path: str = "/{resource_name}s"
    record_path: str = "/{resource_name}s/{{id}}"

    collection_methods: tuple[str, ...] = ("GET", "POST", "DELETE")
    record_methods: tuple[str, ...] = ("GET", "PUT", "PATCH", "DELETE")
    validate_schema_for: tuple[str, ...] = ("POST", "PUT", "PATCH")
    readonly_methods: tuple[str, ...] = ("GET", "OPTIONS", "HEAD")

    service_arguments: ClassVar[Mapping[str, Any]] = {
        "description": "Collection of {resource_name}",
    }
    default_arguments: ClassVar[Mapping[str, Any]] = {
        "permission": PRIVATE,
        "accept": ["application/json"],
    }
    default_post_arguments: ClassVar[Mapping[str, Any]] = _JSON
    default_put_arguments: ClassVar[Mapping[str, Any]] = _JSON
    default_patch_arguments: ClassVar[Mapping[str, Any]] = {
        "content_type": ["application/json", MERGE_PATCH],
    }
    default_collection_arguments: ClassVar[Mapping[str, Any]] = {}
    default_record_arguments: ClassVar[Mapping[str, Any]] = {}
    collection_get_arguments: ClassVar[Mapping[str, Any]] = {
        "cors_headers": ("Next-Page", "Total-Records", *_RECORD_HEADERS),
    }
    record_get_arguments: ClassVar[Mapping[str, Any]] = {"cors_headers": _RECORD_HEADERS}

    def __init__(self, **attributes: Any) -> None:
        """Set the attributes on this view set only."""
        self.update(**attributes)

    def update(self, **attributes: Any) -> None:
        """Replace attributes of this view set."""
        self.__dict__.update(attributes)

    def get_view_arguments(self, endpoint_type: str, resource_cls: type, method: str) -> Arguments:
        """Arguments of a view, the most specific ones winning; nothing of ours is shared.

        ``endpoint_type`` is ``collection`` or ``record``, ``method`` an HTTP method in any case.
        """
        verb = method.lower()
        arguments: Arguments = {}
        for name in (
            "default_arguments",
            f"default_{endpoint_type}_arguments",
            f"default_{verb}_arguments",
            f"{endpoint_type}_{verb}_arguments",
        ):
            arguments.update(copy_lists(getattr(self, name, {})))
        if verb.upper() in map(str.upper, self.validate_schema_for):
            arguments.setdefault("schema", self.get_record_schema(resource_cls, method))
            arguments["validators"] = [validate_payload, *_listed(arguments.get("validators", ()))]
        return arguments

    def collection_arguments(self, resource_cls: type, method: str) -> Arguments:
        """Arguments of a view of the collection."""
        return self.get_view_arguments("collection", resource_cls, method)

    def record_arguments(self, resource_cls: type, method: str) -> Arguments:
        """Arguments of a view of the record."""
        return self.get_view_arguments("record", resource_cls, method)

    def get_record_schema(self, resource_cls: type, method: str) -> colander.MappingSchema:
        """Schema of the whole body that a method takes."""
        if method.upper() == "PATCH":
            return changes_schema()
        return payload_schema(resource_cls.mapping)  # type: ignore[attr-defined]

    def get_view(self, endpoint_type: str, method: str) -> str:
        """Name of the resource's method that answers: ``collection_get``, ``put``."""
        return f"collection_{method.lower()}" if endpoint_type == "collection" else method.lower()

    def get_name(self, resource_cls: type) -> str:
        """Name of the resource: of this view set, of the class, or the class's own in lower case."""
        for owner in (self, resource_cls):
            name = getattr(owner, "name", None)
            if name and not callable(name):
                return str(name)
        return resource_cls.__name__.lower()

    def get_service_name(self, endpoint_type: str, resource_cls: type) -> str:
        """Name of the endpoint's service and route."""
        return self.service_name.format(
            resource_name=self.get_name(resource_cls), endpoint_type=endpoint_type
        )

    def get_service_arguments(self) -> Arguments:
        """Arguments of both services."""
        return copy_lists(self.service_arguments)

    def is_endpoint_enabled(
        self, endpoint_type: str, resource_name: str, method: str, settings: Mapping[str, Any]
    ) -> bool:
        """Whether settings let the endpoint be: ``readonly``, then its own ``*_enabled``."""
        if asbool(settings.get("readonly")) and method.upper() not in self.readonly_methods:
            return False
        setting = f"{endpoint_type}_{resource_name}_{method.lower()}_enabled"
        return bool(asbool(settings.get(setting, True)))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
