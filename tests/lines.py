"""A service that writes a line to ``registry.ledger``, and then ends as the request says."""

from collections.abc import Callable
from typing import Any

from pyramid.httpexceptions import HTTPConflict, HTTPNotFound, HTTPSeeOther, HTTPServiceUnavailable
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like import Service

lines = Service(name="lines", path="/lines")


class ThreadEnds(BaseException):
    """What a server may raise in a thread that took too long."""


def _raise(exception: BaseException) -> Any:
    raise exception


ENDINGS: dict[str, Callable[[], Any]] = {
    "raised 404": lambda: _raise(HTTPNotFound()),
    "raised 409": lambda: _raise(HTTPConflict()),
    "returned 409": HTTPConflict,
    "raised 503": lambda: _raise(HTTPServiceUnavailable()),
    "returned 503": HTTPServiceUnavailable,
    "crash": lambda: _raise(RuntimeError("a mistake")),
    "end of the thread": lambda: _raise(ThreadEnds()),
    "raised 303": lambda: _raise(HTTPSeeOther("/elsewhere")),
    "returned 303": lambda: HTTPSeeOther("/elsewhere"),
    "success": dict,
}


@lines.get(permission=NO_PERMISSION_REQUIRED)
def list_lines(request: Any) -> Any:
    return request.registry.ledger.listed()


@lines.post(permission=NO_PERMISSION_REQUIRED)
def add_line(request: Any) -> Any:
    """Add ``line``, tell ``registry.visitors`` of the request, and end as ``then`` says."""
    body = request.json
    registry = request.registry
    registry.ledger.add(body["line"])
    for visitor in registry.visitors:
        visitor(request)
    seen = registry.ledger.listed()
    return ENDINGS[body.get("then", "success")]() or seen


def raising_tween_factory(handler: Callable[[Any], Any], registry: Any) -> Callable[[Any], Any]:
    """Tween that refuses what the handler has done already."""

    def tween(request: Any) -> Any:
        handler(request)
        raise HTTPConflict

    return tween
