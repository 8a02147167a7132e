"""A cache of an application, written when the contract of caches had one hook less."""

from typing import Any

from cliquet_like.cache import CacheBase


class Cache(CacheBase):
    """Without the newest hook."""


def load_from_config(config: Any) -> Cache:
    """The cache of the settings."""
    return Cache()
