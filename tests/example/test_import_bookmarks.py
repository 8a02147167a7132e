"""The command line, against a stand-in server."""

import base64
import io
import os
import re
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from webob import Response

from example.import_bookmarks import USER_VARIABLE, main


@pytest.fixture(autouse=True)
def _no_user_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(USER_VARIABLE, raising=False)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Two bookmarks in the right shape."""
    path = tmp_path / "bookmarks.html"
    write(path, '<DT><A HREF="https://a.example/">A</A>\n<DT><A HREF="https://b.example/">B</A>\n')
    return path


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def credentials(stand_in: Any) -> bytes:
    return base64.b64decode(stand_in.seen[-1].authorization.params)


def test_an_import_without_a_refusal_succeeds(
    stand_in: Any, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main([str(export), "--server", stand_in.url])

    assert status == 0
    assert capsys.readouterr().out == "Created:       2\nAlready there: 0\nRefused:       0\n"


def test_a_second_import_finds_everything_already_there(
    stand_in: Any, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(export), "--server", stand_in.url])
    capsys.readouterr()

    status = main([str(export), "--server", stand_in.url])

    assert status == 0
    assert "Already there: 2" in capsys.readouterr().out


def test_each_refusal_is_told_with_line_place_title_address_and_reason(
    stand_in: Any, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        export,
        "<DL><H3>Tools</H3><DL>\n"
        '<DT><A HREF="https://a.example/">A</A>\n'
        '<DT><A HREF="javascript:1">Run</A></DL></DL>\n'
        '<DT><A HREF="today.html"></A>\n',
    )

    status = main([str(export), "--server", stand_in.url])

    assert status == 1
    assert capsys.readouterr().out.splitlines() == [
        "Refused, line 3 (Tools): Run <javascript:1>: Not a web address",
        "Refused, line 4: no title <today.html>: Not a web address",
        "Created:       1",
        "Already there: 0",
        "Refused:       2",
    ]


def test_a_title_can_neither_fill_nor_command_the_terminal(
    stand_in: Any, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(export, f'<A HREF="x">\x1b]0;owned\x07{"long " * 100}</A>')

    main([str(export), "--server", stand_in.url])

    (line,) = [line for line in capsys.readouterr().out.splitlines() if "line 1" in line]
    assert "\ufffd]0;owned\ufffd" in line
    assert "…" in line
    assert len(line) < 120


def test_a_title_that_the_terminal_cannot_write_is_escaped(
    stand_in: Any, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(export, '<A HREF="x">中文</A>')
    written = io.BytesIO()
    terminal = io.TextIOWrapper(written, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)

    status = main([str(export), "--server", stand_in.url])

    terminal.flush()
    assert status == 1
    assert rb"\u4e2d\u6587" in written.getvalue()


def test_the_user_is_the_demonstration_user_by_default(stand_in: Any, export: Path) -> None:
    main([str(export), "--server", stand_in.url])

    assert credentials(stand_in) == b"demo:demo"


def test_the_user_comes_from_the_environment(
    stand_in: Any, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(USER_VARIABLE, "grace:hopper")

    main([str(export), "--server", stand_in.url])

    assert credentials(stand_in) == b"grace:hopper"


def test_the_option_wins_over_the_environment(
    stand_in: Any, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(USER_VARIABLE, "grace:hopper")

    main([str(export), "--server", stand_in.url, "--user", "ada:"])

    assert credentials(stand_in) == b"ada:"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["x.html", "--user", "nobody"],
        ["x.html", "--user", ":secret"],
        ["x.html", "--server", "127.0.0.1:8888"],
        ["x.html", "--server", "ftp://example.org"],
        ["x.html", "--server", "http://[::1"],
        ["x.html", "--server", "http:///v1"],
    ],
)
def test_a_wrong_command_line_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)

    assert stopped.value.code == 2
    assert "usage: python -m example.import_bookmarks" in capsys.readouterr().err


def test_help_says_who_owns_the_bookmarks_and_what_the_status_means(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])

    text = capsys.readouterr().out
    assert stopped.value.code == 0
    assert "demo:demo" in text
    assert USER_VARIABLE in text
    assert "Exit status" in text


def test_a_missing_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main([str(tmp_path / "none.html")])

    assert status == 2
    assert re.fullmatch(
        r"Error: Cannot read .*none\.html: No such file or directory\.\n", capsys.readouterr().err
    )


def test_a_folder_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "Cannot read" in capsys.readouterr().err


def test_a_file_that_is_not_text_is_said(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export.write_bytes(b"\x89PNG\r\n\x1a\n\xff")

    assert main([str(export)]) == 2
    assert "is not UTF-8 text" in capsys.readouterr().err


def test_a_file_without_bookmarks_is_said(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(export, '{"bookmarks": []}')

    assert main([str(export)]) == 2
    assert "No bookmark in" in capsys.readouterr().err


def test_a_byte_order_mark_does_not_matter(stand_in: Any, export: Path) -> None:
    export.write_bytes(b"\xef\xbb\xbf" + export.read_bytes())

    assert main([str(export), "--server", stand_in.url]) == 0


def test_a_server_out_of_reach_is_said(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main([str(export), "--server", "http://127.0.0.1:1/v1"])

    out, err = capsys.readouterr()
    assert status == 2
    assert err == "Error: Cannot reach http://127.0.0.1:1/v1: Connection refused\n"
    assert out == ""


def test_a_failure_half_way_still_reports_what_was_done(
    stand_in: Any, export: Path, capsys: pytest.CaptureFixture[str], problem: Callable[..., Response]
) -> None:
    stand_in.settings = {"batch_max_requests": 1}
    stand_in.script.extend([None, None, problem(500)])

    status = main([str(export), "--server", stand_in.url])

    out, err = capsys.readouterr()
    assert status == 2
    assert "Created:       1" in out
    assert "answered 500: Come back later" in err


def test_waiting_for_a_busy_server_is_told(
    stand_in: Any, export: Path, capsys: pytest.CaptureFixture[str], problem: Callable[..., Response]
) -> None:
    stand_in.script.append(problem(503, Retry_After="30"))
    waited: list[float] = []

    status = main([str(export), "--server", stand_in.url], sleep=waited.append)

    assert (status, waited) == (0, [30.0])
    assert "The server asks to wait 30 s." in capsys.readouterr().err


def test_an_interruption_leaves_no_traceback(
    stand_in: Any, export: Path, capsys: pytest.CaptureFixture[str], problem: Callable[..., Response]
) -> None:
    stand_in.script.append(problem(503, Retry_After="30"))

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    status = main([str(export), "--server", stand_in.url], sleep=interrupt)

    assert status == 130
    assert capsys.readouterr().err.endswith("Interrupted.\n")


def test_the_module_runs_as_a_command(stand_in: Any, export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "example.import_bookmarks")
    monkeypatch.setattr(sys, "argv", ["import_bookmarks", os.fspath(export), "--server", stand_in.url])

    with pytest.raises(SystemExit) as stopped:
        runpy.run_module("example.import_bookmarks", run_name="__main__")

    assert stopped.value.code == 0
