"""Exceptions as protocol errors; exceptions raised here would reach the server, so none are."""

import traceback
from typing import Any, Final
from urllib.parse import quote

from pyramid.exceptions import URLDecodeError
from pyramid.httpexceptions import (
    HTTPException,
    HTTPForbidden,
    HTTPInternalServerError,
    HTTPServiceUnavailable,
    HTTPTemporaryRedirect,
    HTTPUnauthorized,
)
from pyramid.security import forget
from pyramid.settings import asbool
from pyramid.view import exception_view_config, forbidden_view_config, notfound_view_config
from pyramid_retry import is_error_retryable
from webob.request import DisconnectionError

from cliquet_like.drivers.errors import BackendError
from cliquet_like.errors import ERRORS, http_error, invalid_request
from cliquet_like.kernel.text import strip_uri_prefix
from cliquet_like.logs import logger
from cliquet_like.settings.running import header_seconds

_BY_STATUS: Final = {
    error.status: error
    for error in (
        ERRORS.MISSING_AUTH_TOKEN,
        ERRORS.FORBIDDEN,
        ERRORS.MISSING_RESOURCE,
        ERRORS.METHOD_NOT_ALLOWED,
        ERRORS.CONSTRAINT_VIOLATED,
        ERRORS.SERVICE_DEPRECATED,
        ERRORS.MISSING_CONTENT_LENGTH,
        ERRORS.MODIFIED_MEANWHILE,
        ERRORS.REQUEST_TOO_LARGE,
        ERRORS.CLIENT_REACHED_CAPACITY,
        ERRORS.UNDEFINED,
        ERRORS.BACKEND,
    )
}
# Clients compare these messages; what an exception says besides is for its author.
_FIXED_MESSAGES: Final = frozenset({401, 403, 404, 405, 500, 503})


@exception_view_config(context=HTTPException)
def http_exception(exception: Any, request: Any) -> Any:
    """The exception itself when it is no error or says JSON already, else with a protocol error."""
    status = exception.status_code
    if status == 503:
        _ask_to_retry(exception, request)
    if status < 400 or _carries_json(exception):
        return exception
    error = _BY_STATUS.get(status)
    message = error.text if error and status in _FIXED_MESSAGES else exception.detail
    return http_error(
        exception,
        errno=error,
        message=message or (error.text if error else None),
        info=_info_link(request) if status == 500 else None,
    )


@forbidden_view_config()
def forbidden(exception: Any, request: Any) -> Any:
    """401 for a request without user, 403 for a user who may not."""
    if _carries_json(exception):
        return exception
    try:
        userid = request.authenticated_userid
    except BackendError as error:
        return backend_failure(error, request)
    except HTTPException as error:
        return http_exception(error, request)
    except Exception as error:  # noqa: BLE001 - a policy may raise anything, an exception view may not
        return unexpected(error, request)
    if userid is None:
        return unauthorized(HTTPUnauthorized(), request)
    return http_exception(HTTPForbidden(), request)


@exception_view_config(context=HTTPUnauthorized)
def unauthorized(exception: Any, request: Any) -> Any:
    """401, which always says how to authenticate (RFC 9110, section 15.5.2)."""
    if "WWW-Authenticate" not in exception.headers:
        exception.headers.extend(forget(request))
    return http_exception(exception, request)


@notfound_view_config()
def not_found(exception: Any, request: Any) -> Any:
    """404; for a URL without view, a redirect when a slash or a version makes the difference."""
    if request.matched_route is not None:
        return http_exception(exception, request)
    path = request.environ["PATH_INFO"]
    prefix = request.registry.route_prefix
    versioned = not prefix or path == f"/{prefix}" or path.startswith(f"/{prefix}/")
    if not versioned:
        return _other_version(exception, request, path)
    target = _without_slash(path, prefix)
    if target and asbool(request.registry.settings["trailing_slash_redirect_enabled"]):
        return _redirection(request, target)
    return http_exception(exception, request)


def _other_version(exception: Any, request: Any, path: str) -> Any:
    """Answer to a path of another version, or of none."""
    registry = request.registry
    if registry.version_redirection and strip_uri_prefix(path) == path:
        return _redirection(request, f"/{registry.route_prefix}/{path.removeprefix('/')}")
    error = ERRORS.VERSION_NOT_AVAILABLE
    return http_error(exception, errno=error, message=error.text)


def _without_slash(path: str, prefix: str | None) -> str | None:
    """Path to try instead of an unknown one, or None: ``/v1/a/`` is ``/v1/a``, but ``/v1`` is ``/v1/``."""
    if prefix and path == f"/{prefix}":
        return f"/{prefix}/"
    stripped = path.rstrip("/")
    return stripped if stripped != path else None


def _redirection(request: Any, path: str) -> Any:
    """Redirect that keeps the method, to a path of this host whatever the path holds."""
    # In a path of a URL, two leading slashes would name another host.
    path = quote(path.encode("latin-1"), safe="/~!$&'()*+,;=:@")
    location = request.host_url + quote(request.environ.get("SCRIPT_NAME", "").encode("latin-1"))
    location += "/" + path.lstrip("/")
    query = request.environ.get("QUERY_STRING")
    if query:
        location += "?" + quote(query.encode("latin-1"), safe="%/?~!$&'()*+,;=:@-._")
    return HTTPTemporaryRedirect(location)


@exception_view_config(context=URLDecodeError)
def undecodable_path(exception: Any, request: Any) -> Any:
    """400 for a path that is no UTF-8."""
    return invalid_request("path", "", "It is not UTF-8.")


@exception_view_config(context=DisconnectionError)
def hung_up(exception: Any, request: Any) -> Any:
    """400 for a body that ends before its announced length; nobody may be there to read it."""
    return invalid_request("body", "", "It ends before its Content-Length.")


@exception_view_config(context=BackendError)
def backend_failure(exception: BackendError, request: Any) -> Any:
    """503 for a backend that failed; the log says where, and no word of the driver's, nor of users."""
    # The text of a driver's error quotes the values of the statement.
    cause = type(exception.original).__name__ if exception.original else type(exception).__name__
    if is_error_retryable(request, exception):
        logger.info("transaction tried again", cause=cause)
    else:
        trace = traceback.format_tb(exception.__traceback__)[-3:]
        logger.error("backend failed", cause=cause, reason=exception.message, trace=trace)
    return http_exception(HTTPServiceUnavailable(), request)


@exception_view_config(context=Exception)
def unexpected(exception: Exception, request: Any) -> Any:
    """500 for what nobody expected, logged with its traceback."""
    logger.error("unexpected error", exc_info=exception)
    return http_exception(HTTPInternalServerError(), request)


def _carries_json(exception: Any) -> bool:
    return bool(exception.content_type == "application/json" and exception.has_body)


def _ask_to_retry(exception: Any, request: Any) -> None:
    seconds = header_seconds(request.registry.settings, "retry_after_seconds")
    exception.headers.setdefault("Retry-After", seconds)


def _info_link(request: Any) -> Any:
    return request.registry.settings["error_info_link"]
