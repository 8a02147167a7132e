"""The reference holds what the code has: every setting, every error, every limit."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cliquet_like.errors import ERRORS
from cliquet_like.initialization.metrics import METRICS
from cliquet_like.kernel.codec import MAX_DEPTH
from cliquet_like.kernel.values import environment_name
from cliquet_like.logs.masking import SECRET_PARAMETERS, SECRET_WORDS
from cliquet_like.logs.summary import FIELDS
from cliquet_like.resource.query.fields import MAX_FIELD_DEPTH
from cliquet_like.resource.query.parsing import MAX_FILTERS
from cliquet_like.resource.query.sorting import MAX_SORT_KEYS
from cliquet_like.settings.table import DEFAULT_SETTINGS, SETTINGS
from cliquet_like_fxa.settings import SETTINGS as FXA_SETTINGS
from docs._ext.generated import MARKER, TABLES, fill_in, fxa_settings_table, settings_table

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"


def built(page: Path) -> str:
    return fill_in(page.read_text(encoding="utf-8"))


def rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("setting", [*SETTINGS, *FXA_SETTINGS], ids=lambda setting: setting.name)
def test_every_setting_is_in_the_reference_once(setting):
    table, other = settings_table(), fxa_settings_table()
    if setting in FXA_SETTINGS:
        table, other = other, table

    (row,) = [row for row in rows(table) if row.startswith(f"| `{setting.name}`")]

    assert f"| `{setting.name}`" not in other
    assert f"| {setting.unit} | {setting.help.replace('``', '`')} |" in row
    if not setting.is_pattern:
        assert f"`{environment_name('cliquet_like.' + setting.name)}`" in row


def test_the_reference_of_settings_has_both_tables():
    page = built(REFERENCE / "settings.md")

    assert settings_table() in page
    assert fxa_settings_table() in page


def test_defaults_are_shown_as_a_file_of_settings_has_them():
    table = settings_table()

    assert "| `readonly`<br>`CLIQUET_LIKE_READONLY` | `false` |" in table
    assert "| `backoff`<br>`CLIQUET_LIKE_BACKOFF` | none |" in table
    assert "| `http_api_version`<br>`CLIQUET_LIKE_HTTP_API_VERSION` | not set |" in table
    assert all(step in table for step in DEFAULT_SETTINGS["initialization_sequence"])


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.name)
def test_every_error_is_in_the_reference(error):
    page = built(REFERENCE / "api" / "errors.md")

    assert f"| {error.value} | {error.status} | `{error.name}` | {error.text} |" in page


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: f"{metric.type} {metric.name}")
def test_every_metric_is_in_the_reference(metric):
    page = built(REFERENCE / "metrics.md")

    assert f"| `{metric.name}` | {metric.type} | {metric.help} |" in page


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_of_the_log_is_in_the_reference(field):
    page = built(REFERENCE / "logs.md")

    assert f"| `{field.name}` | {field.given} | {field.help} |" in page


def test_every_name_of_a_secret_is_in_the_reference():
    page = built(REFERENCE / "logs.md")

    assert {word for word in (*SECRET_WORDS, *SECRET_PARAMETERS) if f"`{word}`" not in page} == set()


def test_tables_do_not_depend_on_the_environment():
    script = "from docs._ext.generated import TABLES\nfor table in TABLES.values(): print(table())"
    environment = {
        **os.environ,
        "CLIQUET_LIKE_BACKOFF": "4711",
        "BACKOFF": "4711",
        "PYTHONHASHSEED": "1",
        "PYTHONWARNINGS": "ignore",
    }

    made = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert made.stdout.split("\n")[:-1] == "\n".join(table() for table in TABLES.values()).split("\n")


def test_no_marker_asks_for_a_table_that_nobody_makes():
    markers = {name for page in DOCS.glob("**/*.md") for name in MARKER.findall(page.read_text("utf-8"))}

    assert markers == set(TABLES)


@pytest.mark.parametrize(
    ("page", "limit"),
    [
        ("filtering", f"**{MAX_FILTERS}**"),
        ("filtering", f"**{MAX_FIELD_DEPTH} levels**"),
        ("sorting", f"**{MAX_SORT_KEYS}**"),
        ("partial-responses", f"**{MAX_FIELD_DEPTH} levels**"),
        ("records", f"**{MAX_DEPTH} levels**"),
        ("batch", f"`batch_max_requests` ({DEFAULT_SETTINGS['batch_max_requests']})"),
        ("collections", f"`storage_max_fetch_size` ({DEFAULT_SETTINGS['storage_max_fetch_size']:,})"),
        ("cors", f"`cors_max_age_seconds` ({DEFAULT_SETTINGS['cors_max_age_seconds']}"),
        ("errors", f"`retry_after_seconds`, {DEFAULT_SETTINGS['retry_after_seconds']}"),
    ],
)
def test_the_limits_in_the_reference_are_those_of_the_code(page, limit):
    text = (REFERENCE / "api" / f"{page}.md").read_text("utf-8")

    assert limit.replace(",", " ") in re.sub(r"\s+", " ", text).replace(",", " ")


def test_every_page_of_the_reference_has_an_example():
    pages = list((REFERENCE / "api").glob("*.md"))

    without = [page.name for page in pages if "```console\n$ curl" not in page.read_text("utf-8")]

    assert without == []


def test_every_room_of_the_library_is_in_the_drawing():
    drawing = (DOCS / "_static" / "layers.svg").read_text("utf-8")
    modules = (ROOT / "cliquet_like").glob("*.py")
    packages = (path.parent for path in (ROOT / "cliquet_like").glob("*/__init__.py"))
    rooms = {path.stem for path in (*modules, *packages)} - {"__init__"}

    missing = {room for room in rooms if not re.search(rf"\b{room}\b", drawing)}

    assert missing == set()
