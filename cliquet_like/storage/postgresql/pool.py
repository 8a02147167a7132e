"""The driver's pool, at the path where Cliquet had it."""

from cliquet_like.drivers.postgresql.pool import QueuePoolWithMaxBacklog

__all__ = ["QueuePoolWithMaxBacklog"]
