"""Settings that are read while the application runs."""

import enum

import pytest

from cliquet_like.settings.running import header_seconds, running_value


class Wait(enum.IntEnum):
    LONG = 60


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7, "7"),
        ("7", "7"),
        (" 7\r\n", "7"),
        (Wait.LONG, "60"),
        (2**31, "2147483648"),
        (10**5000, "2147483648"),
    ],
    ids=["0", "7", "text", "blanks", "enum", "2**31", "10**5000"],
)
def test_whole_seconds_are_digits(value, text):
    assert header_seconds({"retry_after_seconds": value}, "retry_after_seconds") == text


@pytest.mark.parametrize(
    "nonsense",
    [None, "", -1, "-1", 1.5, True, "yes", "soon", "3\r\nX: y", "٣", b"5", [], {"a": 1}, float("nan")],
    ids=ascii,
)
def test_nonsense_is_the_default_of_the_table(nonsense):
    settings = {"retry_after_seconds": nonsense, "backoff": nonsense}

    assert header_seconds(settings, "retry_after_seconds") == "30"
    assert header_seconds(settings, "backoff") is None


def test_a_setting_that_is_gone_is_the_default_of_the_table():
    assert header_seconds({}, "retry_after_seconds") == "30"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("heartbeat_timeout_seconds", "0.5", 0.5),
        ("heartbeat_timeout_seconds", -1, 10),
        ("heartbeat_timeout_seconds", "", 10),
        ("backoff_percentage", "12.5", 12.5),
        ("backoff_percentage", 101, None),
        ("backoff_percentage", "", None),
        ("batch_max_requests", "3", 3),
        ("batch_max_requests", "abc", 25),
        ("batch_max_requests", 0, 25),
        ("batch_max_requests", None, None),
        ("batch_max_requests", "", None),
    ],
)
def test_a_value_that_the_row_would_refuse_at_the_start_is_its_default(name, value, expected):
    assert running_value({name: value}, name) == expected


def test_a_value_that_is_gone_is_its_default():
    assert running_value({}, "batch_max_requests") == 25
