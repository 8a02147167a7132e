"""Heartbeat ``oauth``: whether the OAuth server answers."""

from typing import Any

import requests

from cliquet_like.logs import logger
from cliquet_like_fxa.settings import settings_of


def fxa_ping(request: Any) -> bool | None:
    """True when ``<server>/__heartbeat__`` answers well in time, else False; None without ``oauth_uri``.

    It never raises. The server is what is before the version in ``oauth_uri``.
    """
    settings = settings_of(request.registry)
    if settings.oauth_uri is None:
        return None
    url = f"{settings.oauth_uri.removesuffix('/v1')}/__heartbeat__"
    try:
        # Whatever it says, its status is enough: the body is not read.
        with requests.get(url, timeout=settings.heartbeat_timeout_seconds, stream=True) as response:
            response.raise_for_status()
    except Exception:  # noqa: BLE001 - urllib3 and ssl leak what is none of requests' own; a heartbeat never raises
        logger.exception("heartbeat failed", backend="oauth")
        return False
    return True
