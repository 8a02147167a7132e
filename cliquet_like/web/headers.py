"""Header text in and out: a WSGI header is a ``str`` whose characters are bytes (PEP 3333)."""

import re
from collections.abc import MutableMapping
from typing import Final

_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def encode_header(value: str | bytes, encoding: str = "utf-8") -> str:
    """Text as a response header carries it; line ends and other control characters become blanks.

    Text outside of ``encoding`` is written with question marks. Bytes are taken as they are.
    """
    raw = value.encode(encoding, "replace") if isinstance(value, str) else value
    return _CONTROL.sub(" ", raw.decode("latin-1"))


def decode_header(value: str | bytes, encoding: str = "utf-8") -> str:
    """Text that a request header carries.

    A ``str`` that is not bytes in disguise, or bytes that are no text in ``encoding``, is read as latin-1.
    """
    if isinstance(value, str) and value.isascii():
        return value
    try:
        raw = value.encode("latin-1") if isinstance(value, str) else value
        return raw.decode(encoding)
    except UnicodeEncodeError:
        return str(value)
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def add_to_vary(headers: MutableMapping[str, str], name: str) -> None:
    """Name one more request header in ``Vary`` (RFC 9110 12.5.5), unless it is there already."""
    present = headers.get("Vary")
    if not present:
        headers["Vary"] = name
    elif name.lower() not in present.lower().replace(" ", "").split(","):
        headers["Vary"] = f"{present}, {name}"
