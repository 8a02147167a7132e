"""Colours: for terminals only."""

import io
import logging
import sys
from contextlib import contextmanager

import pytest

from cliquet_like.logs import ClassicLogRenderer
from cliquet_like.logs.classic import ends_in_terminal


class Terminal(io.StringIO):
    def isatty(self):
        return True


@contextmanager
def handled_by(*handlers):
    """The library's entries go to these handlers only, while the block runs."""
    library = logging.getLogger("cliquet_like")
    propagates = library.propagate
    library.propagate = False
    for handler in handlers:
        library.addHandler(handler)
    try:
        yield
    finally:
        library.propagate = propagates
        for handler in handlers:
            library.removeHandler(handler)


@pytest.fixture(autouse=True)
def _no_wish(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_renderer_that_is_used_directly_writes_colours():
    assert "\x1b[36ma\x1b[0m=\x1b[35m1\x1b[0m" in ClassicLogRenderer({})(None, "info", {"event": "x", "a": 1})


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"event": "x", "b": 1, "a": "c"}, "x a=c b=1"),
        ({"event": "x", "a": "c\nd"}, "x a=c\\nd"),
        ({"event": "x", "a": b"c\xff"}, "x a=c\ufffd"),
        ({"path": "/", "code": 200, "t": 3}, '"?     /" 200 (3 ms) ?'),
    ],
    ids=["fields", "control", "bytes", "request"],
)
def test_a_renderer_without_colours_writes_the_same_texts(entry, line):
    renderer = ClassicLogRenderer({})
    renderer.is_coloured = lambda: False

    assert renderer(None, "info", entry) == line


def test_lines_for_a_terminal_are_coloured():
    with handled_by(logging.StreamHandler(Terminal()), logging.NullHandler()):
        assert ends_in_terminal()


@pytest.mark.parametrize(
    "other",
    [logging.StreamHandler(io.StringIO()), logging.Handler(), logging.StreamHandler(object())],
    ids=["file", "no-stream", "odd-stream"],
)
def test_one_place_that_is_no_terminal_takes_the_colours_away(other):
    with handled_by(logging.StreamHandler(Terminal()), other):
        assert not ends_in_terminal()


def test_a_closed_terminal_is_none():
    closed = Terminal()
    closed.close()

    with handled_by(logging.StreamHandler(closed)):
        assert not ends_in_terminal()


def test_who_wishes_no_colours_gets_none(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    with handled_by(logging.StreamHandler(Terminal())):
        assert not ends_in_terminal()


@pytest.mark.parametrize(("stream", "coloured"), [(Terminal(), True), (io.StringIO(), False), (None, False)])
def test_without_any_handler_lines_go_where_errors_go(monkeypatch, stream, coloured):
    monkeypatch.setattr(sys, "stderr", stream)

    with handled_by():
        assert ends_in_terminal() is coloured


def test_handlers_above_the_library_count_while_entries_get_there():
    root = logging.getLogger()
    file = logging.StreamHandler(io.StringIO())
    root.addHandler(file)
    try:
        assert not ends_in_terminal()
    finally:
        root.removeHandler(file)
