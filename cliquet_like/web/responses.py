"""From a body to a response that is ready to leave: one place where values become bytes."""

from collections.abc import Iterable, Mapping, Set
from typing import Any, Final

from webob import Response

from cliquet_like.kernel.codec import dumps

Header = tuple[str, str]


class _Written(list[bytes]):
    """Parts of a body that :func:`json_response` has written."""

    def __init__(self, text: bytes) -> None:
        super().__init__((text,))
        self.text = text


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
    response.app_iter = _Written(text)
    content = (("Content-Type", "application/json"), ("Content-Length", str(len(text))))
    _replace(response.headerlist, _OF_THE_BODY, content)
    return response


def written_json(response: Response) -> bytes | None:
    """JSON that :func:`json_response` wrote, if that is still the body; else None."""
    parts = response.app_iter
    return parts.text if type(parts) is _Written and parts == [parts.text] else None


def set_headers(response: Any, headers: Mapping[str, str]) -> None:
    """Give a response headers, in the place of those that have their names, all in one pass.

    What stands in for a response needs to have a mapping ``headers`` only.
    """
    if isinstance(response, Response):
        _replace(response.headerlist, {name.lower() for name in headers}, headers.items())
    else:
        response.headers.update(headers)


def _replace(headerlist: list[Header], names: Set[str], headers: Iterable[Header]) -> None:
    # In place: a view on the headers may be held. Each assignment to it would look at all of them.
    headerlist[:] = [header for header in headerlist if header[0].lower() not in names]
    headerlist += headers
