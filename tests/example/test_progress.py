"""Progress on a terminal and elsewhere."""

import io
from collections.abc import Iterator

from example.progress import show_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def clock(step_s: float) -> Iterator[float]:
    now_s = 100.0
    while True:
        yield now_s
        now_s += step_s


def test_a_terminal_gets_a_bar() -> None:
    stream = Terminal()

    passed = list(show_progress("abcd", 4, stream=stream))

    assert passed == ["a", "b", "c", "d"]
    assert "100%" in stream.getvalue()
    assert "4/4" in stream.getvalue()


def test_elsewhere_a_plain_line_tells_the_time_left() -> None:
    stream = io.StringIO()
    times = clock(step_s=2)

    passed = list(show_progress("abcd", 4, stream=stream, now_s=lambda: next(times)))

    assert passed == ["a", "b", "c", "d"]
    assert stream.getvalue().splitlines() == [
        "1 of 4 bookmarks, about 6 s left",
        "2 of 4 bookmarks, about 4 s left",
        "3 of 4 bookmarks, about 2 s left",
        "4 of 4 bookmarks, about 0 s left",
    ]


def test_there_is_at_most_one_line_a_second() -> None:
    stream = io.StringIO()
    times = clock(step_s=0.25)

    list(show_progress(range(8), 8, stream=stream, now_s=lambda: next(times)))

    assert [line.split()[0] for line in stream.getvalue().splitlines()] == ["4", "8"]


def test_nothing_to_do_says_nothing() -> None:
    stream = io.StringIO()

    list(show_progress([], 0, stream=stream))

    assert stream.getvalue() == ""
