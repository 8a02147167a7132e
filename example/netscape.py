"""The bookmarks file that every browser exports (Netscape bookmark HTML), read into values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import TextIO

_CHUNK_CHARACTERS = 65_536
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_CLOSING = frozenset({"a", "dd", "dl", "dt", "h1", "h3", "hr", "p"})


@dataclass(frozen=True)
class Link:
    """One bookmark of the file.

    ``line`` counts from 1, ``url`` is the text of HREF (``""`` when absent, any scheme),
    ``folders`` are the titles from the outermost in.
    """

    line: int
    url: str
    title: str
    folders: tuple[str, ...] = ()


def parse_bookmarks(file: TextIO) -> Iterator[Link]:
    """The links in the order of the file, which is read piece by piece.

    Missing closing tags are supplied, tags and attributes that mean nothing here are passed
    over. Raises what reading the file raises, ``UnicodeDecodeError`` included.
    """
    reader = _Reader()
    while chunk := file.read(_CHUNK_CHARACTERS):
        # U+FFFD for NUL: HTML standard, section 13.2.5. JSON services refuse NUL.
        reader.feed(chunk.replace("\0", "\ufffd"))
        yield from reader.take()
    reader.close()
    yield from reader.take()


class _Reader(HTMLParser):
    """Keeps the way of folders to the current place, and the link or heading whose text runs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._finished: list[Link] = []
        self._folders: list[str] = []
        self._next_folder = ""
        self._link: Link | None = None
        self._in_heading = False
        self._text: list[str] = []

    def take(self) -> list[Link]:
        """The links finished since the last call."""
        taken, self._finished = self._finished, []
        return taken

    def close(self) -> None:
        super().close()
        self._finish()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _CLOSING:
            self._finish()
        if tag == "a":
            url = dict(attrs).get("href") or ""
            self._link = Link(self.getpos()[0], url, "", tuple(filter(None, self._folders)))
        elif tag == "h3":
            self._in_heading = True
        elif tag == "dl":
            self._folders.append(self._next_folder)
            self._next_folder = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in _CLOSING:
            self._finish()
        if tag == "dl" and self._folders:
            self._folders.pop()

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def set_cdata_mode(self, elem: str, *, escapable: bool = False) -> None:
        """Nothing: an unclosed STYLE or TITLE must not swallow the rest of the file."""

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """A comment: HTML standard, section 13.2.5.42. The base class stops at unknown ones."""
        return self.parse_bogus_comment(i)

    def _finish(self) -> None:
        text = _BLANKS.sub(" ", "".join(self._text)).strip(" ")
        self._text.clear()
        if self._link is not None:
            self._finished.append(replace(self._link, title=text))
        elif self._in_heading:
            self._next_folder = text
        self._link = None
        self._in_heading = False
