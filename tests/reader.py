"""Follows a page of documentation as a reader would: saves its files, runs its sessions.

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
import sys
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from pyramid.paster import get_app
from sybil import Document, Example, Region
from webob import Request

from example.import_bookmarks import main as import_bookmarks

ROOT = Path(__file__).parent.parent
IMPORTER = [".venv/bin/python", "-m", "example.import_bookmarks"]
SERVER = "waitress-serve "
Parser = Callable[[Document], Iterable[Region]]
VARIABLE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # an id
    r"|\b\d{13}\b"  # milliseconds since the epoch
    r"|\b[0-9a-f]{64}\b"  # a user id
    r"|(?<=_token=)[\w%-]+"  # where a page ended
)
# Two answers of one second on the page may fall into two when it is run: only the form is compared.
DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


class Reader:
    """Who follows a page: the files saved so far, the application they make, the answers seen."""

    def __init__(self) -> None:
        self._home = TemporaryDirectory()
        self._application: Any = None
        self._seen: dict[str, str] = {}
        self._bytecode = sys.dont_write_bytecode
        # A file that changes twice in a second would be taken from its cache.
        sys.dont_write_bytecode = True
        sys.path.insert(0, self._home.name)

    def leave(self) -> None:
        """Forget the files and what was imported from them."""
        self._forget_modules()
        sys.path.remove(self._home.name)
        sys.dont_write_bytecode = self._bytecode
        self._home.cleanup()

    def save(self, name: str, text: str) -> None:
        """Write a file; the application is made again when it is asked for."""
        path = Path(self._home.name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self._forget_modules()
        self._application = None

    def serve(self, name: str) -> None:
        """Take the WSGI application that a saved module holds, as ``MODULE:VARIABLE`` names it."""
        module, _, variable = name.partition(":")
        self._application = getattr(importlib.import_module(module), variable)

    @property
    def application(self) -> Any:
        """The WSGI application of the page."""
        if self._application is None:
            own = Path(self._home.name, "development.ini")
            self._application = get_app(str(own if own.exists() else ROOT / "example.ini"))
        return self._application

    def try_command(self, command: str, expected: str) -> str:
        """What is wrong with the output that the page promises; empty when nothing is."""
        for name, stands_for in self._seen.items():
            command = command.replace(name, stands_for)
        words = shlex.split(command)
        pipe = words.index("|") if "|" in words else len(words)
        run = self._import if words[: len(IMPORTER)] == IMPORTER else self._curl
        shown = _pass_through(words[pipe + 1 :], run(words[:pipe], expected)).strip()
        for name, stands_for in zip(VARIABLE.findall(expected), VARIABLE.findall(shown), strict=False):
            self._seen.setdefault(name, stands_for)
        wanted = VARIABLE.sub(lambda found: self._seen.get(found[0], found[0]), expected)
        same = DATE.sub("DATE", wanted) == DATE.sub("DATE", shown)
        return "" if same else f"$ {command}\nexpected:\n{wanted}\ngot:\n{shown}"

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
    for session in re.split(r"(?m)^\$ ", example.parsed.replace("\\\n", " "))[1:]:
        command, _, expected = session.partition("\n")
        if command.startswith(SERVER):
            example.namespace["reader"].serve(command.split()[-1])
        elif command.startswith(("curl ", " ".join(IMPORTER))):
            wrong = example.namespace["reader"].try_command(command, expected.strip())
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


def skip(_: Example) -> None:
    """Evaluator of a fragment that is there to be read."""
