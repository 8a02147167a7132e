"""Records with rules."""

import colander

from cliquet_like.resource import BaseResource, ResourceSchema, register
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
