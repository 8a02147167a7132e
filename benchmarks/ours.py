"""The service on this library, as an application would write it."""

from typing import Any

import colander

from cliquet_like.resource import BaseResource, ResourceSchema, register
from cliquet_like.resource.schema import URL
from cliquet_like.testing.app import make_wsgi_app


class BookmarkSchema(ResourceSchema):
    url = URL()
    title = colander.SchemaNode(colander.String(), missing="")
    status = colander.SchemaNode(colander.Integer(), missing=0)


@register()
class Bookmark(BaseResource):
    mapping = BookmarkSchema()


def make_app() -> Any:
    """WSGI application with an empty memory storage."""
    return make_wsgi_app("benchmarks.ours")
