"""URL of a PostgreSQL server (https://www.postgresql.org/docs/current/libpq-connect.html, 32.1.1.2)."""

import re
from typing import Any, Final

from pyramid.exceptions import ConfigurationError

from cliquet_like.drivers.optional import import_driver

EXTRA: Final = "postgresql"
_SCHEMES: Final = ("postgresql://", "postgres://")
# Without the last three, a request would wait for a quarter of an hour on a server that vanished
# from the network, and for two hours before it first looks.
_DEFAULTS: Final = {
    "connect_timeout": "10",
    "application_name": "cliquet_like",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "tcp_user_timeout": "10000",
}
_WHOLE: Final = {
    "connect_timeout": "seconds",
    "keepalives_idle": "seconds",
    "keepalives_interval": "seconds",
    "tcp_user_timeout": "milliseconds",
}
# What a URL may not override: our text is UTF-8.
_OURS: Final = {"client_encoding": "UTF8"}
_STATEMENT_TIMEOUT: Final = re.compile(r"([?&])statement_timeout=([^&]*)(&?)")
_LONGEST_MS: Final = 2**31 - 1
_SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

Parameters = dict[str, str]
"""Keywords of ``psycopg2.connect``."""


def parse_url(url: str, *, kind: str) -> Parameters:
    """Read a URL as libpq does, with one more option: ``statement_timeout`` in milliseconds, 0 for none.

    Without ``connect_timeout`` it is ten seconds; a silent connection is probed after
    ``keepalives_idle`` (30 seconds) and each ``keepalives_interval`` (10 seconds), and is lost when
    nothing is acknowledged for ``tcp_user_timeout`` (10000 milliseconds). Raises
    ``ConfigurationError``, which names the setting of this ``kind`` of backend but not the URL:
    there may be a password in it.
    """
    driver = import_driver("psycopg2", extra=EXTRA, setting=f"{kind}_backend")
    if not url.startswith(_SCHEMES):
        raise _refused(kind, "")
    known, timeout_ms = _split_statement_timeout(url, kind)
    given = _parsed(driver, known, kind)
    if timeout_ms is not None:
        given["options"] = f"{given.get('options', '')} -c statement_timeout={timeout_ms}".strip()
    _check(given, kind)
    return {**_DEFAULTS, **given, **_OURS}


def _split_statement_timeout(url: str, kind: str) -> tuple[str, str | None]:
    found = _STATEMENT_TIMEOUT.search(url)
    if found is None:
        return url, None
    mark, text, more = found.groups()
    if not _is_whole(text, most=_LONGEST_MS):
        raise _refused(kind, "Its statement_timeout is no number of milliseconds.")
    return url[: found.start()] + (mark if more else "") + url[found.end() :], text


def _parsed(driver: Any, url: str, kind: str) -> Parameters:
    try:
        parameters: Parameters = driver.extensions.parse_dsn(url)
    except (driver.Error, ValueError):
        raise _refused(kind, "An option is unknown, or a character is not percent-encoded.") from None
    return parameters


def _check(given: Parameters, kind: str) -> None:
    """Look at values that libpq checks no earlier than it connects."""
    if not all(_is_whole(port or "5432", most=65535) for port in given.get("port", "").split(",")):
        raise _refused(kind, "Its port is no number up to 65535.")
    for name, unit in _WHOLE.items():
        if not _is_whole(given.get(name, "0"), most=_LONGEST_MS):
            raise _refused(kind, f"Its {name} is no number of {unit}.")
    if given.get("sslmode", "prefer") not in _SSL_MODES:
        raise _refused(kind, f"Its sslmode is none of {', '.join(_SSL_MODES)}.")


def _is_whole(text: str, *, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and int(text) <= most


def _refused(kind: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"Setting {kind}_url: not the URL of a PostgreSQL server, which is "
        f"postgresql://user:password@host:port/database?option=value. {reason}".rstrip()
    )
