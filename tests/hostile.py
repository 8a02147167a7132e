"""A bookmarks application that allows unknown fields: what hostile requests are tried on."""

from typing import Any

import colander

from cliquet_like.resource import BaseResource, ResourceSchema, register
from cliquet_like.resource.schema import URL
from cliquet_like.testing.app import make_wsgi_app


class BookmarkSchema(ResourceSchema):
    url = URL()
    title = colander.SchemaNode(colander.String(), missing="")

    class Options:
        preserve_unknown = True


@register()
class Bookmark(BaseResource):
    mapping = BookmarkSchema()


def make_app() -> Any:
    """WSGI application with empty stores."""
    return make_wsgi_app("tests.hostile")
