import pytest

from cliquet_like.web.etags import ETags, InvalidETag, format_etag, parse_etags


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("*", ETags(any=True)),
        (' "12" ', ETags(strong=frozenset({12}))),
        ('W/"12"', ETags(weak=frozenset({12}))),
        ('"1", "2" ,W/"3"', ETags(strong=frozenset({1, 2}), weak=frozenset({3}))),
        ('"1",,"2"', ETags(strong=frozenset({1, 2}))),
        (',, "1",', ETags(strong=frozenset({1}))),
        ('"abc", "2"', ETags(strong=frozenset({2}))),
        ('"abc", ""', ETags()),
        ('"a,b", "2"', ETags(strong=frozenset({2}))),
        ('"' + "9" * 5000 + '"', ETags()),
    ],
)
def test_tags_are_read(text: str, tags: ETags) -> None:
    assert parse_etags(text) == tags


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "abc",
        '""',
        '"abc"',
        '"12',
        'w/"12"',
        '"1" "2"',
        '*, "1"',
        '"1", x',
        "null",
        '"\u0661"',
    ],
)
def test_what_is_no_list_of_tags_is_refused(text: str) -> None:
    with pytest.raises(InvalidETag):
        parse_etags(text)


@pytest.mark.parametrize(
    ("tags", "current", "strongly", "weakly"),
    [
        (ETags(any=True), 1, True, True),
        (ETags(any=True), None, False, False),
        (ETags(strong=frozenset({1})), 1, True, True),
        (ETags(strong=frozenset({1})), 2, False, False),
        (ETags(strong=frozenset({1})), None, False, False),
        (ETags(weak=frozenset({1})), 1, False, True),
    ],
)
def test_a_weak_tag_matches_weakly_only(
    tags: ETags, current: int | None, strongly: bool, weakly: bool
) -> None:
    assert tags.match_strongly(current) is strongly
    assert tags.match_weakly(current) is weakly


def test_our_tags_are_quoted() -> None:
    assert parse_etags(format_etag(12)).match_strongly(12)
