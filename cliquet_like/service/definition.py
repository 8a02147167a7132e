"""Service: Cornice's class with our errors and CORS, whose views may return what JSON can hold."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, Final

from cornice import service as cornice_service
from pyramid.httpexceptions import HTTPException
from pyramid.response import Response

from cliquet_like.errors import json_error_handler
from cliquet_like.service.requests import HeadersByMethod
from cliquet_like.web.body import validate_body
from cliquet_like.web.cors import EXPOSED_HEADERS
from cliquet_like.web.responses import json_response

_JSON_RENDERER: Final = "cornicejson"


class Service(cornice_service.Service):
    """A Cornice service whose views may return a JSON-able value, and whose errors are ours."""

    renderer = _JSON_RENDERER
    default_cors_headers = EXPOSED_HEADERS
    headers_without_origin: HeadersByMethod | None = None
    """CORS headers of its answers to requests without ``Origin``, by method; None before it is registered."""

    def default_error_handler(self, request: Any) -> Any:
        """Answer ``request.errors`` as the protocol says."""
        return json_error_handler(request)

    def add_view(self, method: str, view: Any, **kwargs: Any) -> None:
        """Define a view; a function's result becomes a response without looking for a renderer.

        A name of a method of ``klass``, or a view with its own renderer, is left alone. A
        ``schema`` without validators is that of a JSON body.
        """
        if kwargs.get("schema") is not None and not (kwargs.get("validators") or self.validators):
            schema = kwargs["schema"]
            kwargs |= {
                "schema": schema() if isinstance(schema, type) else schema,
                "validators": validate_body,
            }
        if _is_function(view) and kwargs.get("renderer", self.renderer) == _JSON_RENDERER:
            view = _answering(view)
        super().add_view(method, view, **kwargs)

    def cors_supported_headers_for(self, method: str | None = None) -> list[str]:
        """Headers that pages of other origins may read, always in the same order."""
        return sorted(super().cors_supported_headers_for(method))


def _is_function(view: Any) -> bool:
    return inspect.isroutine(view) or isinstance(view, functools.partial)


def _answering(view: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(view)
    def answer(request: Any) -> Any:
        result = view(request)
        if isinstance(result, HTTPException):
            raise result
        if result is None or isinstance(result, Response) or request.response.status_code == 204:
            return result
        try:
            return json_response(request, result)
        except TypeError:
            # Objects with ``__json__`` or an adapter of the application: its renderer knows them.
            return result

    return answer
