"""The page about performance shows what the benchmarks measure."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.subjects import PEERS
from benchmarks.workloads import WORKLOADS

pytestmark = pytest.mark.once

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "explanation" / "performance.md"
MEASURED = PAGE.with_name("measured")


def first_cells(table: str) -> list[str]:
    lines = (MEASURED / table).read_text("utf-8").splitlines()[2:]
    return [line.split("|")[1].strip() for line in lines]


def test_every_table_is_on_the_page_and_there():
    included = set(re.findall(r"\{include\} measured/(\S+)", PAGE.read_text("utf-8")))

    assert included == {path.name for path in MEASURED.iterdir()}


@pytest.mark.parametrize("table", ["bare.inc", "peers.inc", "backends.inc"])
def test_every_workload_is_in_the_tables(table):
    assert first_cells(table) == list(WORKLOADS)


def test_the_targets_on_the_page_are_those_of_the_benchmarks():
    rows = (MEASURED / "bare.inc").read_text("utf-8").splitlines()[2:]

    shown = [[float(cell) if cell.strip() else None for cell in row.split("|")[6:8]] for row in rows]

    assert shown == [[workload.at_most, workload.aim] for workload in WORKLOADS.values()]


def test_the_drawing_names_every_peer():
    drawing = ElementTree.parse(DOCS / "_static" / "performance.svg")

    texts = {element.text for element in drawing.iter()}

    assert {peer.name for peer in PEERS} <= texts
