"""Storage on a Redis server: ``Storage`` and ``load_from_config``."""

from cliquet_like.storage.redis.backend import Storage, load_from_config

__all__ = ["Storage", "load_from_config"]
