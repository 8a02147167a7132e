"""Models: a resource's records in the storage, without HTTP."""

from cliquet_like.resource.model.records import Model

__all__ = ["Model"]
