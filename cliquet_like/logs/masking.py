"""Secrets in log entries: ``***`` stands in their place, at every level.

A secret is known by its name (a field, a header, a parameter of a URL), or by its looks (the
credentials of an ``Authorization`` header, the password of a URL). Of a text that was cut, what is
left of a secret is one.

A masked entry is of a bounded size, and holds only what every renderer can write.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

from cliquet_like.logs.entry import text_of, unprintable

MASK: Final = "***"

MAX_FIELD: Final = 65_536
"""Characters of a field of an entry, all that is inside of it together; ``...`` stands for what is more."""

_MAX_DEPTH: Final = 5
_MAX_INT_BITS: Final = 4096
# What a value of a mapping or a list counts, be it empty.
_ITEM: Final = 16
_MORE: Final = "..."

SECRET_WORDS: Final = (
    "token", "secret", "passw", "pwd", "passphrase", "api_key", "private_key", "access_key", "license_key",
    "hmac", "signature", "credential", "assertion", "authorization", "cookie", "session",
)  # fmt: skip
"""A field, header or parameter whose name holds one of these words is a secret, in any case.

Where a word has ``_``, a name may have ``-``, ``.`` or nothing.
"""

SECRET_PARAMETERS: Final = (
    "code", "state", "auth", "authkey", "bearer", "key", "jwt", "otp", "pass", "pin", "pw", "sid", "sig",
)  # fmt: skip
"""Parameters of a URL that are secret when this is the last part of their name, signs after it aside.

The parts of a name are what is between its signs: ``my-code[0]`` is secret, and ``error_code``.
"""

_SCHEMES: Final = ("basic", "bearer", "hawk", "digest", "token", "negotiate")
_WORDS: Final = "|".join(SECRET_WORDS).replace("_", "[-_.]?")
_LAST_PART: Final = rf"(?<![^\W_])(?:{'|'.join(SECRET_PARAMETERS)})(?=[\[\]]|\W*(?:=|\Z))"
_LOWER_WORD: Final = re.compile(_WORDS)
_SECRET_PARAMETER: Final = re.compile(rf"{_WORDS}|{_LAST_PART}", re.IGNORECASE)
# RFC 9110, section 11.4: scheme and token68. Shorter than any credentials of use: a word after "basic".
# After "token", where people write of tokens, credentials are known by their length and a digit.
_CREDENTIALS: Final = re.compile(
    r"\b(basic|bearer|hawk|digest|(?:token|negotiate)(?=\s+(?=[^\s'\",]{8})[^\s\d'\",]*\d))\s+[^\s'\",]{4,}",
    re.IGNORECASE,
)
_HEADER: Final = re.compile(r"((?:authorization|cookie)[\\'\"]*+\s*:\s*)[^\r\n]+", re.IGNORECASE)
_URL_PASSWORD: Final = re.compile(r"://([^\s/:]{0,256}):\S{1,1024}@")
_URL_USER: Final = re.compile(r"://[^\s/@:?#]{1,256}@")
# name=value, name: value, {"name": "value"}, ("name", "value"), as texts, Python and JSON write them, JSON
# inside of JSON too. To its name belongs what closes it: quotes, their backslashes, brackets.
_NAMED: Final = rf"(?:{_WORDS})[\w.\\'\"()\[\]-]{{0,64}}+"
# Up to the same quote with as many backslashes, or to the end of the line where the text was cut.
_QUOTED: Final = r"[bruf]{0,2}(\\*+['\"])[^\r\n]*?(?:(?<!\\)\2|(?![^\r\n]))"
# RFC 9110, section 11.4: scheme and name=value, name="value". The list is not possessive, as Python 3.11 and
# 3.12 may raise SystemError for a group inside of one.
_AUTH_PARAM: Final = rf"[^\s'\",=:]{{1,64}}+\s{{0,4}}=\s{{0,4}}(?:{_QUOTED}|[^\s,'\"]*+)"
_AUTH_PARAMS: Final = re.compile(
    rf"\b(hawk|digest)\s+{_AUTH_PARAM}(?:(?:\s*+,)++\s*+{_AUTH_PARAM})*", re.IGNORECASE
)
# Brackets are not counted: from the first that opens to the first that closes, and the rest of that line.
_BRACKETED: Final = r"[^\s&'\"\[({]*+[\[({][^\])}]*+[^\r\n]*"
_VALUE: Final = rf"(?:{_QUOTED}|{_BRACKETED}|[^\s&'\"]+)"
# PostgreSQL names several columns: Key (token, id)=(x, 1).
_ASSIGNS: Final = rf"{_NAMED}(?:,[\w, ]{{0,64}}\)(?==))?\s*+[=:][=:>]{{0,2}}"
# An empty value is not followed by the next name.
_ASSIGNED: Final = re.compile(rf"({_ASSIGNS}(?!\s++{_ASSIGNS})\s*+){_VALUE}", re.IGNORECASE)
# JSON that is indented has lines between the two, inside of JSON they are escaped.
_PAIRED: Final = re.compile(
    rf"({_NAMED}(?<=['\"])\s{{0,4}},(?:\s|\\++[nrt])*+)(?:{_QUOTED}|{_BRACKETED})", re.IGNORECASE
)
# Parameter of a URL in any text.
_PARAMETER: Final = re.compile(
    rf"([?&][^\s=&?'\"]{{0,64}}?{_LAST_PART}[^\s=&?'\"]{{0,64}}+=){_VALUE}", re.IGNORECASE
)
# Parameter of a text that is a URL: blanks, quotes and slashes are part of its value.
_IN_URL: Final = re.compile(rf"((?:{_WORDS}|{_LAST_PART})[^\s=&?#/;]{{0,64}}+\s{{0,4}}=)[^&]+", re.IGNORECASE)
# In lower case: a secret comes with one of the first, and with one of the second. Both are quick to look for.
_MARKS: Final = re.compile(rf"[=:@%+'\"]|{'|'.join(_SCHEMES)}")
_ALL_SIGNS: Final = (*SECRET_WORDS, *SECRET_PARAMETERS, *_SCHEMES, "@", "%", "+")
_SIGNS: Final = tuple(s for s in _ALL_SIGNS if not any(part in s for part in _ALL_SIGNS if part != s))
# How often a URL inside of another is percent-encoded.
_ENCODINGS: Final = 2
# More than the longest secret that is only known by its end, the password of a URL, encoded twice.
_MARGIN: Final = 8192


def is_secret_name(name: str) -> bool:
    """Whether what has this name is a secret, be it a field or a header."""
    return _LOWER_WORD.search(name.casefold()) is not None


def mask_text(text: str) -> str:
    """Text with ``***`` for credentials, passwords of URLs, and values of parameters named as secrets."""
    # Most texts hold no secret: that is found out without the patterns.
    folded = text.casefold()
    if any(map(folded.__contains__, _SCHEMES)):
        text = _CREDENTIALS.sub(rf"\1 {MASK}", _AUTH_PARAMS.sub(rf"\1 {MASK}", text))
    is_assigning = "=" in text or ":" in text
    is_pairing = "," in text and ("'" in text or '"' in text)
    if not (is_assigning or is_pairing):
        return text
    if "@" in text and "://" in text:
        text = _URL_PASSWORD.sub(rf"://\1:{MASK}@", text)
        text = _URL_USER.sub(f"://{MASK}@", text)
    if "=" in text and ("?" in text or "&" in text):
        text = _PARAMETER.sub(rf"\1{MASK}", text)
    if not _LOWER_WORD.search(folded):
        return text
    text = _ASSIGNED.sub(rf"\1{MASK}", text)
    text = _HEADER.sub(rf"\1{MASK}", text)
    return _PAIRED.sub(rf"\1{MASK}", text)


def mask_url(text: str) -> str:
    """Text that may be a URL or hold some, percent-encoded up to twice; decoded, when a secret was in it."""
    if not _is_suspect(text):
        return text
    masked = _mask_plain(text)
    is_masked = masked != text
    for _ in range(_ENCODINGS if "%" in text or "+" in text else 0):
        # What is encoded is part of a secret, so it is masked before it is decoded.
        plain = unquote_plus(masked)
        masked = _mask_plain(plain)
        is_masked = is_masked or masked != plain
    return masked if is_masked else text


def _mask_plain(text: str) -> str:
    return mask_text(_IN_URL.sub(rf"\1{MASK}", text) if "=" in text else text)


def mask_query(query: str) -> str:
    """Query string with ``***`` for the values of secret parameters; others stay as they were sent."""
    return "&".join(map(_mask_parameter, query.split("&"))) if _is_suspect(query) else query


def _is_suspect(text: str) -> bool:
    """Whether a text is worth a closer look; each request asks for five."""
    folded = text.casefold()
    return _MARKS.search(folded) is not None and any(map(folded.__contains__, _SIGNS))


def _mask_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    if equals and _SECRET_PARAMETER.search(unquote_plus(name).strip()):
        return f"{mask_url(name)}={MASK}"
    return mask_url(parameter)


def mask_start(text: str, limit: int, mask: Callable[[str], str] = mask_text) -> str:
    """At most ``limit`` characters of a text, cut after it was masked: half a secret may look like none.

    Of a text that is much longer only so much is masked, and the end of that is thrown away.
    """
    if len(text) <= limit + _MARGIN:
        return mask(text)[:limit]
    return mask(text[: limit + _MARGIN])[:-_MARGIN][:limit]


def mask_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Copy of an entry without secrets, those inside of mappings and lists too; five levels of them."""
    return {key: _Field().named(key, value, _MAX_DEPTH) for key, value in entry.items()}


class _Field:
    """One field, which is copied until it is too large."""

    def __init__(self) -> None:
        self._left = MAX_FIELD

    def named(self, name: str, value: Any, depth: int) -> Any:
        """Value, or the mask when it is a secret by its name."""
        if value is None or type(value) is bool or not is_secret_name(name):
            return self._value(value, depth)
        return MASK

    def _value(self, value: Any, depth: int) -> Any:
        try:
            return self._copy(value, depth)
        except Exception:  # noqa: BLE001 - the methods of what is logged may raise anything
            return unprintable(value)

    def _copy(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return _number(value)
        if isinstance(value, bytes | bytearray):
            # A character has four bytes at most.
            return self._text(value[: 8 * MAX_FIELD].decode("utf-8", "replace"))
        if isinstance(value, Mapping):
            return self._mapping(value, depth - 1) if depth else _MORE
        if isinstance(value, list | tuple | set | frozenset | deque):
            return self._list(value, depth - 1) if depth else _MORE
        return self._text(text_of(value))

    def _text(self, text: str) -> str:
        limit = max(self._left, 0)
        self._left -= len(text)
        return mask_start(text, limit) + (_MORE if len(text) > limit else "")

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        copy: dict[str, Any] = {}
        for key, item in value.items():
            if self._is_full():
                return {**copy, _MORE: _MORE}
            name = text_of(key)
            shown_name = self._text(name)
            copy[shown_name] = self.named(name, item, depth)
        return copy

    def _list(self, value: Any, depth: int) -> list[Any]:
        # ("Authorization", "x"): what comes second has the name that comes first.
        name = text_of(value[0]) if _is_pair(value) else ""
        copy: list[Any] = []
        for item in value:
            if self._is_full():
                return [*copy, _MORE]
            copy.append(self.named(name if copy else "", item, depth))
        return copy

    def _is_full(self) -> bool:
        self._left -= _ITEM
        return self._left < 0


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str | bytes)


def _number(value: Any) -> Any:
    """Number of exactly a built-in type; Python may refuse to write one of thousands of digits."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float.__float__(value)
    return int.__int__(value) if value.bit_length() <= _MAX_INT_BITS else unprintable(value)
