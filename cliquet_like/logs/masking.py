"""Secrets in log entries: ``***`` stands in their place, at every level.

A secret is known by its name (a field, a header, a parameter of a URL), or by its looks (the
credentials of an ``Authorization`` header, the password of a URL).
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

MASK: Final = "***"
_MAX_DEPTH: Final = 5

SECRET_WORDS: Final = (
    "token", "secret", "passw", "pwd", "passphrase", "apikey", "api_key", "api-key", "signature",
    "credential", "assertion", "authorization", "cookie", "session",
)  # fmt: skip
"""A field, header or parameter whose name holds one of these words is a secret, in any case."""

SECRET_PARAMETERS: Final = ("code", "state", "auth", "key", "jwt", "sid", "sig")
"""Parameters of a URL that are secret when this is their name, or its end after ``_``."""

_SECRET_NAME: Final = re.compile("|".join(SECRET_WORDS), re.IGNORECASE)
_SECRET_PARAMETER: Final = re.compile(
    rf"{'|'.join(SECRET_WORDS)}|(?:\A|_)(?:{'|'.join(SECRET_PARAMETERS)})\Z", re.IGNORECASE
)
# RFC 7235, appendix C: scheme and token68. Shorter than any credentials of use: a word after "basic".
_CREDENTIALS: Final = re.compile(r"\b(basic|bearer|hawk|digest)\s+[A-Za-z0-9+/._~-]{4,}=*", re.IGNORECASE)
_HEADER: Final = re.compile(r"((?:authorization|cookie)['\"]?\s*:\s*)[^\r\n]+", re.IGNORECASE)
_URL_PASSWORD: Final = re.compile(r"://([^\s/@:]{0,256}):[^\s]{1,1024}@")
_ASSIGNED: Final = re.compile(
    rf"((?:{'|'.join(SECRET_WORDS)})[\w-]{{0,64}}=)[^\s&'\",;)]{{1,4096}}", re.IGNORECASE
)


def mask_text(text: str) -> str:
    """Text with ``***`` for credentials, passwords of URLs, and values of parameters named as secrets."""
    text = _CREDENTIALS.sub(rf"\1 {MASK}", text)
    if ":" in text:
        text = _HEADER.sub(rf"\1{MASK}", text)
    if "://" in text:
        text = _URL_PASSWORD.sub(rf"://\1:{MASK}@", text)
    return _ASSIGNED.sub(rf"\1{MASK}", text) if "=" in text else text


def mask_query(query: str) -> str:
    """Query string with ``***`` for the values of secret parameters; others stay as they were sent."""
    return "&".join(_mask_parameter(parameter) for parameter in query.split("&")) if query else ""


def _mask_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    if _SECRET_PARAMETER.search(unquote_plus(name).strip()):
        return f"{name}{equals}{MASK}" if equals else name
    if not value:
        # Where no name is sent, nobody knows what the text is.
        return mask_text(parameter)
    plain = unquote_plus(value)
    masked = mask_text(plain)
    return parameter if masked == plain else f"{name}={masked}"


def mask_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Copy of an entry without secrets, those inside of mappings and lists too."""
    return {key: _masked_field(key, value, _MAX_DEPTH) for key, value in entry.items()}


def _masked_field(key: Any, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool) or not _SECRET_NAME.search(str(key)):
        return _masked(value, depth)
    return MASK


def _masked(value: Any, depth: int) -> Any:
    """Value without secrets; below that many levels it is its text."""
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, bytes):
        return mask_text(value.decode("utf-8", "replace"))
    if depth and isinstance(value, Mapping):
        return {key: _masked_field(key, item, depth - 1) for key, item in value.items()}
    if depth and isinstance(value, list | tuple):
        return [_masked(item, depth - 1) for item in value]
    return mask_text(str(value))
