"""Permissions on a Redis server."""

from cliquet_like.permission.redis.backend import Permission, load_from_config

__all__ = ["Permission", "load_from_config"]
