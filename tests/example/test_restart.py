"""The example as ``make serve`` runs it: what was stored is there after a restart."""

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pyramid.paster import get_app
from webtest import TestApp

ROOT = Path(__file__).parents[2]
ADA = {"Authorization": "Basic YWRhOnNlY3JldA=="}


@pytest.fixture
def ini(tmp_path: Path) -> str:
    """A copy of the example's configuration, whose database lies beside it."""
    return shutil.copy(ROOT / "example.ini", tmp_path)


def migrate(ini: str) -> str:
    """What the command says; it must succeed."""
    command = [sys.executable, "-m", "cliquet_like", "migrate", "--ini", ini]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(ini: str, *requests: tuple[str, dict[str, Any] | None]) -> list[Any]:
    """Answers of an application that is made for them: POST with a body, GET without."""
    app = TestApp(get_app(ini))
    with closing(app.app.registry.storage.database):
        return [
            app.get(path, headers=ADA).json if body is None else app.post_json(path, body, headers=ADA).json
            for path, body in requests
        ]


def test_what_was_stored_is_there_after_a_restart(ini: str) -> None:
    migrate(ini)
    bookmark = {"data": {"url": "https://example.org/", "title": "Example"}}
    (created,) = run(ini, ("/v1/bookmarks", bookmark))

    migrate(ini)
    listed, one = run(ini, ("/v1/bookmarks", None), (f"/v1/bookmarks/{created['data']['id']}", None))

    assert listed == {"data": [created["data"]]}
    assert one == created


def test_its_file_is_made_beside_the_configuration(ini: str) -> None:
    first, second = migrate(ini), migrate(ini)

    assert "storage: ran 001_" in first
    assert "cache: ran 001_" in first
    assert "permission: ran 001_" in first
    assert second == "storage: nothing to do\ncache: nothing to do\npermission: nothing to do\n"
    assert Path(ini).with_name("bookmarks.db").is_file()


def test_it_is_well_once_its_tables_are_made(ini: str) -> None:
    migrate(ini)

    answers = run(ini, ("/v1/__heartbeat__", None))

    assert answers == [{"storage": True, "permission": True, "cache": True}]
