"""A bookmarks application that allows unknown fields: what hostile requests are tried on."""

from typing import Any

import colander

from cliquet_like.resource import BaseResource, ResourceSchema, register
from cliquet_like.resource.schema import URL, TimeStamp
from cliquet_like.testing.app import make_wsgi_app


class BookmarkSchema(ResourceSchema):
    url = URL()
    title = colander.SchemaNode(colander.String(), missing="")
    number = colander.SchemaNode(colander.Integer(), missing=colander.drop)
    ratio = colander.SchemaNode(colander.Float(), missing=colander.drop)
    when = TimeStamp(missing=colander.drop, auto_now=False)
    tags = colander.SchemaNode(
        colander.Sequence(), colander.SchemaNode(colander.String()), missing=colander.drop
    )

    class Options:
        preserve_unknown = True


@register()
class Bookmark(BaseResource):
    mapping = BookmarkSchema()


def make_app() -> Any:
    """WSGI application with empty stores; the environment may name another backend than memory."""
    app = make_wsgi_app("tests.hostile")
    app.registry.storage.initialize_schema()
    app.registry.storage.flush()
    return app
