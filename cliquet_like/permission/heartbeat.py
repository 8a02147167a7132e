"""Heartbeat of a permission backend: a small write, or a read where writing is forbidden."""

import random
from collections.abc import Callable
from typing import Any, Final

from pyramid.settings import asbool

from cliquet_like.drivers.guard import BackendPing, Ping
from cliquet_like.permission.base import PermissionBase

USER: Final = "__heartbeat__"
GROUP: Final = "alive"


def heartbeat(backend: PermissionBase, *, chance: Callable[[], float] = random.random) -> Ping:
    """Make ``ping(request) -> bool``, which never raises: False, and a logged exception, on failure.

    It makes a user ``__heartbeat__`` a member of a group and then, as ``chance`` (0 to 1) falls,
    ends that; it only reads when the setting ``readonly`` is true. The request may be None, which
    is not read-only.
    """

    def probe(request: Any) -> None:
        if request is not None and asbool(request.registry.settings.get("readonly")):
            backend.user_principals(USER)
            return
        # A deletion alone proves nothing: a full server may still do it.
        backend.add_user_principal(USER, GROUP)
        if chance() >= 0.5:
            backend.remove_user_principal(USER, GROUP)

    return BackendPing(probe, name="permission", backend=backend)
