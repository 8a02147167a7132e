"""Reading the bookmarks file."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from example.netscape import Link, parse_bookmarks

DATA = Path(__file__).parent.parent / "data"


def links_of(text: str) -> list[Link]:
    return list(parse_bookmarks(io.StringIO(text)))


def test_an_empty_file_has_no_links() -> None:
    assert links_of("") == []


def test_a_link_has_its_line_address_title_and_folders() -> None:
    export = (
        "<DL><p>\n"
        "<DT><H3>Menu</H3>\n"
        "<DL><p>\n"
        "<DT><H3>News</H3>\n"
        "<DL><p>\n"
        '<DT><A HREF="https://example.org/" ADD_DATE="1">Example</A>\n'
        "</DL><p></DL><p></DL>\n"
    )

    links = links_of(export)

    assert links == [Link(6, "https://example.org/", "Example", ("Menu", "News"))]


def test_a_link_after_the_end_of_a_folder_is_outside_of_it() -> None:
    export = '<DL><H3>In</H3><DL><A HREF="a">a</A></DL><A HREF="b">b</A></DL>'

    links = links_of(export)

    assert [(link.title, link.folders) for link in links] == [("a", ("In",)), ("b", ())]


def test_entities_are_characters_in_titles_and_addresses() -> None:
    export = '<A HREF="https://example.org/?a=1&amp;b=2">&eacute;t&eacute; &amp; &#x4E2D;&#25991; &lt;3</A>'

    (link,) = links_of(export)

    assert link.url == "https://example.org/?a=1&b=2"
    assert link.title == "été & 中文 <3"


def test_blanks_of_a_title_become_one_but_other_spaces_stay() -> None:
    export = '<A HREF="a">\n  one\t two\u00a0three\u3000four \r\n</A>'

    (link,) = links_of(export)

    assert link.title == "one two\u00a0three\u3000four"


def test_a_nul_is_replaced() -> None:
    (link,) = links_of('<A HREF="https://example.org/\0">a\0b</A>')

    assert (link.url, link.title) == ("https://example.org/\ufffd", "a\ufffdb")


def test_a_description_is_no_part_of_the_title() -> None:
    links = links_of('<DT><A HREF="a">title</A>\n<DD>description\n<DT><A HREF="b">other</A>')

    assert [link.title for link in links] == ["title", "other"]


def test_a_broken_file_gives_what_can_be_saved() -> None:
    export = (DATA / "broken-bookmarks.html").read_text(encoding="utf-8")

    links = links_of(export)

    assert links == [
        Link(6, "https://one.example.org/", "One"),
        Link(9, "https://two.example.org/", "Two & a half", ("Folder without an end",)),
        Link(11, "https://three.example.org/", "three, on several lines", ("Folder without an end",)),
        Link(18, "", "No address"),
        Link(19, "https://four.example.org/", "Four in bold"),
    ]


@pytest.mark.parametrize("size", [1, 7, 64])
def test_the_size_of_the_pieces_read_does_not_matter(size: int) -> None:
    export = (DATA / "bookmarks.html").read_text(encoding="utf-8")[:3000]

    class Slow(io.StringIO):
        def read(self, _: int | None = -1) -> str:
            return super().read(size)

    assert list(parse_bookmarks(Slow(export))) == links_of(export)


@given(st.text(alphabet='<>/!-[]"=&;#adlthrefDL3p \n\0é', max_size=200))
def test_no_text_stops_the_reader(text: str) -> None:
    assert isinstance(links_of(text), list)
