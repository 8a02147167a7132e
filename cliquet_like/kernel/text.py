"""Text in small ways: base64, digests, random hex, blanks, the version prefix of a path."""

import base64
import hmac
import re
import secrets
from typing import Any

_VERSION_PREFIX = re.compile(r"^(/v\d+)(?=/|$)")


def encode64(content: str, encoding: str = "utf-8") -> str:
    """Standard base64 of a text (RFC 4648, section 4), with padding."""
    return base64.b64encode(content.encode(encoding)).decode("ascii")


def decode64(encoded_content: str, encoding: str = "utf-8") -> str:
    """Reverse of :func:`encode64`.

    Raises ``ValueError`` for characters outside of the alphabet, wrong padding, or
    bytes that are not text in ``encoding``.
    """
    return base64.b64decode(encoded_content.encode("ascii"), validate=True).decode(encoding)


def hmac_digest(secret: str | bytes, message: str, encoding: str = "utf-8") -> str:
    """Hexadecimal HMAC-SHA256 of a message (RFC 2104). An empty secret is allowed."""
    key = secret.encode(encoding) if isinstance(secret, str) else secret
    return hmac.digest(key, message.encode(encoding), "sha256").hex()


def random_bytes_hex(bytes_length: int) -> str:
    """Random bytes from the operating system, two hexadecimal characters a byte."""
    return secrets.token_hex(bytes_length)


def strip_whitespace(value: Any) -> Any:
    """Text without leading and trailing blanks; what is no text (``colander.null``) unchanged."""
    return value.strip() if isinstance(value, str) else value


def strip_uri_prefix(path: str) -> str:
    """Path without its version prefix: ``/v1/articles/3`` is ``/articles/3``."""
    return _VERSION_PREFIX.sub("", path)


def classname(obj: object) -> str:
    """Name of the object's class, in lower case."""
    return obj.__class__.__name__.lower()
