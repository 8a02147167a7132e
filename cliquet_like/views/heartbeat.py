"""GET /__heartbeat__ and /__lbheartbeat__: for the people and machines that watch the service."""

from typing import Any

from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like.logs import logger
from cliquet_like.service import Service
from cliquet_like.web.responses import json_response

heartbeat = Service(name="cliquet_like.heartbeat", path="/__heartbeat__", description="State of the backends")

load_balancer = Service(
    name="cliquet_like.lbheartbeat", path="/__lbheartbeat__", description="State of this process"
)


@heartbeat.get(permission=NO_PERMISSION_REQUIRED)
def get_heartbeat(request: Any) -> Any:
    """What each registered heartbeat answers; 503 when one is falsy. None is no answer, and no failure."""
    status = {name: _ping(name, ping, request) for name, ping in request.registry.heartbeats.items()}
    if any(not alive for alive in status.values() if alive is not None):
        request.response.status_code = 503
        request.response.headers["Retry-After"] = str(request.registry.settings["retry_after_seconds"])
    return json_response(request, status)


def _ping(name: str, ping: Any, request: Any) -> Any:
    try:
        return ping(request)
    except Exception:  # noqa: BLE001 - whatever a plugin's heartbeat raises, the others are shown
        logger.exception("heartbeat failed", heartbeat=name)
        return False


@load_balancer.get(permission=NO_PERMISSION_REQUIRED)
def get_load_balancer_heartbeat(request: Any) -> Any:
    """Nothing is asked of the backends: a load balancer asks often."""
    return json_response(request, {})
