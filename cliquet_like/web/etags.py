"""Entity tags of a request (RFC 9110, section 13.1): from header text to a frozen value."""

import re
from dataclasses import dataclass

# entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE (RFC 9110, section 8.8.3)
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
# What clients of ours send nearly always: one tag that we have given them.
_OUR_TAG = re.compile(r'"([0-9]{1,18})"', re.ASCII)
_SEPARATOR = re.compile(r"[ \t]*(?:,[ \t]*)+")
_TIMESTAMP = re.compile(r"[0-9]{1,18}", re.ASCII)


class InvalidETag(ValueError):
    """The header is neither ``*`` nor a list of entity tags that starts with one of ours."""


@dataclass(frozen=True, slots=True)
class ETags:
    """The tags of one header: ``any`` for ``*``, else the timestamps (ms) that it lists.

    A tag that cannot be ours (no number, or one beyond 18 digits) matches nothing and is left out.
    """

    any: bool = False
    strong: frozenset[int] = frozenset()
    weak: frozenset[int] = frozenset()

    def match_strongly(self, current: int | None) -> bool:
        """Whether ``If-Match`` holds; ``current`` is None when nothing exists."""
        return current is not None and (self.any or current in self.strong)

    def match_weakly(self, current: int | None) -> bool:
        """Whether ``If-None-Match`` names what exists; ``current`` is None when nothing does."""
        return current is not None and (self.any or current in self.strong or current in self.weak)


def parse_etags(text: str) -> ETags:
    """Tags of an ``If-Match`` or ``If-None-Match`` header.

    Raises :class:`InvalidETag` when the text is no list of tags, or when it is a single tag
    that is no quoted number: a client of ours never sends that.
    """
    if ours := _OUR_TAG.fullmatch(text):
        return ETags(strong=frozenset((int(ours[1]),)))
    text = text.strip(", \t")  # empty elements are no error (RFC 9110, section 5.6.1.2)
    if text == "*":
        return ETags(any=True)
    tags = _split_tags(text)
    if len(tags) == 1 and not tags[0][1].isdecimal():
        raise InvalidETag(text)
    numbers = [(weak, int(tag)) for weak, tag in tags if _TIMESTAMP.fullmatch(tag)]
    return ETags(
        strong=frozenset(number for weak, number in numbers if not weak),
        weak=frozenset(number for weak, number in numbers if weak),
    )


def _split_tags(text: str) -> list[tuple[bool, str]]:
    tags = []
    position = 0
    while found := _TAG.match(text, position):
        tags.append((bool(found[1]), found[2]))
        position = found.end()
        if position == len(text):
            return tags
        if not (separator := _SEPARATOR.match(text, position)):
            break
        position = separator.end()
    raise InvalidETag(text)


def format_etag(timestamp: int) -> str:
    """Our strong entity tag of a timestamp in milliseconds, quotes included."""
    return f'"{timestamp}"'
