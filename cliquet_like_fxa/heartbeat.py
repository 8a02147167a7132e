"""Heartbeat ``oauth``: whether the OAuth server answers."""

from typing import Any

import requests

from cliquet_like.logs import logger
from cliquet_like_fxa.settings import settings_of
from cliquet_like_fxa.transport import UnusableAnswer, bounded_session, time_limit


def fxa_ping(request: Any) -> bool | None:
    """True when ``<server>/__heartbeat__`` answers 2xx, whole and in time; None without ``oauth_uri``.

    It is False else, and never raises. The server is what is before the version in ``oauth_uri``.
    What the body says does not count. A redirect is not well: whoever answers behind it need not be
    the server.
    """
    settings = settings_of(request.registry)
    if settings.oauth_uri is None:
        return None
    url = f"{settings.oauth_uri.removesuffix('/v1')}/__heartbeat__"
    try:
        _ask(url, settings.heartbeat_timeout_seconds)
    except Exception as error:  # noqa: BLE001 - urllib3 and ssl leak what is none of requests'; it never raises
        # Asked every few seconds, and of nothing of ours: the cause is enough.
        logger.warning("heartbeat failed", heartbeat="oauth", cause=f"{type(error).__name__}: {error}")
        return False
    return True


def _ask(url: str, timeout_s: float) -> None:
    """Raises ``requests.RequestException``, and others, for what is no whole answer of success."""
    with time_limit(timeout_s), bounded_session() as session:
        response = session.get(url)
    if not _says_where_it_ends(response):
        raise UnusableAnswer("the head may have been cut off")


def _says_where_it_ends(response: requests.Response) -> bool:
    """Whether it would be noticed that the connection broke in the middle (RFC 9112, section 8)."""
    head = response.headers
    return response.status_code == 204 or "Content-Length" in head or "Transfer-Encoding" in head
