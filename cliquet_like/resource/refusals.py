"""Refusals of resource endpoints: from a fact to the protocol's error answer."""

from collections.abc import Mapping
from typing import Final, NoReturn

from pyramid.httpexceptions import HTTPConflict, HTTPNotFound, HTTPNotModified, HTTPPreconditionFailed
from pyramid.response import Response

from cliquet_like.errors import ERRORS, http_error
from cliquet_like.resource.representation import timestamp_headers
from cliquet_like.storage.exceptions import UnicityError
from cliquet_like.storage.query import Record
from cliquet_like.web.responses import set_headers

_NOT_MODIFIED: Final = "304 Not Modified"


class NotModified(HTTPNotModified):
    """A 304 made of its headers only: it is frequent, and has no body for the texts of other errors."""

    detail = message = comment = None

    def __init__(self, headers: Mapping[str, str]) -> None:
        """Be the whole answer."""
        Exception.__init__(self)
        Response.__init__(self, status=_NOT_MODIFIED, headerlist=[*headers.items()], app_iter=())


def raise_not_found() -> NoReturn:
    """No record with that id: 404, errno 110, without a message."""
    raise http_error(HTTPNotFound(), errno=ERRORS.INVALID_RESOURCE_ID)


def raise_not_modified(timestamp: int, cache: dict[str, str]) -> NoReturn:
    """The client has it already: 304, with the headers a 200 would have (RFC 9110, 15.4.5)."""
    raise NotModified(timestamp_headers(timestamp) | cache)


def raise_modified_meanwhile(timestamp: int | None, existing: Record | None) -> NoReturn:
    """A precondition failed: 412, with the current timestamp and record where they exist."""
    details = None if existing is None else {"existing": existing}
    answer = http_error(
        HTTPPreconditionFailed(),
        errno=ERRORS.MODIFIED_MEANWHILE,
        message=ERRORS.MODIFIED_MEANWHILE.text,
        details=details,
    )
    if timestamp is not None:
        set_headers(answer, timestamp_headers(timestamp))
    raise answer


def raise_hidden_conflict(field: str) -> NoReturn:
    """A unique field is taken by a record that the user may not read: 409, naming the field."""
    raise http_error(
        HTTPConflict(),
        errno=ERRORS.CONSTRAINT_VIOLATED,
        message=f"Conflict of field {field}",
        details={"field": field},
    )


def raise_conflict(error: UnicityError, id_field: str) -> NoReturn:
    """A unique field is taken: 409, naming the field and the record that has it."""
    message = f"Conflict of field {error.field} on record {error.record[id_field]}"
    details = {"field": error.field, "existing": error.record}
    raise http_error(HTTPConflict(), errno=ERRORS.CONSTRAINT_VIOLATED, message=message, details=details)
