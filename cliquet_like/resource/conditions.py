"""Decisions about conditional requests (RFC 9110, section 13): functions of values, no HTTP."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from cliquet_like.web.etags import ETags, InvalidETag, parse_etags


class InvalidCondition(ValueError):
    """A conditional header cannot be read; ``header`` is its name."""

    def __init__(self, header: str) -> None:
        """Keep the name and say what was expected."""
        self.header = header
        self.description = f"Invalid value for {header}. The value should be integer between double quotes."
        super().__init__(self.description)


class Verdict(enum.Enum):
    """What the conditions say about a request."""

    PROCEED = "proceed"
    NOT_MODIFIED = "304"
    FAILED = "412"


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditional headers of a request; None for one that was not sent."""

    if_match: ETags | None = None
    if_none_match: ETags | None = None

    @property
    def only_if_absent(self) -> bool:
        """Whether ``If-None-Match: *`` asks that nothing exists yet."""
        return self.if_none_match is not None and self.if_none_match.any


UNCONDITIONAL = Conditions()


def parse_conditions(headers: Mapping[str, str]) -> Conditions:
    """Conditions of a request's headers. Raises :class:`InvalidCondition`."""
    if_match = _parse_header(headers, "If-Match")
    if_none_match = _parse_header(headers, "If-None-Match")
    if if_match is None and if_none_match is None:
        return UNCONDITIONAL
    return Conditions(if_match, if_none_match)


def _parse_header(headers: Mapping[str, str], name: str) -> ETags | None:
    if name not in headers:
        return None
    try:
        return parse_etags(headers[name])
    except InvalidETag as error:
        raise InvalidCondition(name) from error


def judge(conditions: Conditions, *, current: int | None, safe: bool) -> Verdict:
    """Verdict on a request in the order of RFC 9110, section 13.2.2.

    ``current`` is the timestamp (ms) of what the request is about, None when it does not exist;
    ``safe`` is true for GET and HEAD.
    """
    if conditions.if_match is not None and not conditions.if_match.match_strongly(current):
        return Verdict.FAILED
    if conditions.if_none_match is not None and conditions.if_none_match.match_weakly(current):
        return Verdict.NOT_MODIFIED if safe else Verdict.FAILED
    return Verdict.PROCEED
