"""From text to native values: settings, environment variables, query strings."""

import ast
import math
import os
import re
from typing import Any

_BOOLEANS = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,39})", re.ASCII)
_FLOAT = re.compile(
    r"[-+]?(?:[0-9]{1,40}\.[0-9]{0,40}|\.[0-9]{1,40}|[0-9]{1,40}(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?"
)
_LITERAL_STARTS = ("'", '"', "[", "(", "{")
_LITERAL_MAX_LENGTH = 4096


def native_value(value: Any) -> Any:
    """Value of a text as the person who typed it meant it.

    ``on``, ``true``, ``yes`` and their opposites are booleans in any case; numbers, quoted
    texts, ``None``, lists, tuples and mappings are read as Python literals. Everything else,
    ``0033``, ``1_000``, ``0x10`` and ``1e999`` included, stays the text it is. What is no text
    is returned unchanged.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if text == "None":
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else value
    if text.startswith(_LITERAL_STARTS) and len(text) <= _LITERAL_MAX_LENGTH:
        return _literal(text, default=value)
    return value


def _literal(text: str, *, default: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return default


def environment_name(key: str) -> str:
    """Name of the environment variable of a setting: ``kinto.cache-url`` is ``KINTO_CACHE_URL``."""
    return key.replace(".", "_").replace("-", "_").upper()


def read_env(key: str, value: Any) -> Any:
    """Value of a setting's environment variable, else ``value``; both as :func:`native_value`."""
    return native_value(os.environ.get(environment_name(key), value))
