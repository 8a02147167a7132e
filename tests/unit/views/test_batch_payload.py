from typing import Any

import pytest

from cliquet_like.views.batch_payload import BatchError, BatchItem, parse_batch


def parse(payload: Any, max_requests: int | None = 25) -> list[BatchItem]:
    return parse_batch(payload, max_requests=max_requests)


def test_a_request_needs_a_path_only() -> None:
    (item,) = parse({"requests": [{"path": "/", "unknown": 1}], "unknown": 2})

    assert item == BatchItem("/", "GET", {}, None)
    assert item.description() == {"path": "/", "method": "GET", "headers": {}, "body": None}


def test_defaults_fill_in_at_every_level_and_never_overwrite() -> None:
    defaults = {"path": "/a", "method": "POST", "body": {"data": {"x": 1, "y": 1}}, "headers": {"A": "a"}}

    first, second = parse(
        {
            "defaults": defaults,
            "requests": [{"body": {"data": {"x": 2}}}, {"path": "/b", "headers": {"B": "b"}}],
        }
    )

    assert first == BatchItem("/a", "POST", {"a": "a"}, {"data": {"x": 2, "y": 1}})
    assert second == BatchItem("/b", "POST", {"b": "b", "a": "a"}, {"data": {"x": 1, "y": 1}})


def test_requests_share_nothing_of_the_defaults():
    defaults = {"body": {"data": {"tags": ["a"]}}}
    first, second = parse({"defaults": defaults, "requests": [{"path": "/a"}, {"path": "/b"}]})

    assert first.body is not None
    first.body["data"]["tags"].append("b")

    assert second.body == {"data": {"tags": ["a"]}}


def test_a_default_header_never_hides_one_of_another_spelling() -> None:
    defaults = {"headers": {"Authorization": "theirs"}}

    (item,) = parse({"defaults": defaults, "requests": [{"path": "/", "headers": {"authorization": "mine"}}]})

    assert item.headers == {"authorization": "mine"}


@pytest.mark.parametrize("max_requests", [None, 2])
def test_as_many_requests_as_allowed(max_requests: int | None) -> None:
    assert len(parse({"requests": [{"path": "/"}] * 2}, max_requests)) == 2


def test_an_empty_batch_is_empty() -> None:
    assert parse({"requests": []}) == []


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ([], ""),
        ("x", ""),
        ({}, "requests"),
        ({"requests": {}}, "requests"),
        ({"requests": [{"path": "/"}] * 26}, "requests"),
        ({"defaults": 1, "requests": []}, "defaults"),
        ({"requests": [[]]}, "requests.0"),
        ({"requests": [{"path": "/"}, {}]}, "requests.1.path"),
        ({"requests": [{"path": 1}]}, "requests.0.path"),
        ({"requests": [{"path": "http://evil.example/"}]}, "requests.0.path"),
        ({"requests": [{"path": "/", "method": "get"}]}, "requests.0.method"),
        ({"requests": [{"path": "/", "method": ["GET"]}]}, "requests.0.method"),
        ({"requests": [{"path": "/", "method": "OPTIONS"}]}, "requests.0.method"),
        ({"requests": [{"path": "/", "headers": [1]}]}, "requests.0.headers"),
        ({"requests": [{"path": "/", "headers": []}]}, "requests.0.headers"),
        ({"requests": [{"path": "/", "headers": None}]}, "requests.0.headers"),
        ({"requests": [{"path": "/", "headers": {"a": "1", "A": "2"}}]}, "requests.0.headers"),
        ({"defaults": {"headers": 1}, "requests": []}, "defaults.headers"),
        ({"requests": [{"path": "/", "headers": {"A": 1}}]}, "requests.0.headers.A"),
        ({"requests": [{"path": "/", "headers": {"A": "a\r\nB: b"}}]}, "requests.0.headers.A"),
        ({"requests": [{"path": "/", "headers": {"A\r\nB": "b"}}]}, "requests.0.headers"),
        ({"requests": [{"path": "/", "headers": {"\u4e2d": "b"}}]}, "requests.0.headers"),
        ({"requests": [{"path": "/", "body": "x"}]}, "requests.0.body"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(payload: Any, name: str) -> None:
    with pytest.raises(BatchError) as caught:
        parse(payload)

    assert caught.value.name == name


def test_the_limit_is_named() -> None:
    with pytest.raises(BatchError, match="Number of requests is limited to 1"):
        parse({"requests": [{"path": "/"}] * 2}, 1)
