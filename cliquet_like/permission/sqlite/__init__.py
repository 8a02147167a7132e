"""Permissions in a SQLite file."""

from cliquet_like.permission.sqlite.backend import Permission, load_from_config

__all__ = ["Permission", "load_from_config"]
