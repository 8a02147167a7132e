"""Generators of record ids, which also say what ids from outside are accepted."""

import os
import re
from typing import Any, Final

MAX_ID_LENGTH: Final = 255


class Generator:
    """Base of id generators: give it ``__call__`` and, if need be, a ``regexp``.

    ``regexp`` must match the whole of an id; by default letters and digits of ASCII, ``_`` and
    ``-``, of which the last two cannot come first.
    """

    regexp = r"[a-zA-Z0-9][a-zA-Z0-9_-]*"

    def __init__(self, config: Any = None) -> None:
        """Keep the Pyramid configurator, if any. Raises ``AssertionError`` if our own ids do not match."""
        self.config = config
        self._pattern = re.compile(self.regexp)
        generated = self()
        if not self.match(generated):
            raise AssertionError(f"generated id {generated!r} does not match {self.regexp!r}")

    def match(self, object_id: Any) -> bool:
        """Whether this is the text of an acceptable id, of 255 characters at most."""
        if not isinstance(object_id, str) or len(object_id) > MAX_ID_LENGTH:
            return False
        return self._pattern.fullmatch(object_id) is not None

    def __call__(self) -> str:
        """Make a new id."""
        raise NotImplementedError


_VARIANTS: Final = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


class UUID4(Generator):
    """Random UUIDs (RFC 9562, version 4); accepts any UUID in lower case."""

    regexp = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def __call__(self) -> str:
        """Make a new random UUID.

        ``uuid.uuid4`` takes three times as long, for an object of which only the text is wanted.
        """
        digits = os.urandom(16).hex()
        variant = _VARIANTS[digits[16]]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
