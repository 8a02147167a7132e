"""A browser's export into the example service, through a real server."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

from example.import_bookmarks import main

pytestmark = pytest.mark.once

EXPORT = str(Path(__file__).parent.parent / "data" / "bookmarks.html")
ADA = {"Authorization": "Basic YWRhOnNlY3JldA=="}

REFUSED = [
    ("Recent Tags", "place:type=6&sort=14&maxResults=10"),
    ("Most Visited", "place:sort=8&maxResults=10"),
    ("An address that no server takes", "https://long.example.org/?field0=value0&"),
    ("Dark mode", "javascript:(function(){document.body.style.filter='invert(1)';})();"),
    ("Share this page", "javascript:void(location.href="),
    ("Print", "javascript:window.print()"),
    ("Relative to a host", "/bookmarks/today"),
    ("Relative to a page", "today.html"),
    ("Relative to a scheme", "//cdn.example.com/app.js"),
    ("Typed without a scheme", "www.example.com/no-scheme"),
    ("Advanced preferences", "about:config"),
    ("no title", "about:blank"),
    ("Notes on disk", "file:///home/ada/notes.html"),
    ("Write to the team", "mailto:team@example.com?subject=Hello"),
    ("Scratchpad", "data:text/html,<h1>Scratchpad</h1>"),
    ("Browser in browser", "chrome://browser/content/browser.xhtml"),
    ("History", "place:parent=toolbar_____&type=7"),
    ("Broken by a sync long ago", ""),
]


@pytest.fixture
def run(
    example_application: Any, serve: Callable[[Any], str], capsys: pytest.CaptureFixture[str]
) -> Callable[[], tuple[int, list[str]]]:
    """Import the export as Ada; returns the exit status and the lines of the report."""
    url = serve(example_application) + "/v1"

    def command() -> tuple[int, list[str]]:
        status = main([EXPORT, "--server", url, "--user", "ada:secret"])
        return status, capsys.readouterr().out.splitlines()

    return command


@pytest.fixture
def app(example_application: Any) -> TestApp:
    return TestApp(example_application)


def test_everything_that_is_an_address_is_created_once(run: Callable[[], tuple[int, list[str]]]) -> None:
    status, lines = run()

    assert status == 1
    assert lines[-3:] == ["Created:       272", "Already there: 10", "Refused:       18"]


def test_a_second_import_creates_nothing(run: Callable[[], tuple[int, list[str]]]) -> None:
    run()

    status, lines = run()

    assert status == 1
    assert lines[-3:] == ["Created:       0", "Already there: 282", "Refused:       18"]


def test_each_refusal_names_the_bookmark_and_the_field(run: Callable[[], tuple[int, list[str]]]) -> None:
    source = Path(EXPORT).read_text(encoding="utf-8").splitlines()

    _, lines = run()

    refusals = [re.fullmatch(r"Refused, line (\d+)(?: \(.+?\))?: (.*) <(.*)>: (.+)", line) for line in lines]
    found = [refusal.groups() for refusal in refusals if refusal]
    assert [title for _, title, _, _ in found] == [title for title, _ in REFUSED]
    for (number, title, url, reason), (_, expected) in zip(found, REFUSED, strict=True):
        assert url.startswith(expected)
        assert title == "no title" or title in source[int(number) - 1]
        assert "data.url" in reason


def test_bookmarks_arrive_with_their_title_and_the_importer_as_device(
    run: Callable[[], tuple[int, list[str]]], app: TestApp
) -> None:
    run()

    listed = app.get("/v1/bookmarks", headers=ADA)

    titles = {bookmark["url"]: bookmark["title"] for bookmark in listed.json["data"]}
    assert listed.headers["Total-Records"] == "272"
    assert titles["https://zh.wikipedia.org/wiki/棘轮"] == "棘轮 - 维基百科,自由的百科全书"
    assert titles["https://emoji.example.com/🎉"] == "🎉 Party 👩‍💻👨‍👩‍👧‍👦 🇫🇷"
    assert titles["https://kitab.example.org/ألف-ليلة"] == "ألف ليلة وليلة - الليلة الأولى"
    assert titles["https://untitled.example.org/"] == ""
    assert len(titles["https://long.example.org/"]) > 2000
    assert {bookmark["device"] for bookmark in listed.json["data"]} == {"bookmarks-import/1.0"}


def test_a_duplicate_keeps_the_title_that_came_first(
    run: Callable[[], tuple[int, list[str]]], app: TestApp
) -> None:
    run()

    (found,) = app.get("/v1/bookmarks?url=https://news.example.net/", headers=ADA).json["data"]

    assert found["title"] == "News of the day"
