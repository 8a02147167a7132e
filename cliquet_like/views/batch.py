"""POST /batch: many requests in one, in one transaction."""

from typing import Any

from pyramid.httpexceptions import HTTPException, exception_response
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like.authorization.names import PRIVATE
from cliquet_like.drivers.deferring import deferring_writes
from cliquet_like.errors import raise_invalid
from cliquet_like.events.recorder import forget_events_since, mark_events
from cliquet_like.kernel.codec import InvalidJSON, loads_strictly
from cliquet_like.logs.summary import begin_subrequest, log_subrequest
from cliquet_like.service import Service
from cliquet_like.settings.running import running_value
from cliquet_like.views.batch_payload import BatchError, BatchItem, parse_batch
from cliquet_like.web.responses import json_response
from cliquet_like.web.subrequests import build_request, build_response, follow_subrequest, inherited_from

batch = Service(name="batch", path="/batch", description="Batch operations")

_RECURSIVE = "Recursive call on batch endpoint is forbidden."


@batch.post(permission=NO_PERMISSION_REQUIRED, content_type=["application/json"], accept=["application/json"])
def post_batch(request: Any) -> Response:
    """Answers of the requests, in their order.

    An answer below 500 is reported and the batch goes on; one of 500 or more is the answer of
    the whole batch. In a transaction, a request that is answered with 4xx has written nothing.
    """
    if getattr(request, "parent", None) is not None:
        raise_invalid(request, location="path", name="path", description=_RECURSIVE)
    items = _parse_items(request)
    request.batch_size = len(items)
    # Find out once who asks: the subrequests share it.
    request.has_permission(PRIVATE)
    inherited = inherited_from(request)
    subrequests = [build_request(request, item.description(), inherited, is_read=True) for item in items]
    _refuse_recursion(request, subrequests)
    with deferring_writes():
        responses = [_run(request, subrequest) for subrequest in subrequests]
    return json_response(request, {"responses": responses})


def _parse_items(request: Any) -> list[BatchItem]:
    limit = running_value(request.registry.settings, "batch_max_requests")
    try:
        payload = loads_strictly(request.body)
        return parse_batch(payload, max_requests=limit)
    except InvalidJSON as error:
        raise_invalid(request, location="body", name="", description=f"Invalid JSON: {error}")
    except BatchError as error:
        raise_invalid(request, location="body", name=error.name, description=error.description)


def _refuse_recursion(request: Any, subrequests: list[Any]) -> None:
    """Compare decoded places: another spelling of the path is the same route."""
    own_path = request.environ["PATH_INFO"].rstrip("/")
    for position, subrequest in enumerate(subrequests):
        if subrequest.environ["PATH_INFO"].rstrip("/") == own_path:
            name = f"requests.{position}.path"
            raise_invalid(request, location="body", name=name, description=_RECURSIVE)


def _run(request: Any, subrequest: Any) -> dict[str, Any]:
    savepoint = _savepoint(request)
    mark = mark_events(request)
    response, answered = _answer(request, subrequest)
    status = response.status_code
    if status >= 500:
        # It fails the batch as a whole; a backend with transactions rolls all of it back.
        raise response if isinstance(response, HTTPException) else exception_response(status)
    if status >= 400:
        forget_events_since(request, mark)
        if savepoint is not None:
            savepoint.rollback()
    # The traceback of an answer that was raised may keep what is named here: nobody needs it any more.
    del savepoint
    return build_response(response, answered, unread=True)


def _answer(request: Any, subrequest: Any) -> tuple[Response, Any]:
    """Answer of a subrequest, and the request that got it; both are told in the log, an exception too."""
    begun = begin_subrequest()
    try:
        response, answered = follow_subrequest(request, subrequest, use_tweens=False)
    except BaseException:
        log_subrequest(subrequest, None, begun)
        raise
    log_subrequest(answered, response, begun)
    return response, answered


def _savepoint(request: Any) -> Any:
    """Savepoint of the open transaction, if there is one.

    It is optimistic: a member of the transaction that has no savepoints fails the batch as a
    whole, but only when something is to be undone.
    """
    return request.tm.savepoint(optimistic=True) if request.environ.get("tm.active") else None
