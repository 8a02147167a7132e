"""Records that are shared one by one."""

import colander

from cliquet_like.resource import ResourceSchema, ShareableResource, register


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
