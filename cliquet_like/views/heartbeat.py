"""GET /__heartbeat__ and /__lbheartbeat__: for the people and machines that watch the service."""

from threading import TIMEOUT_MAX
from typing import Any, Final

from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like.kernel.values import native_value
from cliquet_like.logs import logger
from cliquet_like.service import Service
from cliquet_like.settings.table import DEFAULT_SETTINGS
from cliquet_like.web.heartbeats import ask_in_turn, ask_together
from cliquet_like.web.responses import json_response

DEFAULT_TIMEOUT_S: Final[float] = DEFAULT_SETTINGS["heartbeat_timeout_seconds"]

heartbeat = Service(name="cliquet_like.heartbeat", path="/__heartbeat__", description="State of the backends")

load_balancer = Service(
    name="cliquet_like.lbheartbeat", path="/__lbheartbeat__", description="State of this process"
)


@heartbeat.get(permission=NO_PERMISSION_REQUIRED)
def get_heartbeat(request: Any) -> Any:
    """What each registered heartbeat answers; 503 when one is falsy. None is no answer, and no failure."""
    status = _ask(request)
    failed = [name for name, alive in status.items() if not alive and alive is not None]
    if failed:
        logger.warning("heartbeats are false", heartbeats=", ".join(failed))
        request.response.status_code = 503
        request.response.headers["Retry-After"] = str(request.registry.settings["retry_after_seconds"])
    return json_response(request, status)


def _ask(request: Any) -> Any:
    heartbeats = dict(request.registry.heartbeats)
    timeout_s = _timeout_s_of(request.registry.settings)
    if timeout_s == 0 or getattr(request, "parent", None) is not None:
        # What a batch has written before may be locked for all threads but its own.
        return ask_in_turn(heartbeats, request)
    return ask_together(heartbeats, request, timeout_s)


def _timeout_s_of(settings: Any) -> float:
    """Value of the setting, which may have changed; its default when it is no number of at least 0."""
    value = native_value(settings["heartbeat_timeout_seconds"])
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= TIMEOUT_MAX:
        return DEFAULT_TIMEOUT_S
    return value


@load_balancer.get(permission=NO_PERMISSION_REQUIRED)
def get_load_balancer_heartbeat(request: Any) -> Any:
    """Nothing is asked of the backends: a load balancer asks often."""
    return json_response(request, {})
