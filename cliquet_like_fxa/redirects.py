"""Where a browser may be sent with a token: URLs read strictly, compared with the hosts of the settings.

URLs are taken apart by a grammar of our own, on their text (the strict half of RFC 3986): what two
parsers could read in two ways is refused, so that no browser goes elsewhere than we think.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

MAX_URL_LENGTH: Final = 1024
"""Characters that a URL may have: whoever asks for a login has it kept for as long as that may take."""

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = rf"{_LABEL}(?:\.{_LABEL})*"
# Literally an IPv6 address, or at least nothing that could be anything else.
_BRACKETED: Final = r"\[[0-9a-f:.]{2,45}\]"
_PORT: Final = r"(?::(?P<port>[1-9][0-9]{0,4}))?"
# Neither "@" nor a backslash.
_CHARACTER: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:/-]|%[0-9A-Fa-f]{2})"
# C0, DEL and C1 (ISO/IEC 6429).
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_URL: Final = re.compile(
    rf"(?P<scheme>https?)://(?P<host>(?i:{_HOST}|{_BRACKETED})){_PORT}"
    rf"(?P<path>(?:/{_CHARACTER}*)?)(?P<rest>(?:\?(?:{_CHARACTER}|\?)*)?(?:\#(?:{_CHARACTER}|\?)*)?)",
    re.ASCII,
)
_PATTERN: Final = re.compile(
    rf"(?:(?P<scheme>https?)://)?(?P<host>\*|(?:\*\.)?{_HOST}|{_BRACKETED}){_PORT}", re.ASCII
)
# The last label of what a browser takes for an IPv4 address (URL Standard, "ends in a number").
_NUMBER: Final = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)
_IPV4: Final = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!\Z)|\Z)){4}", re.ASCII)
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_MAX_PORT: Final = 65535
_MAX_HOST_LENGTH: Final = 253


@dataclass(frozen=True, slots=True)
class AllowedHost:
    """An entry of the setting: a scheme, a host or a ``*.`` before one, and a port."""

    scheme: str
    host: str
    port: int

    def admits(self, scheme: str, host: str, port: int) -> bool:
        """Whether the place, its host in lower case, is one of those of the entry.

        ``*.`` stands for one whole label or more, ``*`` for any name of two labels or more; neither
        for an address, nor for an internationalised label: those are listed as they are.
        """
        if (scheme, port) != (self.scheme, self.port):
            return False
        if not self.host.startswith("*"):
            return host == self.host
        return host.endswith(self.host[1:]) and "." in host and not _must_be_listed(host)


def parse_allowed_hosts(entries: Iterable[str]) -> tuple[AllowedHost, ...]:
    """Entries of the setting, such as ``app.example.com``, ``*.example.com`` or ``http://localhost:3000``.

    Raises ``ValueError``, with the entry, for what is none of these.
    """
    return tuple(_parse_allowed_host(entry) for entry in entries)


def _parse_allowed_host(entry: str) -> AllowedHost:
    found = _PATTERN.fullmatch(entry.lower())
    if found is None:
        raise ValueError(f"{entry!r} is no host")
    host, scheme = found["host"], found["scheme"] or "https"
    port = int(found["port"] or _DEFAULT_PORTS[scheme])
    if port > _MAX_PORT:
        raise ValueError(f"{entry!r} has a port that does not exist")
    if host.startswith("*") and scheme == "http":
        raise ValueError(f"{entry!r} would send tokens unencrypted to many hosts")
    if host.startswith("*.") and host.count(".") == 1:
        raise ValueError(f"{entry!r} is a whole top-level domain")
    if _is_number(host) and (host.startswith("*") or not _IPV4.fullmatch(host)):
        raise ValueError(f"{entry!r} is a number, and no address in four parts")
    return AllowedHost(scheme, host, port)


def is_allowed(url: str, allowed: Iterable[AllowedHost]) -> bool:
    """Whether a browser may be sent to a URL with a token; never raises, whatever the text is."""
    found = _URL.fullmatch(url) if len(url) <= MAX_URL_LENGTH else None
    if found is None or len(found["host"]) > _MAX_HOST_LENGTH:
        return False
    if not _is_plain_text(found["path"] + found["rest"]):
        return False
    scheme, host = found["scheme"], found["host"].lower()
    port = int(found["port"] or _DEFAULT_PORTS[scheme])
    return any(entry.admits(scheme, host, port) for entry in allowed)


def with_token(url: str, token: str) -> str:
    """URL with a token at its end, percent-encoded where it must be.

    A URL that ends with its host gets a slash first: the token would become a part of the host.
    """
    return f"{_with_path(url)}{quote(token, safe='')}"


def with_error(url: str, error: str) -> str:
    """URL with the parameter ``error`` behind what was written for the token, in which no ``&`` can be.

    It is one more of the fragment or of the query that the URL ends with, and else a fragment of its own.
    """
    url = _with_path(url)
    _, mark, others = url.partition("#" if "#" in url else "?")
    separator = ("&" if others else "") if mark else "#"
    return f"{url}{separator}error={quote(error, safe='')}"


def _with_path(url: str) -> str:
    after_scheme = url.partition("://")[2]
    return url if re.search("[/?#]", after_scheme) else f"{url}/"


def _is_plain_text(encoded: str) -> bool:
    """Whether what is percent-encoded is UTF-8, without control characters."""
    try:
        return _CONTROL.search(unquote(encoded, errors="strict")) is None
    except UnicodeDecodeError:
        return False


def _is_number(host: str) -> bool:
    return _NUMBER.fullmatch(host.rpartition(".")[2]) is not None


def _must_be_listed(host: str) -> bool:
    labels = host.split(".")
    return host.startswith("[") or _is_number(host) or any(label.startswith("xn--") for label in labels)
