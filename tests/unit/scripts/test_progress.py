import io
from threading import Event

import pytest

from cliquet_like.drivers.errors import BackendError
from cliquet_like.scripts.progress import show_progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Stages:
    """Stages, told one after another, the last one again and again; ``all_told`` when it was told once."""

    def __init__(self, *stages):
        self.left = list(stages)
        self.all_told = Event()

    def __call__(self):
        stage = self.left[0]
        if len(self.left) > 1:
            self.left.pop(0)
        else:
            self.all_told.set()
        if isinstance(stage, Exception):
            raise stage
        return stage


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def seconds(*moments):
    """Clock that answers these, one after another."""
    return iter(moments).__next__


def test_a_file_gets_one_line_at_the_start_and_one_at_the_end():
    stream = io.StringIO()

    with show_progress("index", Stages("scanning 5 %"), stream=stream, now_s=seconds(10.0, 13.25)):
        during = stream.getvalue()

    assert during == "index ...\n"
    assert stream.getvalue() == "index ...\nindex: done in 3.2 s\n"


def test_a_terminal_shows_how_far_it_is():
    stream, stages = Terminal(), Stages("scanning 5 %", None, "scanning 70 %")

    with show_progress("index", stages, stream=stream, now_s=seconds(0.0, 60.0), interval_s=0.001):
        assert stages.all_told.wait(10)

    lines = stream.getvalue().split("\r\x1b[K")
    assert lines[:3] == ["index ... ", "index ... scanning 5 %", "index ... scanning 70 %"]
    assert lines[-1] == "index: done in 60.0 s\n"


def test_a_line_fits_on_the_terminal():
    stream, stages = Terminal(), Stages("scanning 70 %")

    with show_progress("index on " + 90 * "x", stages, stream=stream, interval_s=0.001):
        assert stages.all_told.wait(10)

    lines = stream.getvalue().split("\r\x1b[K")
    assert len(lines[0]) < 80
    assert [line for line in lines[1:-1] if len(line) >= 80 or not line.endswith(" ... scanning 70 %")] == []


def test_a_very_narrow_terminal_shows_no_label(monkeypatch):
    monkeypatch.setenv("COLUMNS", "10")
    stream, stages = Terminal(), Stages("scanning 70 %")

    with show_progress("index", stages, stream=stream, interval_s=0.001):
        assert stages.all_told.wait(10)

    assert stream.getvalue().split("\r\x1b[K")[1] == " ... scanning 70 %"


def test_a_stage_that_cannot_be_had_does_not_disturb_the_work():
    stream, stages = Terminal(), Stages("scanning 5 %", BackendError(message="gone"))

    with show_progress("index", stages, stream=stream, now_s=seconds(0.0, 1.0), interval_s=0.001):
        assert stages.all_told.wait(10)

    assert stream.getvalue().endswith("scanning 5 %\r\x1b[Kindex: done in 1.0 s\n")


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["file", "terminal"])
def test_what_failed_is_not_done(stream):
    with (
        pytest.raises(BackendError, match="disk full"),
        show_progress("index", Stages(None), stream=stream),
    ):
        raise BackendError(message="disk full")

    assert "done" not in stream.getvalue()
    assert not stream.isatty() or stream.getvalue().endswith("\r\x1b[K")
