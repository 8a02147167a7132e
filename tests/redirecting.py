"""Views that answer in unusual ways, for the tests of batches and errors."""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPFound, HTTPServiceUnavailable, HTTPTemporaryRedirect
from pyramid.response import Response

from cliquet_like.drivers.errors import BackendError
from cliquet_like.service import Service

elsewhere = Service(name="elsewhere", path="/elsewhere")
outside = Service(name="outside", path="/outside")
endless = Service(name="endless", path="/endless")
plain = Service(name="plain", path="/plain")
crash = Service(name="crash", path="/crash")
down = Service(name="down", path="/down")
raised = Service(name="raised", path="/raised")
returned = Service(name="returned", path="/returned")
forbidden = Service(name="forbidden", path="/forbidden")
counted = Service(name="counted", path="/counted")


@elsewhere.post()
def to_the_batch(request: Any) -> Any:
    raise HTTPTemporaryRedirect("/v1/batch")


@outside.get()
def to_another_host(request: Any) -> Any:
    raise HTTPFound("http://elsewhere.example/v1/")


@endless.get()
def to_itself(request: Any) -> Any:
    return HTTPFound("/v1/endless")


@plain.get()
def text(request: Any) -> Any:
    response = Response("plain text", content_type="text/plain")
    response.headers.extend([("X-Twice", "a"), ("X-Twice", "b")])
    return response


@crash.get()
def fail(request: Any) -> Any:
    raise RuntimeError("a programming error")


@down.get()
def lose_the_backend(request: Any) -> Any:
    raise BackendError(message="connection refused")


@raised.get()
def raise_unavailable(request: Any) -> Any:
    raise HTTPServiceUnavailable


@returned.get()
def return_unavailable(request: Any) -> Any:
    return Response(status=503)


@forbidden.get()
def return_forbidden(request: Any) -> Any:
    return HTTPForbidden()


@counted.get()
def count(request: Any) -> Any:
    request.bound_data["seen"] = request.bound_data.get("seen", 0) + 1
    return dict(request.bound_data)
