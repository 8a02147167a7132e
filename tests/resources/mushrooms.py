"""Records that everybody shares."""

from typing import Any

from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like.resource import BaseResource, register
from tests.resources.notes import NoteSchema


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
