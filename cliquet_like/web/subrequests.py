"""Requests inside of a request: build one, follow it to its answer, describe the answer."""

import io
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote, unquote_to_bytes, urlsplit

from pyramid.events import NewResponse
from pyramid.httpexceptions import HTTPException
from pyramid.response import Response

from cliquet_like.kernel.codec import as_is, dumps, loads
from cliquet_like.kernel.text import strip_uri_prefix
from cliquet_like.web.body import ReadBody
from cliquet_like.web.extensions import new_request
from cliquet_like.web.responses import written_json

MAX_REDIRECTS: Final = 3

_OWN_HEADERS: Final = frozenset({"HTTP_HOST", "HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_LENGTH"})
_INHERITED: Final = ("HTTP_", "SERVER_", "REMOTE_", "wsgi.", "SCRIPT_NAME", "CONTENT_TYPE", "tm.")
_IDENTITY: Final = (
    "_multiauth_identity",
    "_multiauth_principals",
    "authn_type",
    "selected_userid",
)
_HARMLESS_HEADERS: Final = frozenset(
    {"accept", "content-type", "if-match", "if-none-match", "response-behavior", "user-agent"}
)


class Inherited(NamedTuple):
    """What requests inside of another have of it."""

    environ: Mapping[str, Any]
    """The headers are part of it."""
    identity: Mapping[str, Any]
    """Attributes: what it found out about its user, so that it is not done again."""


def build_request(
    original: Any,
    description: Mapping[str, Any],
    inherited: Inherited | None = None,
    *,
    is_read: bool = False,
) -> Any:
    """Request of ``{path, method, headers, body}``, with the headers of ``original`` under its own.

    ``path`` may hold a query, non-ASCII characters and percent-encodings, and gets the version
    prefix when it has none. ``body``, if any, is sent as JSON. ``Host`` and the framing headers
    are always those of ``original``. Its identity is shared when no header could change it.
    Whoever builds several asks for :func:`inherited_from` once, and gives it. ``is_read`` says
    that ``body`` was read strictly, and is nobody else's: it need not be read again.
    """
    if inherited is None:
        inherited = inherited_from(original)
    headers = description.get("headers") or {}
    path, _, query = description["path"].partition("?")
    path_info = _with_prefix(_path_info(path), original.registry.route_prefix)
    environ = _environ(
        inherited,
        description.get("method", "GET"),
        path_info,
        quote(query.partition("#")[0], safe="%&=+,;:/?@!$'()*-._~[]\""),
        _source_of(description.get("body"), is_read=is_read),
    )
    if headers:
        environ.update(_environ_headers(headers))
    shares = _HARMLESS_HEADERS.issuperset(map(str.lower, headers))
    return _make_request(original, environ, inherited.identity if shares else {})


def inherited_from(original: Any) -> Inherited:
    """What a request inside of this one has of it."""
    environ = {name: value for name, value in original.environ.items() if name.startswith(_INHERITED)}
    known = vars(original)
    return Inherited(environ, {name: known[name] for name in _IDENTITY if name in known})


def shared_by(request: Any) -> dict[str, Any]:
    """What a request shares with its batch: ``bound_data``.

    Where that step was left out of the start-up, attributes of the outermost request serve.
    """
    shared: dict[str, Any] | None = getattr(request, "bound_data", None)
    return vars(_outermost(request)) if shared is None else shared


def _outermost(request: Any) -> Any:
    while (parent := getattr(request, "parent", None)) is not None:
        request = parent
    return request


def _source_of(body: Any, *, is_read: bool) -> io.BytesIO:
    if body is None:
        return io.BytesIO()
    return ReadBody(body) if is_read else io.BytesIO(dumps(body))


def _environ(
    inherited: Inherited, method: str, path_info: str, query: str, source: io.BytesIO
) -> dict[str, Any]:
    return {
        **inherited.environ,
        "REQUEST_METHOD": method,
        "PATH_INFO": path_info,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(source.getbuffer().nbytes),
        "wsgi.input": source,
        # It can be read again: webob would copy it otherwise.
        "webob.is_body_seekable": True,
    }


def _make_request(parent: Any, environ: dict[str, Any], identity: Mapping[str, Any]) -> Any:
    request = new_request(parent.registry, environ)
    request.parent = parent
    vars(request).update(identity)
    return request


def _path_info(path: str) -> str:
    """Path as WSGI wants it: percent-decoded bytes, each as one character (PEP 3333)."""
    return unquote_to_bytes(path.partition("#")[0]).decode("latin-1")


def _with_prefix(path_info: str, route_prefix: str | None) -> str:
    if not route_prefix or strip_uri_prefix(path_info) != path_info:
        return path_info
    return f"/{route_prefix}{path_info}"


def _environ_headers(headers: Mapping[str, str]) -> dict[str, str]:
    environ = {}
    for name, value in headers.items():
        key = "HTTP_" + name.upper().replace("-", "_")
        if key in _OWN_HEADERS:
            continue
        key = "CONTENT_TYPE" if key == "HTTP_CONTENT_TYPE" else key
        environ[key] = value.encode().decode("latin-1")
    return environ


def follow_subrequest(request: Any, subrequest: Any, **options: Any) -> tuple[Response, Any]:
    """Answer of a subrequest, and the request that got it, redirects of ours followed.

    ``options`` go to Pyramid's ``invoke_subrequest``. An HTTP exception is an answer; other
    exceptions come out. After :data:`MAX_REDIRECTS` redirects the next one is the answer.
    """
    response = _answer(request, subrequest, options)
    for _ in range(MAX_REDIRECTS):
        target = _local_target(subrequest, response)
        if target is None:
            break
        subrequest = _redirected(subrequest, *target)
        response = _answer(request, subrequest, options)
    return response, subrequest


def _answer(request: Any, subrequest: Any, options: Mapping[str, Any]) -> Any:
    try:
        return request.invoke_subrequest(subrequest, **options)
    except (HTTPException, UnicodeDecodeError):
        # Without tweens nobody has turned it into the protocol's error answer yet, nor told of it.
        response = subrequest.invoke_exception_view(sys.exc_info())
        subrequest.registry.notify(NewResponse(subrequest, response))
        return response


def _local_target(request: Any, response: Response) -> tuple[str, str] | None:
    """Path, decoded and below the mount point, and query of a redirect inside of this service, else None."""
    if not 300 < response.status_code < 400 or not (location := response.headers.get("Location")):
        return None
    parts = urlsplit(location)
    mount = request.environ["SCRIPT_NAME"]
    if parts.netloc not in ("", request.host, urlsplit(request.host_url).netloc):
        return None
    path = _path_info(parts.path)
    return (path.removeprefix(mount), parts.query) if path.startswith(f"{mount}/") else None


def _redirected(request: Any, path_info: str, query: str) -> Any:
    """The same method, headers and body at another place (RFC 9110, section 15.4.8)."""
    inherited = inherited_from(request)
    environ = _environ(inherited, request.method, path_info, query, io.BytesIO(request.body))
    return _make_request(request.parent, environ, inherited.identity)


def build_response(response: Response, request: Any, *, unread: bool = False) -> dict[str, Any]:
    """Answer of a subrequest as a batch shows it: ``path``, ``status``, ``headers``, ``body``.

    ``path`` is decoded and without query; ``body`` is the parsed JSON, else the text, and empty
    for HEAD. With ``unread`` JSON of ours is not parsed: only the codec can write it.
    """
    return {
        "path": request.environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
        "status": response.status_code,
        "headers": _joined(response.headerlist),
        "body": "" if request.method == "HEAD" else _body_value(response, unread=unread),
    }


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers with the values of one name joined by commas (RFC 9110, section 5.3)."""
    joined: dict[str, str] = {}
    for name, value in headers:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _body_value(response: Response, *, unread: bool) -> Any:
    if unread and (text := written_json(response)) is not None:
        return as_is(text)
    try:
        return loads(response.body)
    except ValueError:
        return response.body.decode("utf-8", "replace")
