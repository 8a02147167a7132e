"""Bodies of requests: JSON read strictly, and validated by a colander schema."""

import io
from typing import Any

import colander
from webob.request import BaseRequest

from cliquet_like.kernel.codec import InvalidJSON, dumps, find_unstorable, loads_strictly

Body = dict[str, Any]


class ReadBody(io.BytesIO):
    """Body (``wsgi.input``) whose JSON was read strictly before, as a part of another body."""

    def __init__(self, value: Body) -> None:
        """Write the value, which is kept: nobody else may have it."""
        super().__init__(dumps(value))
        self._value: Body | None = value

    def take(self) -> Body | None:
        """The value, for the first who asks; it is his."""
        value, self._value = self._value, None
        return value


def validate_body(request: Any, schema: Any = None, **_: Any) -> None:
    """Cornice validator: the body's fields, as the schema has them, in ``request.validated``.

    What is wrong goes to ``request.errors``, each with the name of its field.
    """
    body = read_object(request)
    if body is not None:
        deserialize(request, schema, body)


def read_object(request: Any) -> Body | None:
    """JSON object of the body, ``{}`` for an empty one; None, and an error, when it is no object."""
    source = _source(request)
    if type(source) is ReadBody and (known := source.take()) is not None:
        return known
    text = source.getvalue() if _is_whole(request, source) else request.body
    try:
        body = loads_strictly(text) if text.strip() else {}
    except InvalidJSON as error:
        request.errors.add("body", "", f"Invalid JSON: {error}")
        return None
    if not isinstance(body, dict):
        request.errors.add("body", "", "Should be a JSON object")
        return None
    return body


def _source(request: Any) -> Any:
    """Where a body is read from; None where the application has its own idea of a body."""
    if getattr(type(request), "body", None) is not BaseRequest.body:
        return None
    return request.environ.get("wsgi.input")


def _is_whole(request: Any, source: Any) -> bool:
    """Whether a source holds the body and nothing else, of which WebOb would seek the beginning twice."""
    return (
        type(source) is io.BytesIO
        and request.is_body_seekable
        and request.content_length == source.getbuffer().nbytes
    )


def deserialize(request: Any, schema: Any, body: Body) -> bool:
    """Whether the schema takes the body; then it is in ``request.validated``, else there are errors."""
    try:
        validated = schema.deserialize(body)
    except colander.Invalid as error:
        for name, description in error.asdict().items():
            request.errors.add("body", name, description)
        return False
    if unstorable := find_unstorable(validated):
        request.errors.add("body", *unstorable)
        return False
    request.validated.update(validated)
    return True
