"""The house stands as drawn, and every package of it is under every gate."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def packages_in(*parents: Path) -> set[str]:
    return {path.name for parent in parents for path in parent.iterdir() if (path / "__init__.py").is_file()}


def tool_settings() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def test_imports_go_down_only():
    lint_imports = Path(sys.executable).with_name("lint-imports")

    outcome = subprocess.run(
        [lint_imports, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_published_packages_are_held_to_the_layers():
    published = {name for name in packages_in(ROOT) if name.startswith("cliquet_like")}

    held = set(tool_settings()["importlinter"]["root_packages"])

    assert held == published


def test_every_package_is_checked_for_types_and_coverage():
    packages = packages_in(ROOT) - {"benchmarks", "docs", "tests"}

    tools = tool_settings()

    assert set(tools["mypy"]["files"]) >= packages
    assert set(tools["coverage"]["run"]["source"]) == packages


def test_every_folder_of_the_published_packages_is_a_package():
    modules = ROOT.glob("cliquet_like*/**/*.py")

    outside = [path for path in modules if not (path.parent / "__init__.py").is_file()]

    assert outside == []
