"""Resources that the API tests share; the applications scan this module."""

from typing import Any

import colander
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like.resource import BaseResource, ResourceSchema, ShareableResource, register
from cliquet_like.resource.schema import URL, TimeStamp


class BookmarkSchema(ResourceSchema):
    url = URL()
    title = colander.SchemaNode(colander.String(), missing="")
    device = colander.SchemaNode(colander.String(), missing="")
    added = TimeStamp()

    class Options:
        readonly_fields = ("device",)
        unique_fields = ("url",)


@register()
class Bookmark(BaseResource):
    mapping = BookmarkSchema()


class NoteSchema(ResourceSchema):
    class Options:
        preserve_unknown = True


@register()
class Note(BaseResource):
    """Records without any rule."""

    mapping = NoteSchema()


@register(
    collection_path="/public/mushrooms",
    record_path="/public/mushrooms/{{id}}",
    default_arguments={"permission": NO_PERMISSION_REQUIRED, "accept": ["application/json"]},
)
class Mushroom(BaseResource):
    """Records that everybody shares, sign-in or not."""

    mapping = NoteSchema()

    def get_parent_id(self, request: Any) -> str:
        return "forest"


class CounterSchema(ResourceSchema):
    count = colander.SchemaNode(colander.Integer())


@register()
class Counter(BaseResource):
    """Counts its own changes, and is stored even when nothing changed."""

    mapping = CounterSchema()
    force_patch_update = True

    def process_record(self, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
        new["count"] = old["count"] + 1 if old else 0
        return new


class EventSchema(ResourceSchema):
    last_modified = TimeStamp()


@register()
class Event(BaseResource):
    """Its schema declares the timestamp."""

    mapping = EventSchema()


class ToadstoolSchema(ResourceSchema):
    name = colander.SchemaNode(colander.String())
    season = colander.SchemaNode(colander.String(), missing="")
    code = colander.SchemaNode(colander.String(), missing=colander.drop)

    class Options:
        unique_fields = ("code",)


@register()
class Toadstool(ShareableResource):
    """Records of everybody who may create them, each shared as its permissions say."""

    mapping = ToadstoolSchema()
