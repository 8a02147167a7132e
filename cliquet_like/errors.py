"""Protocol errors: their table, and responses that carry one as JSON."""

import enum
import json
from typing import Any, NoReturn

from pyramid import httpexceptions

from cliquet_like.kernel.codec import dumps


class ERRORS(enum.Enum):
    """Each row: the number (``errno``, the member's value), the usual HTTP status, the text for clients."""

    status: int
    text: str

    MISSING_AUTH_TOKEN = 104, 401, "Please authenticate yourself to use this endpoint."
    INVALID_AUTH_TOKEN = 105, 401, "The credentials are not valid (any more)."
    BADJSON = 106, 400, "The body is not valid JSON."
    INVALID_PARAMETERS = 107, 400, "A part of the request is not valid."
    MISSING_PARAMETERS = 108, 400, "A part of the request is missing."
    INVALID_POSTED_DATA = 109, 400, "The posted data is not valid."
    INVALID_RESOURCE_ID = 110, 404, "No record has this id."
    MISSING_RESOURCE = 111, 404, "The resource you are looking for could not be found."
    MISSING_CONTENT_LENGTH = 112, 411, "The length of the body is missing."
    REQUEST_TOO_LARGE = 113, 413, "The request is too large."
    MODIFIED_MEANWHILE = 114, 412, "Resource was modified meanwhile"
    METHOD_NOT_ALLOWED = 115, 405, "Method not allowed on this endpoint."
    VERSION_NOT_AVAILABLE = 116, 404, "The requested protocol version is not available on this server."
    CLIENT_REACHED_CAPACITY = 117, 429, "The client has sent too many requests."
    FORBIDDEN = 121, 403, "This user cannot access this resource."
    CONSTRAINT_VIOLATED = 122, 409, "The request breaks a rule of the resource."
    BACKEND = (
        201,
        503,
        "Service temporary unavailable due to overloading or maintenance, please retry later.",
    )
    SERVICE_DEPRECATED = (
        202,
        410,
        "The service you are trying to connect no longer exists at this location.",
    )
    UNDEFINED = 999, 500, "A programmatic error occured, developers have been informed."

    def __new__(cls, number: int, status: int, text: str) -> "ERRORS":
        """Make the number the member's value."""
        member = object.__new__(cls)
        member._value_ = number
        member.status = status
        member.text = text
        return member


def http_error(
    httpexception: Any,
    errno: ERRORS | int | None = None,
    code: int | None = None,
    error: str | None = None,
    message: Any = None,
    info: Any = None,
    details: Any = None,
) -> Any:
    """The exception itself, now with a JSON body that says what went wrong.

    ``code`` and ``error`` default to the exception's status and title, ``errno`` to 999; keys
    without value are left out. An exception that may have no body (304) is returned unchanged.
    """
    if httpexception.empty_body:
        return httpexception
    number = ERRORS.UNDEFINED if errno is None else errno
    body: dict[str, Any] = {
        "code": code or httpexception.code,
        "errno": number.value if isinstance(number, ERRORS) else number,
        "error": error or httpexception.title,
    }
    optional = {"message": message, "info": info, "details": details}
    body.update({key: value for key, value in optional.items() if value not in (None, "")})
    httpexception.headers["Content-Type"] = "application/json"
    httpexception.body = _dumps(body)
    return httpexception


def json_error_handler(request: Any) -> Any:
    """Response of ``request.errors``, with their status: the first one by name gives the message."""
    errors = [{**error, "description": _text(error.get("description"))} for error in request.errors]
    first = min(errors, key=lambda error: _text(error.get("name")), default=None)
    exception = httpexceptions.status_map.get(request.errors.status, httpexceptions.HTTPBadRequest)
    return http_error(
        exception(),
        errno=ERRORS.INVALID_PARAMETERS,
        error="Invalid parameters",
        message=_message_of(first) if first else None,
        details=errors,
    )


def _message_of(error: dict[str, Any]) -> str:
    location, name, description = (_text(error.get(key)) for key in ("location", "name", "description"))
    if not name:
        return f"{location}: {description}"
    return description if name in description else f"{name} in {location}: {description}"


def raise_invalid(
    request: Any, location: str = "body", name: str | None = None, description: Any = None, **kw: Any
) -> NoReturn:
    """Add to ``request.errors`` and raise ``HTTPBadRequest`` (errno 107).

    ``location`` is body, querystring, path or header (``headers`` is taken too).
    """
    request.errors.add("header" if location == "headers" else location, name, description, **kw)
    raise json_error_handler(request)


def invalid_request(location: str, name: str, description: str) -> Any:
    """``HTTPBadRequest`` (errno 107) of one error, for where no ``request.errors`` exists yet."""
    error = {"location": location, "name": name, "description": description}
    return http_error(
        httpexceptions.HTTPBadRequest(),
        errno=ERRORS.INVALID_PARAMETERS,
        error="Invalid parameters",
        message=_message_of(error),
        details=[error],
    )


def send_alert(
    request: Any, message: str | None = None, url: str | None = None, code: str = "soft-eol"
) -> None:
    """Write the ``Alert`` header of the response that is being made; see :func:`alert_text`."""
    request.response.headers["Alert"] = alert_text(request, message, url, code)


def alert_text(request: Any, message: str | None, url: str | None, code: str) -> str:
    """Value of an ``Alert`` header; ``url`` defaults to the setting ``project_docs``."""
    if url is None:
        url = request.registry.settings["project_docs"]
    # A header is ASCII for every client: the standard library escapes the rest.
    return json.dumps({"code": code, "message": message, "url": url})


def _text(value: Any) -> str:
    """Text of a name or description: bytes are decoded, translation strings filled in, None is empty."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    interpolate = getattr(value, "interpolate", None)
    return str(interpolate() if interpolate else value)


def _dumps(body: Any) -> bytes:
    try:
        return dumps(body)
    except TypeError:
        # What a client sent may be no Unicode text: an error about it must still be written.
        return dumps(_encodable(body))


def _encodable(value: Any) -> Any:
    if isinstance(value, dict):
        return {_encodable(str(key)): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and value.bit_length() < 64:
        return value
    return _text(value).encode("utf-8", "replace").decode()
