"""From a body to a response that is ready to leave: one place where values become bytes."""

from typing import Any, Final

from webob import Response

from cliquet_like.kernel.codec import dumps

_OF_THE_BODY: Final = frozenset({"content-type", "content-length", "content-md5"})


def json_response(request: Any, body: Any) -> Response:
    """The request's own response, with its status and headers, now holding the body as JSON.

    A body that is a response already is returned unchanged. Raises ``TypeError`` for what JSON
    cannot hold; the response is untouched then.
    """
    if isinstance(body, Response):
        return body
    text = dumps(body)
    response: Response = request.response
    response.app_iter = [text]
    # In place: a view on the headers may be held. Each assignment to it would look at all of them.
    headers = response.headerlist
    headers[:] = [header for header in headers if header[0].lower() not in _OF_THE_BODY]
    headers += (("Content-Type", "application/json"), ("Content-Length", str(len(text))))
    return response
