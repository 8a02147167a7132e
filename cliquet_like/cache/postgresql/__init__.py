"""Cache in a PostgreSQL database."""

from cliquet_like.cache.postgresql.backend import Cache, load_from_config

__all__ = ["Cache", "load_from_config"]
