"""Storage in a SQLite file: ``storage_backend = cliquet_like.storage.sqlite``."""

from cliquet_like.storage.sqlite.backend import Storage, load_from_config

__all__ = ["Storage", "load_from_config"]
