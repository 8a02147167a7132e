"""Follows a page of documentation as a reader would: saves its files, runs its sessions.

The servers that a page calls 127.0.0.1:5432 (PostgreSQL) and 127.0.0.1:6379 (Redis) are real ones; that of
PostgreSQL is new on each page that needs it.

Ids, timestamps, user ids and tokens of an answer differ on each run. The first time one is shown, it
stands for what really came; from then on the page has to use it in the same places. A date is a date.
"""

import base64
import contextlib
import importlib
import io
import json
import re
import shlex
import shutil
import sys
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator
from configparser import ConfigParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import psycopg2
from pyramid.config import Configurator
from pyramid.paster import get_app
from sybil import Document, Example, Region
from webob import Request

import cliquet_like
from cliquet_like.drivers.migrations import split_statements
from cliquet_like.scripts.cliquet_like import main as cliquet_like_command
from example.import_bookmarks import main as import_bookmarks
from tests import servers

ROOT = Path(__file__).parent.parent
IMPORTER = [".venv/bin/python", "-m", "example.import_bookmarks"]
MIGRATE = [".venv/bin/cliquet-like", "migrate"]
PSQL = ["sudo", "-u", "postgres", "psql"]
TRIED = ("curl ", *(" ".join(program) for program in (IMPORTER, MIGRATE, PSQL)))
SERVING = re.compile(r"(\S*/)?(waitress-serve|pserve) |make serve\b")
POSTGRESQL = "127.0.0.1:5432"
REDIS = "redis://127.0.0.1:6379/0"
Parser = Callable[[Document], Iterable[Region]]
VARIABLE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # an id
    r"|\b\d{13}\b"  # milliseconds since the epoch
    r"|\b[0-9a-f]{64}\b"  # a user id
    r"|(?<=_token=)[\w%-]+"  # where a page ended
)
# What passes differs: two answers of one second on the page may fall into two, an index may take longer.
PASSING = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT|\b\d+\.\d s\b")
Run = Callable[[list[str], str], str]


class Reader:
    """Who follows a page: the files saved so far, the application they make, the answers seen."""

    def __init__(self) -> None:
        self._home = TemporaryDirectory()
        self._servers = contextlib.ExitStack()
        self._postgresql = ""
        self._ini = "development.ini"
        self._application: Any = None
        self._seen: dict[str, str] = {}
        self._bytecode = sys.dont_write_bytecode
        # A file that changes twice in a second would be taken from its cache.
        sys.dont_write_bytecode = True
        sys.path.insert(0, self._home.name)

    def leave(self) -> None:
        """Forget the files, what was imported from them, and the server."""
        self._forget_modules()
        sys.path.remove(self._home.name)
        sys.dont_write_bytecode = self._bytecode
        self._home.cleanup()
        self._servers.close()

    def save(self, name: str, text: str) -> None:
        """Write a file; the application is made again when it is asked for."""
        path = Path(self._home.name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._with_servers(text), encoding="utf-8")
        self._start_again()

    def serve(self, name: str) -> None:
        """Start what a command names: a saved file ``NAME.ini``, or ``MODULE:VARIABLE`` of one in Python."""
        self._start_again()
        module, _, variable = name.partition(":")
        if variable:
            with contextlib.chdir(self._home.name):
                self._application = getattr(importlib.import_module(module), variable)
        else:
            self._ini = name

    @property
    def application(self) -> Any:
        """The WSGI application of the page; the example, with a database of its own, where it makes none."""
        if self._application is None:
            ini = Path(self._home.name, self._ini)
            if not ini.exists():
                ini = Path(shutil.copy(ROOT / "example.ini", self._home.name))
                self._migrate([*MIGRATE, "--ini", str(ini)], "")
            self._application = get_app(str(ini))
        return self._application

    def try_command(self, command: str, expected: str) -> str:
        """What is wrong with the output that the page promises; empty when nothing is."""
        for name, stands_for in self._seen.items():
            command = command.replace(name, stands_for)
        words = shlex.split(command)
        pipe = words.index("|") if "|" in words else len(words)
        shown = _pass_through(words[pipe + 1 :], self._program_of(words)(words[:pipe], expected)).strip()
        for name, stands_for in zip(VARIABLE.findall(expected), VARIABLE.findall(shown), strict=False):
            self._seen.setdefault(name, stands_for)
        wanted = VARIABLE.sub(lambda found: self._seen.get(found[0], found[0]), expected)
        same = PASSING.sub("PASSING", wanted) == PASSING.sub("PASSING", shown)
        return "" if same else f"$ {command}\nexpected:\n{wanted}\ngot:\n{shown}"

    def _program_of(self, words: list[str]) -> Run:
        programs = [(IMPORTER, self._import), (MIGRATE, self._migrate), (PSQL, self._psql)]
        return next((run for program, run in programs if words[: len(program)] == program), self._curl)

    def _curl(self, words: list[str], expected: str) -> str:
        options = CURL.parse_args(words[1:])
        if options.json and options.json.startswith("@"):
            options.json = Path(self._home.name, options.json[1:]).read_text(encoding="utf-8")
        answer = _request(options).get_response(self.application)
        if not (options.include or options.head):
            return str(answer.text)
        named = [name for name in answer.headers if re.search(rf"(?im)^{name}:", expected)]
        lines = [f"HTTP/1.1 {answer.status}", *(f"{name}: {answer.headers[name]}" for name in named)]
        return "\n".join([*sorted(lines, key=lambda line: _place(line, expected)), "", answer.text])

    def _import(self, words: list[str], _: str) -> str:
        *options, file = words[len(IMPORTER) :]
        output = io.StringIO()
        with (
            _serving(self.application) as address,
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            import_bookmarks([*options, "--server", address, str(ROOT / file)])
        return output.getvalue()

    def _migrate(self, words: list[str], _: str) -> str:
        output, path = io.StringIO(), list(sys.path)
        with contextlib.chdir(self._home.name), contextlib.redirect_stdout(output):
            code = cliquet_like_command(words[1:])
        sys.path[:] = path
        return output.getvalue() if code == 0 else f"exit code {code}"

    def _psql(self, words: list[str], _: str) -> str:
        options = PSQL_OPTIONS.parse_args(words[len(PSQL) :])
        url = urlsplit(self._own_postgresql())._replace(path=f"/{options.dbname}").geturl()
        with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            for statement in split_statements(Path(self._home.name, options.file).read_text("utf-8")):
                cursor.execute(statement)
        return ""

    def _with_servers(self, text: str) -> str:
        """The text with the addresses of the servers that it names."""
        if POSTGRESQL in text:
            text = text.replace(POSTGRESQL, urlsplit(self._own_postgresql()).netloc.rpartition("@")[2])
        return text.replace(REDIS, servers.empty_redis()) if REDIS in text else text

    def _own_postgresql(self) -> str:
        if not self._postgresql:
            server = self._servers.enter_context(servers.private_server("postgresql"))
            self._postgresql = server.url
        return self._postgresql

    def _start_again(self) -> None:
        self._forget_modules()
        self._application = None

    def _forget_modules(self) -> None:
        for name, module in list(sys.modules.items()):
            if (getattr(module, "__file__", None) or "").startswith(self._home.name):
                del sys.modules[name]
        importlib.invalidate_caches()


def _curl_options() -> ArgumentParser:
    parser = ArgumentParser("curl", exit_on_error=False)
    parser.add_argument("-s", "--silent", action="store_true")
    parser.add_argument("-i", "--include", action="store_true")
    parser.add_argument("-I", "--head", action="store_true")
    parser.add_argument("-u", "--user")
    parser.add_argument("-A", "--user-agent", default="curl/8.5.0")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-X", "--request")
    parser.add_argument("--json")
    parser.add_argument("url")
    return parser


CURL = _curl_options()
PSQL_OPTIONS = ArgumentParser("psql", exit_on_error=False)
PSQL_OPTIONS.add_argument("--quiet", action="store_true")
PSQL_OPTIONS.add_argument("--dbname", default="postgres")
PSQL_OPTIONS.add_argument("--file", required=True)


def _request(options: Namespace) -> Request:
    method = options.request or ("HEAD" if options.head else "GET" if options.json is None else "POST")
    request = Request.blank(options.url, method=method)
    request.headers.update({"User-Agent": options.user_agent, "Accept": "*/*"})
    if options.user is not None:
        request.headers["Authorization"] = "Basic " + base64.b64encode(options.user.encode()).decode()
    if options.json is not None:
        request.headers.update({"Content-Type": "application/json", "Accept": "application/json"})
        request.body = options.json.encode()
    request.headers.update(dict(re.split(r":\s*", header, maxsplit=1) for header in options.header))
    return request


def _place(line: str, expected: str) -> int:
    """Where the page has the header: their order does not matter."""
    return expected.lower().find(line.partition(":")[0].lower())


def _pass_through(words: list[str], text: str) -> str:
    """The text after the command behind the pipe, if there is one."""
    match words:
        case []:
            return text
        case ["python3", "-m", "json.tool"]:
            return json.dumps(json.loads(text), indent=4)
        case ["cut", "-c", columns]:
            return "\n".join(line[: int(columns.removeprefix("-"))].rstrip() for line in text.splitlines())
        case ["tail", "-n", count]:
            return "\n".join(text.splitlines()[-int(count) :])
    raise ValueError(f"cannot run {shlex.join(words)}")


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextlib.contextmanager
def _serving(application: Any) -> Iterator[str]:
    with make_server("127.0.0.1", 0, application, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def run_console(example: Example) -> str | None:
    """Evaluator of a session: what differs from the page, or None. Other commands are not run."""
    reader = example.namespace["reader"]
    for session in re.split(r"(?m)^\$ ", example.parsed.replace("\\\n", " "))[1:]:
        command, _, expected = session.partition("\n")
        if SERVING.search(command):
            reader.serve("example.ini" if command.startswith("make ") else command.split()[-1])
        elif command.startswith(TRIED):
            wrong = reader.try_command(command, expected.strip())
            if wrong:
                return str(wrong)
    return None


def files_first(parser: Parser, *, option: str = "caption") -> Parser:
    """The parser, whose blocks with that option, a file name, are saved and not run."""

    def save(example: Example) -> None:
        example.namespace["reader"].save(example.region.lexemes["options"][option], example.parsed)

    def parse(document: Document) -> Iterator[Region]:
        for region in parser(document):
            if option in (region.lexemes or {}).get("options", {}):
                region.evaluator = save
            yield region

    return parse


def take_settings(example: Example) -> None:
    """Evaluator of settings that are no file: an application takes them all, without a warning."""
    parser = ConfigParser(interpolation=None)
    parser.read_string("[settings]\ncliquet_like.userid_hmac_secret = of a test\n" + example.parsed)
    config = Configurator(settings=dict(parser["settings"]))
    cliquet_like.initialize(config, version="1.0", project_name="page")


def skip(_: Example) -> None:
    """Evaluator of a fragment that is there to be read."""
