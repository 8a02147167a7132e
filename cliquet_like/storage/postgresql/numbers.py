"""JSON numbers on their way into ``jsonb``, which keeps decimal digits but no exponents."""

import re
from decimal import Decimal
from typing import Final

_EXPONENT: Final = re.compile(r"[0-9][eE]")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?[eE][-+]?[0-9]+')


def without_exponents(text: str) -> str:
    """The same JSON with each number that has an exponent written out, as the float it is.

    1e16 would come back as an integer, and 1e19 as one that no backend takes again.
    """
    return _TOKEN.sub(_written_out, text) if _EXPONENT.search(text) else text


def _written_out(match: re.Match[str]) -> str:
    token = match[0]
    if token.startswith('"'):
        return token
    number = float(token)
    # All digits of the float, not only those that tell it from others: it may equal an integer.
    return f"{int(number)}.0" if number.is_integer() else format(Decimal(token), "f")
