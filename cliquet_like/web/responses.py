"""From a body to a response that is ready to leave: one place where values become bytes."""

from typing import Any

from webob import Response

from cliquet_like.kernel.codec import dumps


def json_response(request: Any, body: Any) -> Response:
    """The request's own response, with its status and headers, now holding the body as JSON.

    A body that is a response already is returned unchanged. Raises ``TypeError`` for what JSON
    cannot hold; the response is untouched then.
    """
    if isinstance(body, Response):
        return body
    text = dumps(body)
    response: Response = request.response
    response.headers["Content-Type"] = "application/json"
    response.body = text
    return response
