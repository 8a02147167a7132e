"""Secrets in log entries."""

import time

import pytest

from cliquet_like.logs.masking import mask_entry, mask_query, mask_text, mask_url


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("sent Basic YWRhOnNlY3JldA== twice", "sent Basic *** twice"),
        ("bearer abc.def-ghi_jkl~", "bearer ***"),
        ("Authorization: Hawk id=\"x\", mac=\"y\"\nnext", "Authorization: ***\nnext"),
        ("{'Cookie': 'a=b; c=d'}", "{'Cookie': ***"),
        ("redis://:hunter2@127.0.0.1:6379/0 failed", "redis://:***@127.0.0.1:6379/0 failed"),
        ("postgresql://ada:p@ss:w/rd@db/x", "postgresql://ada:***@db/x"),
        ("connect host=db user=ada password=hunter2 port=1", "connect host=db user=ada password=*** port=1"),
        ("/v1/notes?_token=abc&_limit=2", "/v1/notes?_token=***&_limit=2"),
        ("http://127.0.0.1:8888/v1/?a=b at 12:30", "http://127.0.0.1:8888/v1/?a=b at 12:30"),
        ("nothing to hide", "nothing to hide"),
    ],
)  # fmt: skip
def test_a_secret_in_a_text_is_known_by_its_name_or_its_looks(text, masked):
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    ("query", "masked"),
    [
        ("", ""),
        ("_limit=2&_token=abc%3D", "_limit=2&_token=***"),
        ("code=abc&state=def&error_code=x&codec=y", "code=***&state=***&error_code=***&codec=y"),
        ("ACCESS_TOKEN=abc&%70assword=x", "ACCESS_TOKEN=***&%70assword=***"),
        ("_token&a&&b=", "_token&a&&b="),
        ("title=caf%C3%A9+noir", "title=caf%C3%A9+noir"),
        ("_token=a%20b%2526c&a=1", "_token=***&a=1"),
        ("a=1;code=abc&next=/cb?code=a%20b&b=2", "a=1;code=***&next=/cb?code=***&b=2"),
        ("http://ada:hunter2@host/?_token=abc", "http://ada:***@host/?_token=***"),
        ("url=http%3A%2F%2Fada%3Ahunter2%40host%2F", "url=http://ada:***@host/"),
        ("http://ada:hunter2@host/", "http://ada:***@host/"),
    ],
)
def test_a_secret_in_a_query_is_known_by_the_name_of_its_parameter(query, masked):
    assert mask_query(query) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("", ""),
        ("/v1/notes/a+b/100%/caf%C3%A9", "/v1/notes/a+b/100%/caf%C3%A9"),
        ("/v1/keys/12=13", "/v1/keys/12=13"),
        ("/v1/x/_token=abc/def", "/v1/x/_token=***"),
        ("/v1/x;sid=abc&a=b", "/v1/x;sid=***&a=b"),
        ("/v1/x/_token%3Dabc%2520def", "/v1/x/_token=***"),
        ("/v1/x/access_token=a%26b&c=d%20e", "/v1/x/access_token=***&c=d e"),
        ("/v1/x/access_token=a%26b", "/v1/x/access_token=***"),
        ("curl/8.5.0 Bearer abc+def", "curl/8.5.0 Bearer ***"),
        ("/v1/http://ada:hunter2@host/", "/v1/http://ada:***@host/"),
        ("curl/8.5.0 Bearer abc.def", "curl/8.5.0 Bearer ***"),
        ("curl/8.5.0 Bearer%20abc.def", "curl/8.5.0 Bearer ***"),
        ("curl PASSWORD=a b", "curl PASSWORD=***"),
        ("Mozilla (rv:109.0; +http://host) like 'Gecko'", "Mozilla (rv:109.0; +http://host) like 'Gecko'"),
        ("en-US,en;q=0.5", "en-US,en;q=0.5"),
    ],
)  # fmt: skip
def test_a_secret_in_what_may_be_a_url_is_found_in_each_encoding(text, masked):
    assert mask_url(text) == masked


def test_a_secret_field_is_masked_wherever_it_is():
    entry = {
        "event": "login of Basic YWRhOnNlY3JldA==",
        "Authorization": "abc",
        "userid_hmac_secret": 3,
        "has_token": True,
        "password": None,
        "headers": {"Cookie": "abc", "Accept": "*/*"},
        "tried": ["redis://:hunter2@host/0", (1.5, "password=hunter2")],
        "raw": b"password=hunter2 \xff",
        "error": ValueError("password=hunter2"),
    }

    masked = mask_entry(entry)

    assert masked == {
        "event": "login of Basic ***",
        "Authorization": "***",
        "userid_hmac_secret": "***",
        "has_token": True,
        "password": None,
        "headers": {"Cookie": "***", "Accept": "*/*"},
        "tried": ["redis://:***@host/0", [1.5, "password=***"]],
        "raw": "password=*** \ufffd",
        "error": "password=***",
    }


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ([("Authorization", "x"), ("Accept", "y")], [["Authorization", "***"], ["Accept", "y"]]),
        ([[b"cookie", b"x"]], [["cookie", "***"]]),
        (("_token", ["x"]), ["_token", "***"]),
        (["token", "x", "y"], ["token", "x", "y"]),
        ([3, "token"], [3, "token"]),
        (["token"], ["token"]),
        ({"X-Access-Key": "x", "licenseKey": "y"}, {"X-Access-Key": "***", "licenseKey": "***"}),
    ],
)
def test_a_value_is_named_by_a_mapping_or_in_a_pair(value, masked):
    assert mask_entry({"a": value}) == {"a": masked}


@pytest.mark.parametrize(
    "text",
    [
        "://a:" * 2000,
        "token" * 2000 + "=",
        "a" * 10_000 + "=",
        "basic " * 2000,
        "cookie:" * 1500,
        "=" * 10_000,
        "token='\\" * 2000,
        "a_" * 5000 + "=",
    ],
    ids=["urls", "words", "letters", "schemes", "headers", "signs", "quotes", "names"],
)
def test_no_text_takes_long(text):
    begun = time.process_time()

    mask_text(text)
    mask_query(text)
    mask_url(text)

    assert time.process_time() - begun < 1
