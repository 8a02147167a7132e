"""The driver's client, at the path where Cliquet had it."""

from cliquet_like.drivers.postgresql.client import PostgreSQL, client_from_config

__all__ = ["PostgreSQL", "client_from_config"]
