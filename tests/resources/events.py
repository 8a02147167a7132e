"""Records whose schema declares the timestamp."""

from cliquet_like.resource import BaseResource, ResourceSchema, register
from cliquet_like.resource.schema import TimeStamp


class EventSchema(ResourceSchema):
    last_modified = TimeStamp()


@register()
class Event(BaseResource):
    """Its schema declares the timestamp."""

    mapping = EventSchema()
