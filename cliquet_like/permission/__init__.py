"""Who may do what: the contract, and the backends by name.

``cliquet_like.permission.memory`` and its siblings each have ``Permission`` and ``load_from_config``.
"""

from cliquet_like.permission.base import PermissionBase
from cliquet_like.permission.heartbeat import heartbeat

__all__ = ["PermissionBase", "heartbeat"]
