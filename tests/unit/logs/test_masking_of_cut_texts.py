"""Of a text that is cut, no part of a secret is left."""

import pytest

from cliquet_like.logs.masking import mask_query, mask_start, mask_text, mask_url

SECRET = "S3CRETXYZ"
ENCODED_TWICE = "".join(f"%25{ord(character):02X}" for character in SECRET)
TEXTS = {
    "token": f"_token={SECRET}",
    "password of a URL": f"http://ada:{SECRET}@host/",
    "user of a URL": f"http://{SECRET}@host/",
    "credentials": f"Bearer {SECRET}",
    "quoted": f"password='{SECRET} {SECRET}'",
    "JSON": f'{{"password": "{SECRET} {SECRET}"}}',
    "escaped quote": f'{{"password": "a\\"{SECRET}"}}',
    "pair": f"('cookie', '{SECRET} {SECRET}')",
}


def is_clean(text):
    """Whether not even the beginning of the secret is left, in either encoding."""
    return not any(part in text for part in (SECRET[:2], ENCODED_TWICE[:8]))


@pytest.mark.parametrize("mask", [mask_text, mask_url, mask_query])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_wherever_it_is_cut_nothing_is_left(mask, text):
    shown = [mask_start(f"a {text}", limit, mask) for limit in range(len(text) + 5)]

    assert all(map(is_clean, shown))
    assert [len(start) <= limit for limit, start in enumerate(shown)] == [True] * len(shown)


@pytest.mark.parametrize("before", range(0, 8300, 83))
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_follows_a_long_secret_is_not_shown_by_half(text, before):
    long = f"token={'x' * before} {text} {'y' * 9000}"

    shown = [mask_start(long, 100, mask) for mask in (mask_text, mask_url, mask_query)]

    assert all(map(is_clean, shown))


@pytest.mark.parametrize("length", [8100, 8192, 8250, 8281, 8285, 8291, 8292, 8293, 8400, 20_000])
def test_a_password_of_which_the_end_is_not_read_is_not_shown(length):
    url = f"{'a' * (length - 120)}http://ada:{SECRET * 100}@host/"

    assert is_clean(mask_start(url, length, mask_text))
    assert is_clean(mask_start(url + "z" * 20_000, 100, mask_text))


@pytest.mark.parametrize("cut", range(1, 90))
def test_an_encoding_that_is_cut_leaves_nothing(cut):
    query = f"a=1&next=/cb?_token%253D{ENCODED_TWICE}"[:cut]

    assert is_clean(mask_query(query))
    assert is_clean(mask_url(query))


def test_a_long_text_without_secrets_is_only_cut():
    assert mask_start("a" * 20_000, 256) == "a" * 256
    assert mask_start("a" * 257, 256) == "a" * 256
    assert mask_start("abc", 256) == "abc"


def test_no_secret_of_any_length_is_left():
    assert mask_text(f"password={SECRET * 1000} a") == "password=*** a"
    assert mask_text(f"Bearer {SECRET * 1000} a") == "Bearer *** a"
    assert mask_text(f"password='{SECRET * 1000}' a") == "password=*** a"
