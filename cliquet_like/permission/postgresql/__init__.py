"""Permissions in a PostgreSQL database."""

from cliquet_like.permission.postgresql.backend import Permission, load_from_config

__all__ = ["Permission", "load_from_config"]
