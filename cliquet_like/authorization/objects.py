"""Ids of the objects that permissions are about: paths of the service, without its version."""

import re
from collections.abc import Mapping
from typing import Any, Final

from cliquet_like.kernel.text import strip_uri_prefix
from cliquet_like.web.routing import current_service

ANY_RECORD: Final = "*"
"""In place of a record's id, the pattern of all records of a collection."""

_VARIABLE: Final = re.compile(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}")


def service_of(request: Any) -> Any:
    """Service that a request was routed to; None for other views and for requests made by hand."""
    if getattr(request, "matched_route", None) is None:
        return None
    return current_service(request)


def permission_object_id(request: Any, record_id: str | None = None) -> str:
    """Id of the object that a request is about, or of a record in its collection.

    It is made of decoded text: however a client spells the path, the object is the same.
    """
    service = service_of(request)
    if record_id is not None and hasattr(service, "record_path"):
        return _filled(service.record_path, {**(request.matchdict or {}), "id": record_id})
    own: str = strip_uri_prefix(request.upath_info)
    if record_id is None or record_id == (request.matchdict or {}).get("id"):
        return own
    return f"{own}/{record_id}"


def collection_object_id(request: Any) -> str:
    """Id of the collection of the record that a request is about."""
    return _filled(service_of(request).collection_path, request.matchdict or {})


def record_id_in(object_id: str, pattern: str) -> str | None:
    """Id of the record whose object id matches the pattern of a collection's records, else None.

    What lies below a record (``/shelves/a/books/1``) is none of them. The last wildcard stands
    for the id: another one is the value of a URL variable.
    """
    before, _, after = pattern.rpartition(ANY_RECORD)
    record_id = object_id[len(before) : len(object_id) - len(after)]
    matches = f"{before}{record_id}{after}" == object_id
    return record_id if matches and record_id and "/" not in record_id else None


def _filled(path: str, variables: Mapping[str, Any]) -> str:
    """Path with values in place of its URL variables (``{id}``, ``{id:[0-9]+}``)."""
    return _VARIABLE.sub(lambda found: str(variables[found[1]]), path)
