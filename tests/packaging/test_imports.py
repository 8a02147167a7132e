"""What only some installations have is imported when a setting asks for it."""

import json
import subprocess
import sys

import pytest

from benchmarks.footprint import IMPORT, OPTIONAL, START

LOADED = """
import json, sys, warnings
warnings.simplefilter("ignore")
{done}
print(json.dumps(sorted(name.partition(".")[0] for name in sys.modules)))
"""


def loaded_by(code: str) -> set[str]:
    """Packages that a new process has imported once it has run this."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(done=code)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("code", [IMPORT, IMPORT + START], ids=["import", "start"])
def test_no_optional_package_is_imported_before_a_setting_asks_for_it(code: str) -> None:
    loaded = loaded_by(code)

    assert loaded >= {"cliquet_like", "pyramid"}
    assert loaded.isdisjoint(OPTIONAL)


def test_a_setting_imports_what_it_asks_for() -> None:
    asked = START.replace("settings={", 'settings={"statsd_url": "udp://127.0.0.1:8125", ')

    loaded = loaded_by(IMPORT + asked)

    assert loaded & set(OPTIONAL) == {"statsd"}


def test_the_import_leaves_structlog_to_the_start() -> None:
    assert "structlog" not in loaded_by(IMPORT)
    assert "structlog" in loaded_by(IMPORT + START)
