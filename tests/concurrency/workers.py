"""Worker processes, each with a port of its own, that may be killed and started again."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
END_TIMEOUT_S: Final = 10


class Workers:
    """Processes that serve the application; who connects while one is down waits for the next."""

    def __init__(self, listeners: list[socket.socket], settings: Mapping[str, str], threads: int) -> None:
        self.ports: list[int] = [listener.getsockname()[1] for listener in listeners]
        self._listeners = listeners
        self._threads = threads
        self._environment = {**os.environ}
        self._environment |= {f"CLIQUET_LIKE_{name.upper()}": value for name, value in settings.items()}
        self._processes: list[subprocess.Popen[bytes] | None] = [None] * len(listeners)

    def start(self, place: int) -> None:
        """Start the worker of a place; it may take a second until it answers."""
        descriptor = self._listeners[place].fileno()
        module = [sys.executable, "-W", "ignore", "-m", "tests.concurrency.worker"]
        self._processes[place] = subprocess.Popen(
            [*module, str(descriptor), str(self._threads)],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            pass_fds=[descriptor],
        )

    def kill(self, place: int) -> None:
        """End the worker of a place at once (SIGKILL)."""
        process = self._processes[place]
        if process is not None:
            process.kill()
            process.wait(END_TIMEOUT_S)
            assert process.stdin is not None
            process.stdin.close()
            self._processes[place] = None


@contextmanager
def serving(settings: Mapping[str, str], *, processes: int, threads: int) -> Iterator[Workers]:
    """Workers with these settings; none is left at the end."""
    with ExitStack() as stack:
        listeners = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=128)) for _ in range(processes)
        ]
        workers = Workers(listeners, settings, threads)
        for place in range(processes):
            stack.callback(workers.kill, place)
            workers.start(place)
        yield workers
