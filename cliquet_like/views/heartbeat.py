"""GET /__heartbeat__ and /__lbheartbeat__: for the people and machines that watch the service."""

from typing import Any, Final

from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like.drivers.transactions import session_of
from cliquet_like.logs import logger
from cliquet_like.service import Service
from cliquet_like.settings.running import LONGEST_S, header_seconds, running_value
from cliquet_like.views.inquiry import Answers, ask_in_turn, ask_together
from cliquet_like.web.responses import json_response
from cliquet_like.web.subrequests import shared_by

_SHARED_AS: Final = "cliquet_like.heartbeats"

heartbeat = Service(name="cliquet_like.heartbeat", path="/__heartbeat__", description="State of the backends")

load_balancer = Service(
    name="cliquet_like.lbheartbeat", path="/__lbheartbeat__", description="State of this process"
)


@heartbeat.get(permission=NO_PERMISSION_REQUIRED)
def get_heartbeat(request: Any) -> Any:
    """What each registered heartbeat answers; 503 when one is falsy. None is no answer, and no failure."""
    shared = shared_by(request)
    # A batch asks once: many slow heartbeats in a row would take as many times as long.
    if _SHARED_AS not in shared:
        shared[_SHARED_AS] = _ask(request)
    status: Answers = shared[_SHARED_AS]
    failed = [name for name, alive in status.items() if not alive and alive is not None]
    if failed:
        logger.warning("heartbeats are false", heartbeats=", ".join(failed))
        request.response.status_code = 503
        request.response.headers["Retry-After"] = header_seconds(
            request.registry.settings, "retry_after_seconds"
        )
    return json_response(request, status)


def _ask(request: Any) -> Answers:
    registered = dict(request.registry.heartbeats)
    # JSON has no names but texts, and none with half a character.
    heartbeats = {str(name).encode("utf-8", "replace").decode(): ping for name, ping in registered.items()}
    timeout_s = min(running_value(request.registry.settings, "heartbeat_timeout_seconds"), LONGEST_S)
    in_turn = {name: ping for name, ping in heartbeats.items() if timeout_s == 0 or _is_joined(request, name)}
    if not in_turn:
        return ask_together(heartbeats, request, timeout_s)
    together = {name: ping for name, ping in heartbeats.items() if name not in in_turn}
    answers = ask_together(together, request, timeout_s) | ask_in_turn(in_turn, request)
    return {name: answers[name] for name in heartbeats}


def _is_joined(request: Any, name: str) -> bool:
    """Whether the batch has written to the database of this backend.

    What it has written may be locked for all threads but its own; there, a heartbeat takes no longer
    than each statement of the batch may.
    """
    database = getattr(getattr(request.registry, name, None), "database", None)
    return database is not None and session_of(database) is not None


@load_balancer.get(permission=NO_PERMISSION_REQUIRED)
def get_load_balancer_heartbeat(request: Any) -> Any:
    """Nothing is asked of the backends: a load balancer asks often."""
    return json_response(request, {})
