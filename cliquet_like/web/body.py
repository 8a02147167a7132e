"""Bodies of requests: JSON read strictly, and validated by a colander schema."""

from typing import Any

import colander

from cliquet_like.kernel.codec import InvalidJSON, find_unstorable, loads_strictly

Body = dict[str, Any]


def validate_body(request: Any, schema: Any = None, **_: Any) -> None:
    """Cornice validator: the body's fields, as the schema has them, in ``request.validated``.

    What is wrong goes to ``request.errors``, each with the name of its field.
    """
    body = read_object(request)
    if body is not None:
        deserialize(request, schema, body)


def read_object(request: Any) -> Body | None:
    """JSON object of the body, ``{}`` for an empty one; None, and an error, when it is no object."""
    text = request.body
    try:
        body = loads_strictly(text) if text.strip() else {}
    except InvalidJSON as error:
        request.errors.add("body", "", f"Invalid JSON: {error}")
        return None
    if not isinstance(body, dict):
        request.errors.add("body", "", "Should be a JSON object")
        return None
    return body


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
