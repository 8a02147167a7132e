"""Records that change by themselves."""

from typing import Any

import colander

from cliquet_like.resource import BaseResource, ResourceSchema, register


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
