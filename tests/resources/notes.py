"""Records without any rule."""

from cliquet_like.resource import BaseResource, ResourceSchema, register


class NoteSchema(ResourceSchema):
    class Options:
        preserve_unknown = True


@register()
class Note(BaseResource):
    """Records without any rule."""

    mapping = NoteSchema()
