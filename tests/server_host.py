"""The process that owns the servers of a test session.

Who runs the session (pytest itself, not a worker of pytest-xdist) enters ``hosting()``. That starts
this file as a process of its own, which starts a server when somebody asks for it: a run that needs none
starts none, and all workers share one. The servers are its children. It ends when its standard
input does, and that happens when the session is over, and also when pytest was interrupted or
killed; it then ends the servers and removes the directory. A worker that dies changes nothing.

A request is one line of JSON on a unix socket, and so is its answer. They are served one after another.
"""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.server_programs import CannotStart, PostgreSQL, Redis, Server

ROOT_VARIABLE = "CLIQUET_LIKE_TEST_ROOT"  # tells the workers where the socket is
KINDS: dict[str, type[Server]] = {"postgresql": PostgreSQL, "redis": Redis}
ANSWER_TIMEOUT_S = 180.0
END_TIMEOUT_S = 60.0


@contextmanager
def hosting() -> Iterator[None]:
    """Serve ``ask`` in this process and in those that it starts; at the end nothing runs or is on disk."""
    before = os.environ.get(ROOT_VARIABLE)
    root = Path(tempfile.mkdtemp(prefix="cliquet-like-tests-"))
    root.chmod(0o711)  # the servers of root run as another user
    try:
        host = _start_host(root)
        os.environ[ROOT_VARIABLE] = str(root)
        try:
            yield
        finally:
            # A word and not only the end of the pipe: a child that a test forked may hold that open.
            host.communicate(b"end", timeout=END_TIMEOUT_S)
            _set_or_remove(ROOT_VARIABLE, before)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def ask(action: str, kind: str, name: str) -> str:
    """URL of a server after ``start``, ``stop``, ``kill`` or ``drop`` of it; ``start`` makes a new one.

    Raises ``CannotStart``.
    """
    root = os.environ.get(ROOT_VARIABLE)
    if root is None:
        raise CannotStart("nobody entered tests.server_host.hosting()")
    try:
        answer = _talk(root, json.dumps([action, kind, name]))
    except (OSError, ValueError) as failure:
        raise CannotStart(f"the process that owns the servers is gone: {failure}") from failure
    if "reason" in answer:
        raise CannotStart(answer["reason"])
    return answer["url"]


def _start_host(root: Path) -> subprocess.Popen[bytes]:
    # The socket is open before the process runs, so that nobody comes too early.
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "socket"))
        listener.listen(64)
        return subprocess.Popen(
            [sys.executable, "-m", "tests.server_host", str(root), str(listener.fileno())],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            start_new_session=True,  # Ctrl-C is not for it
        )


def _talk(root: str, line: str) -> dict[str, str]:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_TIMEOUT_S)
        client.connect(f"{root}/socket")
        with client.makefile("rw", encoding="utf-8") as talk:
            talk.write(line + "\n")
            talk.flush()
            answer: dict[str, str] = json.loads(talk.readline())
            return answer


class Host:
    """The servers by name, in one directory."""

    def __init__(self, root: Path) -> None:
        """Own what is in ``root``."""
        self._root = root
        self._servers: dict[str, Server] = {}

    def answer(self, line: str) -> dict[str, str]:
        """Do what a request asks for; a failure is an answer too, or the next one would find nobody."""
        try:
            action, kind, name = json.loads(line)
            return {"url": self._carry_out(action, kind, f"{kind}-{name}")}
        except CannotStart as failure:
            return {"reason": str(failure)}
        except Exception as failure:  # noqa: BLE001 - it is told to who asked
            return {"reason": f"{type(failure).__name__}: {failure}"}

    def end(self) -> None:
        """Leave nothing."""
        for server in self._servers.values():
            server.kill()
        shutil.rmtree(self._root, ignore_errors=True)

    def _carry_out(self, action: str, kind: str, name: str) -> str:
        if name not in self._servers and action == "start":
            self._servers[name] = KINDS[kind](self._root / name)
        server = self._servers[name]
        {"start": server.start, "stop": server.stop, "kill": server.kill, "drop": server.kill}[action]()
        if action == "drop":
            shutil.rmtree(server.home)
            del self._servers[name]
        return server.url


def serve(host: Host, listener: socket.socket) -> None:
    """Answer until the standard input ends or says anything."""
    while True:
        ready, _, _ = select.select([sys.stdin, listener], [], [])
        if sys.stdin in ready:
            return
        connection, _ = listener.accept()
        connection.settimeout(5)
        try:
            with connection, connection.makefile("rw", encoding="utf-8") as talk:
                talk.write(json.dumps(host.answer(talk.readline())) + "\n")
        except OSError:
            continue  # who asked is dead


def main(root: str, descriptor: str) -> None:
    """Run as a process, until the session ends or somebody asks this one to."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    host = Host(Path(root))
    try:
        with socket.socket(fileno=int(descriptor)) as listener:
            serve(host, listener)
    finally:
        host.end()


def _set_or_remove(variable: str, value: str | None) -> None:
    if value is None:
        del os.environ[variable]
    else:
        os.environ[variable] = value


if __name__ == "__main__":
    main(*sys.argv[1:])
