"""Header text in and out."""

import pytest

from cliquet_like.web.headers import add_to_vary, decode_header, encode_header


@pytest.mark.parametrize(
    ("value", "encoding", "written"),
    [
        ("plain", "utf-8", "plain"),
        (b"plain", "utf-8", "plain"),
        ("é", "utf-8", "\xc3\xa9"),
        ("é", "latin-1", "é"),
        ("é".encode(), "utf-8", "\xc3\xa9"),
        ("€", "latin-1", "?"),
        ("\ud800", "utf-8", "?"),
        ("a\r\nSet-Cookie: b\0\tc", "utf-8", "a  Set-Cookie: b \tc"),
    ],
)
def test_text_is_written_as_bytes_in_disguise(value, encoding, written):
    assert encode_header(value, encoding) == written


@pytest.mark.parametrize(
    ("value", "encoding", "read"),
    [
        ("plain", "utf-8", "plain"),
        (b"plain", "utf-8", "plain"),
        ("\xc3\xa9", "utf-8", "é"),
        ("é".encode("latin-1"), "latin-1", "é"),
        ("é", "utf-8", "é"),
        (b"\xe9", "utf-8", "é"),
        ("€", "utf-8", "€"),
    ],
)
def test_text_is_read_from_bytes_in_disguise(value, encoding, read):
    assert decode_header(value, encoding) == read


@pytest.mark.parametrize(
    ("present", "after"),
    [
        (None, "Origin"),
        ("Accept", "Accept, Origin"),
        ("Accept, origin", "Accept, origin"),
        ("Original", "Original, Origin"),
    ],
)
def test_a_header_is_named_once_in_vary(present, after):
    headers = {"Vary": present} if present else {}

    add_to_vary(headers, "Origin")

    assert headers == {"Vary": after}
