"""Models: a resource's records in the storage, without HTTP."""

from cliquet_like.resource.model.records import Model
from cliquet_like.resource.model.shareable import ProtectedModel, ShareableModel

__all__ = ["Model", "ProtectedModel", "ShareableModel"]
