"""Each benchmark runs to its end, with numbers as small as can be, and says what it found."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.servers import POSTGRESQL_VARIABLE

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
SMALL = ("--rounds", "1", "--seconds", "0.001", "--size", "100")


@pytest.fixture
def run(postgresql_server, monkeypatch, capsys):
    """Lines that a benchmark prints, which must end well."""
    monkeypatch.setenv(POSTGRESQL_VARIABLE, postgresql_server)

    def printed(module: str, *arguments: str) -> list[str]:
        assert import_module(module).main(arguments) == 0
        return capsys.readouterr().out.splitlines()

    return printed


@pytest.mark.parametrize("module", ["", ".over_http", ".footprint", ".growth", ".watching"])
def test_each_one_is_a_command(module):
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks{module}", "--help"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout.startswith(f"usage: python -m benchmarks{module} [-h]")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_ours_is_held_to_its_targets(run, tmp_path):
    table, drawing = tmp_path / "table.md", tmp_path / "chart.svg"

    lines = run(
        "benchmarks.__main__", *SMALL, "--only", "hello", "POST", f"--output={table}", f"--chart={drawing}"
    )

    assert cells(lines[0])[-3:] == ["at most", "aim", "holds"]
    assert [cells(line)[0] for line in lines[2:4]] == ["hello", "POST"]
    assert [cells(line)[5:7] for line in lines[2:4]] == [["4", "2"], ["2.2", "1.5"]]
    assert table.read_text("utf-8").splitlines() == lines[:4]
    assert ElementTree.fromstring(drawing.read_text("utf-8")).tag.endswith("svg")


def test_ours_is_shown_on_each_backend(run):
    lines = run("benchmarks.__main__", *SMALL, "--only", "PUT", "--backend", "memory", "sqlite")

    assert cells(lines[0]) == ["workload", "ours on memory", "ours on sqlite"]
    assert cells(lines[2])[0] == "PUT"


def test_a_profile_names_functions_of_the_library(run):
    lines = run(
        "benchmarks.__main__", "--size", "100", "--profile", "GET one", "--calls", "5", "--rounds", "1"
    )

    assert any(line.startswith("| cliquet_like/resource/record.py") and " get |" in line for line in lines)


def test_layers_have_the_whole_time_together(run):
    lines = run(
        "benchmarks.__main__",
        "--size",
        "100",
        "--layers",
        "--only",
        "hello",
        "PUT",
        "--calls",
        "5",
        "--rounds",
        "1",
    )

    shares = [[int(cell.removesuffix(" %")) for cell in cells(line)[2:]] for line in lines[2:4]]
    assert all(abs(100 - sum(found)) < 6 for found in shares)
    assert shares[0][-1] == 0 < shares[1][-1], "hello asks no server"


def test_requests_over_http_are_counted(run):
    small = (*SMALL[:2], "--seconds", "0.2", *SMALL[4:])

    lines = run("benchmarks.over_http", *small, "--setups", "1", "--connections", "1", "3", "--only", "POST")

    assert [cells(line)[:3] for line in lines[2:4]] == [
        ["1 by 4", "POST", "bare Pyramid"],
        ["1 by 4", "POST", "cliquet_like"],
    ]
    assert all(float(cells(line)[4]) > 0 for line in lines[2:4])


def test_memory_and_import_are_told(run):
    lines = run("benchmarks.footprint", "--requests", "100", "--size", "100", "--imports", "1")

    assert any(line.startswith("| optional packages loaded |") for line in lines)
    assert [cells(line)[0] for line in lines if "requests |" in line] == [
        "after 100 requests",
        "after 100 requests",
        "after 100 requests",
    ]


def test_growth_is_told(run):
    lines = run("benchmarks.growth", "memory", "--most", "1000", "--turns", "1")

    assert cells(lines[1])[0] == "memory"
    assert "newest 100" in [cells(line)[0] for line in lines if line.startswith("|")]


def test_what_logs_and_metrics_cost_is_told(run, tmp_path):
    table = tmp_path / "table.md"

    lines = run("benchmarks.watching", "--rounds", "1", "--calls", "5", f"--output={table}")

    assert [cells(line)[0] for line in lines[2:7]] == [
        "neither",
        "ClassicLogRenderer",
        "JSONLogRenderer",
        "MozillaHekaRenderer",
        "statsd",
    ]
    assert table.read_text("utf-8").splitlines() == lines[:7]
