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
    "token", "secret", "passw", "pwd", "passphrase", "apikey", "api_key", "api-key", "private_key",
    "access_key", "license_key", "hmac", "signature", "credential", "assertion", "authorization", "cookie",
    "session",
)  # fmt: skip
"""A field, header or parameter whose name holds one of these words is a secret, in any case."""

SECRET_PARAMETERS: Final = (
    "code", "state", "auth", "authkey", "bearer", "key", "jwt", "otp", "pass", "pin", "pw", "sid", "sig",
)  # fmt: skip
"""Parameters of a URL that are secret when this is their name, or its end after ``_``."""

_SECRET_NAME: Final = re.compile("|".join(SECRET_WORDS), re.IGNORECASE)
_SECRET_PARAMETER: Final = re.compile(
    rf"{'|'.join(SECRET_WORDS)}|(?:\A|_)(?:{'|'.join(SECRET_PARAMETERS)})\Z", re.IGNORECASE
)
# RFC 7235, appendix C: scheme and token68. Shorter than any credentials of use: a word after "basic".
_CREDENTIALS: Final = re.compile(r"\b(basic|bearer|hawk|digest)\s+[^\s'\",]{4,4096}", re.IGNORECASE)
_HEADER: Final = re.compile(r"((?:authorization|cookie)['\"]?\s*:\s*)[^\r\n]+", re.IGNORECASE)
_URL_PASSWORD: Final = re.compile(r"://([^\s/:]{0,256}):\S{1,1024}@")
_URL_USER: Final = re.compile(r"://[^\s/@:?#]{1,256}@")
# name=value, name: value, {"name": "value"}, ("name", "value"), as texts, Python and JSON write them.
_QUOTED: Final = r"b?'[^'\r\n]{1,4096}'|b?\"[^\"\r\n]{1,4096}\""
_NAMED: Final = rf"(?:{'|'.join(SECRET_WORDS)})[\w-]{{0,64}}"
_ASSIGNED: Final = re.compile(
    rf"({_NAMED}['\"]?\s{{0,4}}[=:]\s{{0,4}})(?:{_QUOTED}|[^\s&'\"]{{1,4096}})", re.IGNORECASE
)
_PAIRED: Final = re.compile(rf"({_NAMED}['\"]\s{{0,4}},\s{{0,4}})(?:{_QUOTED})", re.IGNORECASE)


def mask_text(text: str) -> str:
    """Text with ``***`` for credentials, passwords of URLs, and values of parameters named as secrets."""
    text = _CREDENTIALS.sub(rf"\1 {MASK}", text)
    if ":" in text:
        text = _HEADER.sub(rf"\1{MASK}", text)
    if "://" in text:
        text = _URL_PASSWORD.sub(rf"://\1:{MASK}@", text)
        text = _URL_USER.sub(f"://{MASK}@", text)
    if "=" in text or ":" in text:
        text = _ASSIGNED.sub(rf"\1{MASK}", text)
    return _PAIRED.sub(rf"\1{MASK}", text) if "," in text else text


def mask_query(query: str) -> str:
    """Query string with ``***`` for the values of secret parameters; others stay as they were sent."""
    return "&".join(_mask_parameter(parameter) for parameter in query.split("&")) if query else ""


def _mask_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    if equals and _SECRET_PARAMETER.search(unquote_plus(name).strip()):
        return f"{name}={MASK}"
    # A value may be a URL itself, with parameters that are encoded once more.
    plain = unquote_plus(unquote_plus(value or name))
    masked = _mask_nested(plain)
    if masked == plain:
        return parameter
    return f"{name}={masked}" if value else masked


def _mask_nested(text: str) -> str:
    """Text without secrets, those in the query of a URL that it is included."""
    path, mark, query = text.partition("?")
    if not mark:
        return mask_text(text)
    pairs = (pair.partition("=") for pair in query.split("&"))
    shown = (
        f"{name}{equals}{MASK if equals and _SECRET_PARAMETER.search(name) else value}"
        for name, equals, value in pairs
    )
    return mask_text(f"{path}?{'&'.join(shown)}")


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
