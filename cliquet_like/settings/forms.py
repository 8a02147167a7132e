"""How the texts of some settings are written: parts of URLs, dates, lists."""

import re
from datetime import datetime
from typing import Any, Final

# host [ ":" port ], RFC 9112 section 3.2 and RFC 3986 section 3.2.2.
_HOST: Final = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::[0-9]*)?", re.ASCII
)
# scheme "://" host [ ":" port ] in small letters, RFC 6454 section 6.2; with an asterisk, a part of it too.
_ORIGIN: Final = re.compile(r"null|(?=.*://|.*\*)(?:[a-z0-9+.*-]+://)?[a-z0-9._*-]+(?::[0-9*]+)?", re.ASCII)


def is_scheme(value: Any) -> bool:
    """Whether a value is the scheme of URLs that we serve."""
    return value in ("http", "https")


def is_host(text: Any) -> bool:
    """Whether a text is a host with or without a port, and may become a part of a URL."""
    return isinstance(text, str) and _HOST.fullmatch(text) is not None


def is_date(value: Any) -> bool:
    """Whether the text of a value is a date, or a date with a time (ISO 8601)."""
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def is_list(value: Any) -> bool:
    """Whether a value is a list of several, or their text with blanks between them; both may be empty."""
    return isinstance(value, str | list | tuple | set | frozenset)


def are_origins(value: Any) -> bool:
    """Whether a value lists origins as browsers send them, or patterns of them with asterisks."""
    if not is_list(value):
        return False
    origins = value.split() if isinstance(value, str) else value
    return all(isinstance(origin, str) and _ORIGIN.fullmatch(origin) for origin in origins)
