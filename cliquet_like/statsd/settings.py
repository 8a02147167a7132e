"""From settings to a client of statsd."""

import re
from typing import Any, Final
from urllib.parse import urlsplit

from pyramid.exceptions import ConfigurationError

from cliquet_like.logs.masking import MASK, mask_text
from cliquet_like.statsd.client import Client

_PREFIX: Final = re.compile(r"[A-Za-z0-9_.-]{0,100}")

_USER: Final = re.compile(r"\A(\s*\w*://)?.*@", re.DOTALL)
"""What stands before the host: nobody signs in to statsd, so it may be the URL of another server."""


def load_from_config(config: Any) -> Client:
    """Client of ``statsd_url`` and ``statsd_prefix``.

    Raises ``ConfigurationError`` for a value that cannot be used, or without the package statsd. A
    name that cannot be looked up is no error: it may be there later.
    """
    settings = config.get_settings()
    host, port = _parse_url(str(settings["statsd_url"]))
    return Client(host, port, _parse_prefix(settings.get("statsd_prefix")))


def _parse_url(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    rest = parts.path.rstrip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme != "udp" or not host or not port or rest:
        shown = mask_text(_USER.sub(rf"\1{MASK}@", url))
        raise ConfigurationError(f"Setting statsd_url: {shown!r} is no such URL, expected udp://host:port.")
    return host, port


def _parse_prefix(prefix: Any) -> str:
    text = str(prefix or "")
    if _PREFIX.fullmatch(text) is None:
        raise ConfigurationError(
            f"Setting statsd_prefix: {prefix!r} is no such prefix, expected at most 100 letters, digits, "
            "'_', '-' and dots."
        )
    return text
