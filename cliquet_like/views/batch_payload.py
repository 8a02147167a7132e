"""Body of a batch: from JSON to frozen descriptions of requests, defaults merged."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from cliquet_like.kernel.dicts import copy_deeply, merge_dicts

METHODS: Final = frozenset({"GET", "HEAD", "DELETE", "TRACE", "POST", "PUT", "PATCH"})

# field-name and field-value of RFC 9110, sections 5.1 and 5.5
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


class BatchError(ValueError):
    """A batch cannot be understood; ``name`` is the dotted place in the body."""

    def __init__(self, name: str, description: str) -> None:
        """Keep both for the error answer."""
        self.name = name
        self.description = description
        super().__init__(f"{name}: {description}")


class BatchItem(NamedTuple):
    """One request of a batch."""

    path: str
    method: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None

    def description(self) -> dict[str, Any]:
        """What ``build_request`` takes."""
        return {"path": self.path, "method": self.method, "headers": self.headers, "body": self.body}


def parse_batch(payload: Any, *, max_requests: int | None) -> list[BatchItem]:
    """Requests of a batch, in their order; ``max_requests`` None is no limit.

    What a request does not say is taken from ``defaults``, at every level. Unknown keys are
    dropped. Raises :class:`BatchError` for the first thing that is wrong.
    """
    if not isinstance(payload, dict):
        raise BatchError("", "Should be a JSON object")
    requests = payload.get("requests")
    if not isinstance(requests, list):
        raise BatchError(
            "requests", "Required: a list of requests" if requests is None else "Should be a list"
        )
    if max_requests is not None and len(requests) > max_requests:
        raise BatchError("requests", f"Number of requests is limited to {max_requests}")
    defaults = payload.get("defaults", {})
    if not isinstance(defaults, dict):
        raise BatchError("defaults", "Should be a mapping")
    defaults = _with_headers("defaults", defaults)
    return [_parse_item(f"requests.{n}", item, defaults) for n, item in enumerate(requests)]


def _parse_item(name: str, item: Any, defaults: dict[str, Any]) -> BatchItem:
    if not isinstance(item, dict):
        raise BatchError(name, "Should be a mapping")
    item = _with_headers(name, item)
    if defaults:
        # Each request is to have a body of its own, and the payload stays as it is.
        item = dict(item)
        merge_dicts(item, copy_deeply(defaults))
    return BatchItem(
        _parse_path(name, item.get("path")),
        _parse_method(name, item.get("method", "GET")),
        item.get("headers", {}),
        _parse_body(name, item.get("body")),
    )


def _parse_path(name: str, path: Any) -> str:
    if path is None:
        raise BatchError(f"{name}.path", "Required")
    if not isinstance(path, str) or not path.startswith("/"):
        raise BatchError(f"{name}.path", "Should be a text that starts with /")
    return path


def _parse_method(name: str, method: Any) -> str:
    if not isinstance(method, str) or method not in METHODS:
        raise BatchError(f"{name}.method", f"Should be one of {', '.join(sorted(METHODS))}")
    return method


def _with_headers(name: str, item: dict[str, Any]) -> dict[str, Any]:
    """A request, or the defaults; a copy with parsed headers if it has any."""
    if "headers" not in item:
        return item
    return {**item, "headers": _parse_headers(f"{name}.headers", item["headers"])}


def _parse_headers(name: str, headers: Any) -> dict[str, str]:
    """Headers by their name in lower case, so that no spelling of it hides another."""
    if not isinstance(headers, dict):
        raise BatchError(name, "Should be a mapping")
    for header, value in headers.items():
        if not _HEADER_NAME.fullmatch(header):
            raise BatchError(name, "Holds a name that no header can have")
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise BatchError(f"{name}.{header}", "Should be a text, without control characters")
    parsed = {header.lower(): value for header, value in headers.items()}
    if len(parsed) < len(headers):
        raise BatchError(name, "Names a header twice")
    return parsed


def _parse_body(name: str, body: Any) -> dict[str, Any] | None:
    if body is not None and not isinstance(body, dict):
        raise BatchError(f"{name}.body", "Should be a mapping")
    return body
