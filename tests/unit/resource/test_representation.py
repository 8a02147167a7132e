import pytest

from cliquet_like.resource.representation import (
    Behavior,
    behave,
    cache_headers,
    changed_fields,
    http_date,
    is_same,
    parse_behavior,
    project,
    timestamp_headers,
)


def test_a_timestamp_is_an_etag_and_a_date() -> None:
    assert timestamp_headers(784111777123) == {
        "ETag": '"784111777123"',
        "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT",
    }


def test_what_everybody_sees_may_be_kept() -> None:
    headers = cache_headers(60, anonymous=True, now_ms=784111777123)

    assert headers == {"Cache-Control": "max-age=60", "Expires": "Sun, 06 Nov 1994 08:50:37 GMT"}


@pytest.mark.parametrize(("expires_s", "anonymous"), [(60, False), (0, True), (None, True)])
def test_everything_else_is_asked_for_each_time(expires_s: int | None, anonymous: bool) -> None:
    assert cache_headers(expires_s, anonymous=anonymous, now_ms=1) == {"Cache-Control": "no-cache"}


def test_a_projection_always_shows_our_own_fields() -> None:
    record = {"id": "a", "last_modified": 1, "title": "x", "author": {"name": "y", "age": 3}}

    shown = project(record, ["author.name"], ["id", "last_modified"])

    assert shown == {"id": "a", "last_modified": 1, "author": {"name": "y"}}


def test_changed_fields_are_those_that_differ_come_or_go() -> None:
    old = {"id": "a", "same": 1, "other": 1, "gone": 1, "type": 1}
    new = {"id": "b", "same": 1, "other": 2, "new": 1, "type": True}

    assert changed_fields(old, new, ignored=["id"]) == ["other", "new", "type", "gone"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, True),
        ({"a": {"b": 1}}, {"a": {"b": True}}, False),
        ([1], [1.0], False),
        ([1], [1, 1], False),
        ({"a": 1}, {"a": 1, "b": 1}, False),
        ("1", 1, False),
        ("1", "1", True),
    ],
)
def test_values_are_the_same_in_depth_and_by_type(one: object, other: object, same: bool) -> None:
    assert is_same(one, other) is same


@pytest.mark.parametrize(
    ("text", "behavior"),
    [
        (None, Behavior.FULL),
        ("", Behavior.FULL),
        ("full", Behavior.FULL),
        ("LIGHT", Behavior.LIGHT),
        (" diff ", Behavior.DIFF),
        ("nonsense", Behavior.FULL),
    ],
)
def test_behaviors_in_any_case(text: str | None, behavior: Behavior) -> None:
    assert parse_behavior(text) is behavior


@pytest.mark.parametrize(
    ("behavior", "shown"),
    [
        (Behavior.FULL, {"id": "a", "b": 1, "c": 2, "d": 3}),
        (Behavior.LIGHT, {"b": 1, "c": 2}),
        (Behavior.DIFF, {"c": 2}),
    ],
)
def test_an_answer_shows_what_was_asked(behavior: Behavior, shown: dict[str, object]) -> None:
    record = {"id": "a", "b": 1, "c": 2, "d": 3}

    assert behave(behavior, record, changed=["b", "c", "gone"], sent={"b": 1, "c": 9}) == shown


def test_a_date_is_written_as_http_wants_it() -> None:
    assert http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert http_date(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT"  # RFC 9110, section 5.6.7
