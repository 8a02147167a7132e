"""The services that are measured: where each lives, how its process is asked, on which data."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from tests import servers

ROOT = Path(__file__).parents[1]
PEER_ENVIRONMENTS = ROOT / ".venv-bench"

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_HAS_TRIGGERS = "SELECT EXISTS (SELECT FROM pg_trigger)"


class MissingSubject(Exception):
    """A service that cannot be measured here; the text says what to do."""


@dataclass(frozen=True)
class Kind:
    """A service by the name that tables show: its module, and the environment that it needs."""

    name: str
    module: str
    environment: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def python(self) -> str:
        """Interpreter of its process. Raises ``MissingSubject``."""
        if self.environment is None:
            return sys.executable
        python = PEER_ENVIRONMENTS / self.environment / "bin" / "python"
        if not python.exists():
            raise MissingSubject(f"{self.name} is not installed: run `make bench-peers`")
        return str(python)


BARE = Kind("bare Pyramid", "benchmarks.bare")
OURS = Kind("cliquet_like", "benchmarks.ours", options={"backend": "postgresql"})
PEERS = (
    Kind("kinto.core", "benchmarks.peers.kinto_core", "kinto"),
    Kind("Django REST framework", "benchmarks.peers.django_rest", "django"),
    Kind("FastAPI", "benchmarks.peers.fast_api", "fastapi"),
)


class Process:
    """A service that runs, with records, in a process of its own."""

    def __init__(self, kind: Kind, size: int, **options: Any) -> None:
        self.kind = kind
        self._child = subprocess.Popen(
            [kind.python, "-m", "benchmarks.subject"],
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        try:
            self._say({"module": kind.module, "size": size, **kind.options, **options})
        except BaseException:
            self.end()
            raise

    def ask(self, action: str, **arguments: Any) -> Any:
        """What the subject answers; fails when it has ended."""
        return self._say([action, arguments])

    def reset(self) -> None:
        """Bring back the records as they were filled in."""
        self.ask("fill")

    def end(self) -> None:
        """Return when it has ended."""
        self._child.communicate(timeout=60)

    def _say(self, what: Any) -> Any:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(what) + "\n")
        answer = self._child.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.kind.name} has ended, see above")
        return json.loads(answer)


class PostgreSQLProcess(Process):
    """One on a database of its own, of which a copy is kept: to fill it again takes long."""

    def __init__(self, kind: Kind, size: int, url: str) -> None:
        super().__init__(kind, size, url=url)
        self._size = size
        self._url = url
        self._tables: list[str] = []

    def reset(self) -> None:
        """Bring back the records; the first time, fill them in."""
        with closing(psycopg2.connect(self._url)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            if self._tables:
                self._restore(cursor)
            else:
                self.ask("fill")
                cursor.execute(_TABLES)
                self._tables = [name for (name,) in cursor.fetchall()]
                cursor.execute("CREATE SCHEMA filled")
                for table in self._tables:
                    cursor.execute(f'CREATE TABLE filled."{table}" AS TABLE public."{table}"')
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")

    @contextmanager
    def twin(self) -> Iterator[Process]:
        """Another process of the service on the same records; it ends with the context."""
        other = PostgreSQLProcess(self.kind, self._size, self._url)
        try:
            yield other
        finally:
            other.end()

    def _restore(self, cursor: Any) -> None:
        cursor.execute(_HAS_TRIGGERS)
        if cursor.fetchone()[0]:
            # They, and foreign keys, would change what they see.
            cursor.execute("SET session_replication_role = replica")
        names = ", ".join(f'public."{table}"' for table in self._tables)
        cursor.execute(f"TRUNCATE {names} CASCADE")
        for table in self._tables:
            cursor.execute(f'INSERT INTO public."{table}" SELECT * FROM filled."{table}"')


@contextmanager
def running(kinds: list[Kind], size: int) -> Iterator[list[Any]]:
    """Processes of these services, filled; they end with the context."""
    with ExitStack() as stack:
        processes = []
        for kind in kinds:
            process = _start(kind, size, stack)
            stack.callback(process.end)
            process.reset()
            processes.append(process)
        yield processes


def _start(kind: Kind, size: int, stack: ExitStack) -> Process:
    backend = kind.options.get("backend", "postgresql")
    if backend == "postgresql":
        return PostgreSQLProcess(kind, size, stack.enter_context(servers.new_database()))
    return Process(kind, size, url=_place(backend, stack))


def _place(backend: str, stack: ExitStack) -> str:
    """URL of an empty database of this kind of backend."""
    if backend == "redis":
        return stack.enter_context(servers.private_server("redis")).url
    if backend == "sqlite":
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="cliquet-like-bench-"))
        return f"sqlite:///{directory}/bookmarks.db"
    return ""
