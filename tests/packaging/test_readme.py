"""The README is true, and renders where packages are shown."""

from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.rest import CodeBlockParser, PythonCodeBlockParser

from tests.reader import Reader, files_first, run_console

ROOT = Path(__file__).parents[2]
README = ROOT / "README.rst"


def test_every_example_does_what_the_readme_shows():
    parsers = [files_first(PythonCodeBlockParser(), option="name"), CodeBlockParser("console", run_console)]
    document = Sybil(parsers=parsers).parse(README)
    reader = document.namespace["reader"] = Reader()

    try:
        for example in document.examples():
            example.evaluate()
    finally:
        reader.leave()


def test_the_first_screen_has_the_two_commands():
    first_screen = README.read_text("utf-8").splitlines()[:24]

    assert any("$ make serve" in line for line in first_screen)
    assert any("$ make test" in line for line in first_screen)


def test_it_renders_without_a_warning():
    core = pytest.importorskip("docutils.core", reason="docutils comes with the extra docs")
    strict = {"halt_level": 2, "report_level": 2, "warning_stream": None, "input_encoding": "utf-8"}

    html = core.publish_string(README.read_bytes(), writer="html5", settings_overrides=strict)

    assert b"cliquet_like" in html


def test_it_leads_to_files_that_are_there():
    targets = [line.split("<")[1].split(">")[0] for line in _links(README.read_text("utf-8"))]

    missing = [target for target in targets if not (ROOT / target.partition("#")[0]).is_file()]

    assert len(targets) > 5
    assert missing == []


def _links(text: str) -> list[str]:
    return [part for part in " ".join(text.split()).split("`") if part.endswith(">") and " <" in part]
