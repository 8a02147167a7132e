"""The files for containers, as far as they can be held to something without an engine that runs them."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import yaml

from cliquet_like.kernel.values import environment_name
from cliquet_like.settings.table import SETTINGS
from tests.operations.serving import free_port, served

pytestmark = pytest.mark.once

ROOT: Final = Path(__file__).parents[2]
INSTRUCTIONS: Final = re.compile(
    "COPY|CMD|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|RUN|STOPSIGNAL|USER|WORKDIR"
)
# A version of at least two numbers, and what it is built on: an image that stays what it is.
PINNED: Final = re.compile(r"[a-z0-9./-]+:\d+\.\d+[\w.-]*")
SECRET: Final = re.compile(r"(?i)(password|secret|token|dsn|key)\w*")
# Patterns are the last resort: `_` stands for `.` in a variable, so one may match too much.
KNOWN: Final = [
    re.compile(re.sub(r"<\w+>", r"\\w+", environment_name(f"cliquet_like.{setting.name}")))
    for setting in SETTINGS
]


class Instruction(NamedTuple):
    """A line of a Dockerfile, joined."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """Arguments without options."""
        return [word for word in shlex.split(self.rest) if not word.startswith("--")]


def instructions() -> list[Instruction]:
    """Those of the Dockerfile, in their order."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    text = re.sub(r"(?m)^#.*\n", "", text).replace("\\\n", " ")
    return [Instruction(*line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def stages() -> list[list[Instruction]]:
    """The instructions of each stage, its FROM among them."""
    found: list[list[Instruction]] = []
    for instruction in instructions():
        if instruction.name == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def last(name: str) -> Instruction:
    """The instruction of a name that counts: the last one of the last stage."""
    return [instruction for instruction in stages()[-1] if instruction.name == name][-1]


def copied(stage: list[Instruction]) -> Iterator[tuple[str, str]]:
    """Sources in the repository, each with its destination."""
    for instruction in stage:
        if instruction.name == "COPY" and "--from=" not in instruction.rest:
            *sources, destination = instruction.words
            yield from ((source, destination) for source in sources)


def is_ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path out of the build; the last line that fits decides."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.removeprefix("!").removeprefix("**/")
        if not line or line.startswith("#"):
            continue
        parts = path.split("/") if line.startswith("**/") else [path.split("/")[0]]
        if any(fnmatch(part, pattern) for part in parts):
            ignored = not line.startswith("!")
    return ignored


def copy_stage(number: int, directory: Path) -> None:
    """Do what the COPY instructions of a stage do, from the repository, into a working directory."""
    for source, destination in copied(stages()[number]):
        target = directory / destination
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, target)


def variables() -> dict[str, str]:
    """What the image sets for its processes."""
    return dict(word.split("=", 1) for word in last("ENV").words)


@pytest.fixture
def compose() -> Any:
    """The services of docker-compose.yml, by their names."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]


def test_every_instruction_is_one() -> None:
    assert [line.name for line in instructions() if not INSTRUCTIONS.fullmatch(line.name)] == []
    assert len(stages()) == 2


def test_every_image_is_pinned(compose: Any) -> None:
    images = [stage[0].words[0] for stage in stages()]
    images += [service["image"] for service in compose.values() if "image" in service]

    assert len(images) == 5
    assert [image for image in images if not PINNED.fullmatch(image)] == []


def test_what_is_copied_is_there_and_is_not_ignored() -> None:
    sources = [source for stage in stages() for source, _ in copied(stage)]

    assert len(sources) == 10
    assert [source for source in sources if not (ROOT / source).exists() or is_ignored(source)] == []


@pytest.mark.parametrize(
    "path",
    [".git", ".env", ".venv", "bookmarks.db", "tests/servers.py", "cliquet_like/__pycache__/errors.pyc"],
)
def test_what_nobody_needs_stays_outside(path: str) -> None:
    assert is_ignored(path)


def test_what_is_copied_is_all_that_the_package_is_built_from(tmp_path: Path) -> None:
    copy_stage(0, tmp_path)
    command = [sys.executable, "-W", "ignore", "setup.py", "--quiet", "build", "--build-lib", "built"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    built = {
        path.relative_to(tmp_path / "built") for path in (tmp_path / "built").rglob("*") if path.is_file()
    }
    sources = [
        path
        for package in ("cliquet_like", "cliquet_like_fxa")
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".sql", ".typed")
    ]
    assert built == {path.relative_to(ROOT) for path in sources}


def test_the_container_starts_and_finds_itself_well(tmp_path: Path) -> None:
    port = str(free_port())
    directory = tmp_path / "srv"
    directory.mkdir()
    copy_stage(1, directory)
    settings = {
        "PYTHONPATH": str(directory),
        "GUNICORN_CMD_ARGS": variables()["GUNICORN_CMD_ARGS"].replace("0.0.0.0:8000", f"127.0.0.1:{port}"),
        **{
            f"CLIQUET_LIKE_{kind}_{name}": value
            for kind in ("STORAGE", "CACHE", "PERMISSION")
            for name, value in (
                ("BACKEND", f"cliquet_like.{kind.lower()}.sqlite"),
                ("URL", f"sqlite:///{tmp_path}/shelf.db"),
            )
        },
    }
    (start,) = json.loads(last("ENTRYPOINT").rest)
    check = json.loads(last("HEALTHCHECK").rest.partition("CMD")[2])
    command = [sys.executable, *[word.replace(":8000/", f":{port}/") for word in check[1:]]]

    with served([str(directory / start)], port=int(port), log=directory / "log", settings=settings) as server:
        well = subprocess.run(command, timeout=30, check=False)
        workers = len(set(server.workers))
    ill = subprocess.run(command, timeout=30, check=False, stderr=subprocess.DEVNULL)

    assert "storage: ran 001_records.sql" in server.log
    assert (well.returncode, ill.returncode) == (0, 1)
    assert workers > 0


def test_the_image_hides_no_warning_of_ours() -> None:
    program = "from cliquet_like.testing.app import make_client; make_client()"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("CLIQUET_LIKE_", "PYTHON"))
    }
    environment |= {
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": variables()["PYTHONWARNINGS"],
        "CLIQUET_LIKE_STORAGE_BACKND": "cliquet_like.storage.postgresql",
    }

    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert re.findall(r"(\w+Warning): (.*)", done.stderr) == [
        (
            "UserWarning",
            "Unknown variable CLIQUET_LIKE_STORAGE_BACKND, did you mean CLIQUET_LIKE_STORAGE_BACKEND?",
        )
    ]


def test_it_does_not_run_as_root() -> None:
    assert last("USER").rest.isdecimal()
    assert int(last("USER").rest) > 0


def test_the_image_sets_nothing_of_the_service() -> None:
    names = list(variables())

    assert "GUNICORN_CMD_ARGS" in names
    assert [name for name in names if name.startswith("CLIQUET_LIKE_") or SECRET.search(name)] == []


def test_secrets_of_the_services_come_from_outside(compose: Any) -> None:
    given = {
        name: value
        for service in compose.values()
        for name, value in service.get("environment", {}).items()
        if SECRET.search(name) or "@" in value
    }

    assert len(given) >= 5
    assert [name for name, value in given.items() if not re.search(r"\$\{\w+:[?-]", value)] == []


def test_every_variable_is_a_setting(compose: Any) -> None:
    names = list(compose["service"]["environment"])

    assert len(names) > 10
    assert [name for name in names if not any(known.fullmatch(name) for known in KNOWN)] == []


def test_who_depends_on_a_service_waits_until_it_is_well(compose: Any) -> None:
    awaited = compose["service"]["depends_on"]

    assert set(awaited) == {"database", "cache"}
    assert {wanted["condition"] for wanted in awaited.values()} == {"service_healthy"}
    assert all(compose[name]["healthcheck"]["test"][0] == "CMD" for name in awaited)


def test_hosts_of_urls_are_services(compose: Any) -> None:
    values = compose["service"]["environment"].values()
    hosts = {found for value in values for found in re.findall(r"(?:://|@)([a-z]+)(?=[:/]|\Z)", value)}

    assert hosts - {"bookmarks"} == {"database", "cache", "statsd"}


def test_ports_are_open_to_this_machine_only(compose: Any) -> None:
    ports = [port for service in compose.values() for port in service.get("ports", [])]

    assert len(ports) == 2
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
