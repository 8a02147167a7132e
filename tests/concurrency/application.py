"""The application that is served: one resource for each promise."""

from typing import Any

import colander

from cliquet_like.resource import BaseResource, ResourceSchema, ShareableResource, register
from cliquet_like.testing.app import make_wsgi_app


class LooseSchema(ResourceSchema):
    class Options:
        preserve_unknown = True


class OwnerSchema(ResourceSchema):
    email = colander.SchemaNode(colander.String())

    class Options:
        unique_fields = ("email",)


class ParcelSchema(ResourceSchema):
    content = colander.SchemaNode(colander.String(), missing=colander.drop)
    code = colander.SchemaNode(colander.String(), missing=colander.drop)

    class Options:
        unique_fields = ("code",)


@register()
class Change(BaseResource):
    """Written by all, and polled."""

    mapping = LooseSchema()


@register()
class Counter(BaseResource):
    """Read, changed, written back."""

    mapping = LooseSchema()


@register()
class Slot(BaseResource):
    """Whoever comes first has it."""

    mapping = LooseSchema()


@register()
class Owner(BaseResource):
    """Of one email, which nobody else has."""

    mapping = OwnerSchema()


@register()
class Twin(BaseResource):
    """Written two at a time, by one batch."""

    mapping = LooseSchema()


@register()
class Jumble(BaseResource):
    """A few records that everybody writes to, among many that nobody touches."""

    mapping = LooseSchema()


@register()
class Parcel(ShareableResource):
    """A few records, and all who have a part in them give it to each other and take it away."""

    mapping = ParcelSchema()


def make_app() -> Any:
    """WSGI application; the environment chooses its backend."""
    return make_wsgi_app("tests.concurrency.application")
