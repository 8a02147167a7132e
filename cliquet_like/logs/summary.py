"""One line a request: what was asked, by whom, and how it ended."""

import logging
import re
from time import perf_counter_ns
from typing import Any, Final, NamedTuple

from cliquet_like.kernel.clock import msec_time
from cliquet_like.kernel.identity import selected_user
from cliquet_like.logs.binding import answered_request, request_id
from cliquet_like.logs.entry import iso_time
from cliquet_like.logs.masking import mask_query, mask_start, mask_url
from cliquet_like.logs.structured import is_written, write_entry

MAX_HEADER: Final = 256
"""Characters of a header, and of a method, that an entry shows."""

MAX_URL: Final = 2048
"""Characters of a path, and of a query string, that an entry shows."""


class Field(NamedTuple):
    """Row of the reference: when the summary has the field, and what it is."""

    name: str
    given: str
    help: str


FIELDS: Final = (
    Field("method", "always", "Method."),
    Field("path", "always", "Path, decoded, with the prefix of the version; without secrets."),
    Field("querystring", "always", "Query as sent, without its secrets; empty without one."),
    Field("code", "always", "HTTP status."),
    Field("t", "always", "Milliseconds until the answer was ready, all attempts of a transaction together."),
    Field("time", "always", "When the request came, ISO 8601, UTC."),
    Field("uid", "always", "Prefixed user id; `None` for who is anonymous, or was not asked for."),
    Field("agent", "always", f"`User-Agent`, its first {MAX_HEADER} characters, or `None`."),
    Field("lang", "always", f"`Accept-Language`, its first {MAX_HEADER} characters, or `None`."),
    Field("errno", "always", "Number of the protocol's error, or `None`."),
    Field("rid", "always", "Id of the request: `X-Request-Id` when that is fit, or a new one."),
    Field("authn_type", "with a user", "Policy that knew the user, by its name in the settings."),
    Field("collection", "on a resource", "Name of the resource."),
    Field(
        "collection_timestamp",
        "reading or emptying a collection",
        "Its timestamp, in milliseconds, as the answer says it.",
    ),
    Field("batch_size", "on a batch", "Number of its requests."),
)

_ERRNO: Final = re.compile(rb'"errno":\s*(\d{1,9})')
_ERRNO_WITHIN_BYTES: Final = 512
_TIMESTAMP: Final = re.compile(r'"(\d{1,19})"', re.ASCII)
_OF_COLLECTION: Final = frozenset({"GET", "HEAD", "DELETE"})


_INSIDE: Final = "_subrequest_summaries"
"""Attribute of a request, of one attempt therefore: the entries of the requests inside of it."""


class Begin(NamedTuple):
    """When a request came: on the calendar (ms since the epoch), and on the stopwatch (ns)."""

    moment_ms: int
    stopwatch_ns: int


def begin() -> Begin:
    """Start to measure."""
    return Begin(msec_time(), perf_counter_ns())


def log_request(request: Any, response: Any, begun: Begin) -> None:
    """Write the summary, at INFO, after those of the requests inside of it, in their order.

    Without response an exception is left to the server, which answers 500. An attempt that is made
    again is thrown away with all that was inside of it: it writes nothing.
    """
    for entry in vars(request).pop(_INSIDE, ()):
        write_entry("debug", logging.DEBUG, entry)
    summary = _summary_of(request, response, begun, request)
    write_entry("info", logging.INFO, {"event": "request.summary", **summary})


def log_subrequest(subrequest: Any, response: Any, begun: Begin | None) -> None:
    """Keep the summary of a request inside of another, at DEBUG, until the other's is written; None: nothing.

    Without response an exception is left to the other, which is answered for: the code is 500.
    """
    if begun is not None and (outer := answered_request()) is not None:
        summary = _summary_of(subrequest, response, begun, outer)
        vars(outer).setdefault(_INSIDE, []).append({"event": "subrequest.summary", **summary})


def begin_subrequest() -> Begin | None:
    """Start to measure a request inside of another; None when nobody wants to know."""
    return begin() if is_written(logging.DEBUG) else None


def _summary_of(request: Any, response: Any, begun: Begin, outer: Any) -> dict[str, Any]:
    environ = request.environ
    summary = {
        "method": mask_start(_text(environ["REQUEST_METHOD"]), MAX_HEADER, mask_url),
        "path": mask_start(
            _text(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")), MAX_URL, mask_url
        ),
        "querystring": mask_start(_text(environ.get("QUERY_STRING", "")), MAX_URL, mask_query),
        "code": 500 if response is None else response.status_code,
        "t": (perf_counter_ns() - begun.stopwatch_ns + 500_000) // 1_000_000,
        "time": iso_time(begun.moment_ms),
        "uid": selected_user(request),
        "agent": _header(environ, "HTTP_USER_AGENT"),
        "lang": _header(environ, "HTTP_ACCEPT_LANGUAGE"),
        "errno": _errno_of(response),
        "rid": request_id(outer.environ),
    }
    if summary["uid"] is not None:
        summary["authn_type"] = request.authn_type
    batch_size = getattr(request, "batch_size", None)
    if batch_size is not None:
        summary["batch_size"] = batch_size
    summary.update(_of_resource(request, response))
    return summary


def _of_resource(request: Any, response: Any) -> dict[str, Any]:
    """Fields of a request for a resource, else nothing."""
    service: Any = getattr(request, "current_service", None)
    viewset = getattr(service, "viewset", None)
    if viewset is None:
        return {}
    fields = {"collection": viewset.get_name(service.resource)}
    if service.type == "collection":
        timestamp = _collection_timestamp(request, response)
        if timestamp is not None:
            fields["collection_timestamp"] = timestamp
    return fields


def _text(raw: str) -> str:
    """Text of a WSGI string, whose characters are bytes (PEP 3333); what is no UTF-8 is replaced."""
    return raw if raw.isascii() else raw.encode("latin-1", "replace").decode("utf-8", "replace")


def _header(environ: dict[str, Any], key: str) -> str | None:
    value = environ.get(key)
    return None if value is None else mask_start(_text(value), MAX_HEADER, mask_url)


def _errno_of(response: Any) -> int | None:
    """Number in the first bytes of an error's body, where :func:`errors.http_error` writes it."""
    if response is None or response.status_code < 400:
        return None
    parts = response.app_iter
    if not isinstance(parts, list | tuple) or not parts:
        return None
    found = _ERRNO.search(parts[0][:_ERRNO_WITHIN_BYTES])
    return int(found[1]) if found else None


def _collection_timestamp(request: Any, response: Any) -> int | None:
    """Timestamp that the answer gives for a collection; the answer to a new record has the record's."""
    if response is None or request.environ["REQUEST_METHOD"] not in _OF_COLLECTION:
        return None
    found = _TIMESTAMP.fullmatch(response.headers.get("ETag", ""))
    return int(found[1]) if found else None
