"""Bookmarks of one user, each of which can be told from its number. It needs nothing but Python."""

import hashlib
import hmac
import uuid

PROJECT_NAME = "bookmarks"
CREDENTIALS = b"ada:secret"
HMAC_SECRET = "of the benchmarks"

COMMON = "common"
"""Status of every fifth record; each other one has 200 records, whatever the size."""

_FIRST_MS = 1_700_000_000_000
_ALIKE = 200


def owner_of(credentials: bytes) -> str:
    """User id of who sends these credentials."""
    return "basicauth:" + hmac.digest(HMAC_SECRET.encode(), credentials, "sha256").hex()


def id_of(number: int) -> str:
    return str(uuid.UUID(hashlib.md5(str(number).encode()).hexdigest()))


def stamp_of(number: int) -> int:
    return _FIRST_MS + number


def status_of(number: int, size: int) -> str:
    return COMMON if number % 5 == 0 else f"s{number % statuses(size)}"


def fields_of(number: int, size: int) -> dict[str, str]:
    return {
        "title": f"Title {number}",
        "url": f"http://example.org/{number}",
        "status": status_of(number, size),
    }


def statuses(size: int) -> int:
    """Different ones among so many records, the common one left out."""
    return max(size // _ALIKE, 2)
