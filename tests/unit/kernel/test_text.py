import pytest

from cliquet_like.kernel import text


def test_base64_goes_there_and_back() -> None:
    assert text.encode64("é+/") == "w6krLw=="
    assert text.decode64("w6krLw==") == "é+/"


@pytest.mark.parametrize("wrong", ["!!!!", "abc", "/w==", "é"])
def test_base64_refuses_what_it_cannot_read(wrong: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own text, from the standard library
        text.decode64(wrong)


@pytest.mark.parametrize("secret", ["", b""])
def test_a_digest_with_an_empty_secret(secret: str | bytes) -> None:
    digest = text.hmac_digest(secret, "mat:1")

    assert digest == "9f2d363f98418b13253d6d7193fc88690302ab0ae21295521f6029dffe9dc3b0"


def test_random_hex_has_two_characters_a_byte() -> None:
    first, second = text.random_bytes_hex(8), text.random_bytes_hex(8)

    assert len(first) == 16
    assert first != second


def test_only_texts_are_stripped() -> None:
    nothing = object()

    assert text.strip_whitespace(" a ") == "a"
    assert text.strip_whitespace(nothing) is nothing


@pytest.mark.parametrize(
    ("path", "stripped"),
    [("/v1/a/b", "/a/b"), ("/v12/", "/"), ("/v1", ""), ("/v1x/a", "/v1x/a"), ("/a/v1/b", "/a/v1/b")],
)
def test_the_version_prefix_is_stripped(path: str, stripped: str) -> None:
    assert text.strip_uri_prefix(path) == stripped


def test_the_class_name_is_in_lower_case() -> None:
    assert text.classname(ValueError()) == "valueerror"
