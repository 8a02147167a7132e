"""Cache of JSON values: the contract, and the backends by name.

``cliquet_like.cache.memory`` and its siblings each have ``Cache`` and ``load_from_config``.
"""

from cliquet_like.cache.base import CacheBase
from cliquet_like.cache.heartbeat import heartbeat

__all__ = ["CacheBase", "heartbeat"]
