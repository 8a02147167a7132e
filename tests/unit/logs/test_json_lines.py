"""Lines for machines: one flat JSON object each."""

import json
from datetime import UTC, datetime

import pytest

from cliquet_like.logs import JSONLogRenderer, MozillaHekaRenderer
from cliquet_like.logs.entry import iso_time


def rendered(method_name="info", settings=None, **entry):
    line = JSONLogRenderer({"project_name": "shelf"} if settings is None else settings)(
        None, method_name, entry
    )
    assert "\n" not in line
    return json.loads(line)


def test_a_line_says_when_how_serious_where_and_what():
    line = rendered(event="hello", size=3, nothing=None)

    moment = datetime.fromisoformat(line.pop("time"))
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 60
    assert line == {"level": "info", "logger": "shelf", "event": "hello", "size": 3, "nothing": None}


def test_an_application_without_name_has_that_of_the_library():
    assert rendered(settings={}, event="hello")["logger"] == "cliquet_like"


def test_an_entry_without_event_has_an_empty_one():
    assert rendered(size=3)["event"] == ""


@pytest.mark.parametrize(
    ("method_name", "level"),
    [("debug", "debug"), ("warn", "warning"), ("exception", "error"), ("fatal", "critical")],
)
def test_the_level_is_that_of_the_method(method_name, level):
    assert rendered(method_name, event="x")["level"] == level


def test_a_time_that_is_given_stays():
    assert (
        rendered(event="x", time="2026-11-21T09:00:00.000+00:00")["time"] == "2026-11-21T09:00:00.000+00:00"
    )


def test_fields_are_flat_whatever_they_hold():
    line = rendered(
        event="a\nb", mapping={"a": [1]}, texts=["a"], raw=b"\xff", long=2**80, lone="\ud800", odd=object
    )

    assert {key: line[key] for key in ("event", "mapping", "texts", "raw", "long", "lone", "odd")} == {
        "event": "a\nb",
        "mapping": '{"a":[1]}',
        "texts": ["a"],
        "raw": "\ufffd",
        "long": 2**80,
        "lone": "\ud800",
        "odd": "<class 'object'>",
    }


@pytest.mark.parametrize("renderer", [JSONLogRenderer, MozillaHekaRenderer])
def test_an_entry_is_one_line_for_those_who_know_other_ends_of_lines(renderer):
    text = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029é\\u2028"

    line = renderer({})(None, "info", {text: text, "deep": {text: [text]}})

    entry = json.loads(line)
    fields = entry.get("Fields", entry)
    assert line.splitlines() == [line]
    assert fields[text] == text
    assert json.loads(fields["deep"]) == {text: [text]}


def test_a_moment_is_iso_8601_with_milliseconds():
    text = iso_time(1_795_236_388_045)

    assert text == "2026-11-21T04:46:28.045+00:00"
    assert datetime.fromisoformat(text).timestamp() == 1_795_236_388.045
