"""Errors as the accounts server writes them: numbers of the Firefox Accounts OAuth API."""

from typing import Any

UNKNOWN_CLIENT = 101
WRONG_SECRET = 102
WRONG_REDIRECT = 103
UNKNOWN_CODE = 105
EXPIRED_CODE = 107
INVALID_TOKEN = 108
INVALID_PARAMETER = 109
INVALID_RESPONSE_TYPE = 110
INVALID_CONTENT_TYPE = 113
EXPIRED_TOKEN = 115
WRONG_CHALLENGE = 117
MISSING_CHALLENGE = 118
UNEXPECTED = 999

_REASONS = {
    400: "Bad Request",
    404: "Not Found",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Refusal(Exception):
    """A request that is not granted; the message is for who reads the log of the client."""

    def __init__(self, errno: int, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.errno = errno
        self.message = message
        self.status = status


def error_body(status: int, errno: int, message: str) -> dict[str, Any]:
    """The JSON of an error; ``error`` is the reason phrase, or ``Error`` for a status without one here."""
    return {"code": status, "errno": errno, "error": _REASONS.get(status, "Error"), "message": message}
