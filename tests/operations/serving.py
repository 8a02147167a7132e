"""Servers of the example as processes, with nothing in their file but ``use``."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
INI: Final = ROOT / "docker" / "service.ini"
PATH: Final = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
START_TIMEOUT_S: Final = 60
END_TIMEOUT_S: Final = 30
# gunicorn and uWSGI name each worker that they start.
_WORKER: Final = re.compile(r"(?:Booting worker with pid|pawned uWSGI worker \d+ \((?:new )?pid): (\d+)")


class Served:
    """A server that runs, and what it has written so far."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self._log = log

    @property
    def log(self) -> str:
        """What it wrote on its two outputs."""
        return self._log.read_text("utf-8")

    @property
    def workers(self) -> list[int]:
        """Ids of the processes of all workers that it ever started, in their order."""
        return [int(found) for found in _WORKER.findall(self.log)]

    def has_ended(self, workers: Sequence[int]) -> bool:
        """Whether none of these processes is left."""
        return not any(_is_alive(worker) for worker in workers)

    def end(self) -> int:
        """Exit code, once it has ended; fails with its log when that takes too long."""
        try:
            return self.process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            pytest.fail(self.log)

    def is_up(self) -> bool:
        """Whether a worker answers; no backend is asked."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=END_TIMEOUT_S)
        try:
            connection.request("GET", "/v1/__lbheartbeat__")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def environment(**variables: str) -> dict[str, str]:
    """Environment of a process: this one's without the library's settings, and the variables."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CLIQUET_LIKE_")}
    return {**ours, "PATH": PATH, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **variables}


def migrate(settings: Mapping[str, str]) -> str:
    """What the command says, which must succeed."""
    command = [sys.executable, "-m", "cliquet_like", "migrate", "--ini", str(INI)]
    done = subprocess.run(
        command, env=environment(**settings), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def served(command: Sequence[str], *, port: int, log: Path, settings: Mapping[str, str]) -> Iterator[Served]:
    """A server that answers, started in the directory of its log; killed at the end if it still runs."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [shutil.which(command[0], path=PATH) or command[0], *command[1:]],
            cwd=log.parent,
            env=environment(**settings),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    server = Served(process, port, log)
    try:
        wait_until(server.is_up, server)
        yield server
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(END_TIMEOUT_S)


def wait_until(condition: Callable[[], bool], server: Served) -> None:
    """Return when the condition holds; fails with the log of the server when it ends or takes too long."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while not condition():
        assert server.process.poll() is None, server.log
        assert time.monotonic() < deadline, server.log
        time.sleep(0.02)
