"""Services that write a note, or wait for another request, in the middle of a transaction."""

import threading
from typing import Any

from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like import Service
from cliquet_like.web.subrequests import build_request
from tests.lines import ENDINGS

half = Service(name="half", path="/half")
meet = Service(name="meet", path="/meet")


def write_note(request: Any, text: str) -> None:
    """Store a note as the view of the resource does it, for the user of the request."""
    body = {"data": {"text": text}}
    note = build_request(request, {"method": "POST", "path": "/notes", "body": body})
    answer, _ = request.follow_subrequest(note, use_tweens=False)
    assert answer.status_code == 201


@half.post(permission=NO_PERMISSION_REQUIRED)
def write_half(request: Any) -> Any:
    """Store the note of the body, tell ``registry.visitors`` of the request, and end as ``then`` says."""
    write_note(request, request.json["text"])
    for visitor in getattr(request.registry, "visitors", ()):
        visitor(request)
    return ENDINGS[request.json["then"]]()


@meet.get(permission=NO_PERMISSION_REQUIRED)
def wait_for_the_other(request: Any) -> Any:
    """Wait for another request that comes here, not for ever; keep which attempt this is."""
    request.registry.attempts.append(request.parent.environ["retry.attempt"])
    try:
        request.registry.meeting_point.wait(timeout=0.5)
    except threading.BrokenBarrierError:
        # The other is held up by what this request has locked.
        return {"met": False}
    return {"met": True}
