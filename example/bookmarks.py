"""The bookmarks of a user, at two addresses."""

from typing import Any

import colander

from cliquet_like import resource, schema


class BookmarkSchema(schema.ResourceSchema):
    """What a client may send. Browsers export links without a title, so it may be empty."""

    url = schema.URL()
    title = colander.SchemaNode(colander.String(), missing="")
    device = colander.SchemaNode(colander.String(), missing="")

    class Options:
        readonly_fields = ("device",)
        unique_fields = ("url",)


@resource.register()
@resource.register(
    name="userbookmark",
    collection_path="/user/bookmarks",
    record_path="/user/bookmarks/{{id}}",
    collection_methods=("GET",),
    record_methods=("GET",),
)
class Bookmark(resource.BaseResource):
    """Read and written at ``/bookmarks``; the same records, only read, at ``/user/bookmarks``."""

    mapping = BookmarkSchema()

    def process_record(self, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
        """The record with the device of the client that created it; ``""`` without a User-Agent.

        Nobody changes it later: a read-only field of the stored record comes with ``new``.
        """
        if old is None:
            new["device"] = self.request.headers.get("User-Agent", "")
        return new
