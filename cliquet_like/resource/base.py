"""BaseResource: what applications subclass."""

from typing import ClassVar

from cliquet_like.resource.collection import CollectionEndpoints
from cliquet_like.resource.record import RecordEndpoints
from cliquet_like.resource.viewset import ViewSet


class BaseResource(CollectionEndpoints, RecordEndpoints):
    """A resource whose records belong to the user who made them.

    Subclass it, set ``mapping`` to a :class:`~cliquet_like.resource.ResourceSchema`, register it
    with :func:`~cliquet_like.resource.register`, and override the hooks ``process_record``,
    ``get_parent_id``, ``is_known_field``, ``apply_changes`` or ``postprocess`` as needed.
    """

    default_viewset: ClassVar[type[ViewSet]] = ViewSet


UserResource = BaseResource
"""The later name of the same class."""
