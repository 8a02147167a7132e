"""Cache in a SQLite file."""

from cliquet_like.cache.sqlite.backend import Cache, load_from_config

__all__ = ["Cache", "load_from_config"]
