"""Command that sends a browser's bookmarks to the service: ``python -m example.import_bookmarks``."""

import argparse
import collections
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence

import urllib3
from tqdm import tqdm

from example.netscape import Link, parse_bookmarks
from example.progress import show_progress
from example.upload import Outcome, Server, ServerError, Verdict

DEFAULT_SERVER = "http://127.0.0.1:8888/v1"
DEFAULT_USER = "demo:demo"
USER_VARIABLE = "BOOKMARKS_USER"

_EPILOG = f"""\
Without --user and {USER_VARIABLE}, bookmarks go to the user {DEFAULT_USER}: fine for a first look,
and everybody's. Prefer the variable to the option: others on the machine can see command lines.
Exit status: 0 everything is on the server; 1 some bookmarks were refused; 2 the command, the
file or the server is wrong; 130 interrupted. Running it again is safe: a URL is stored once."""

_CONTROLS = dict.fromkeys([*range(32), *range(127, 160)], "\ufffd")


class FileError(Exception):
    """The file cannot be imported; the text is for the user."""


def main(argv: Sequence[str] | None = None, *, sleep: Callable[[float], None] = time.sleep) -> int:
    """Exit status of the command (None: the process's own arguments)."""
    options = _build_parser().parse_args(argv)
    outcomes: list[Outcome] = []
    status = 0
    try:
        _import_file(options, outcomes, sleep)
    except (FileError, ServerError) as error:
        print(f"Error: {error}", file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        status = 130
    counts = collections.Counter(outcome.verdict for outcome in outcomes)
    if outcomes:
        _report(outcomes, counts)
    return status or int(counts[Verdict.REFUSED] > 0)


def _import_file(
    options: argparse.Namespace, outcomes: list[Outcome], sleep: Callable[[float], None]
) -> None:
    """Add to ``outcomes`` as they come, so that an interruption still leaves a report."""

    def wait(seconds: float) -> None:
        tqdm.write(f"The server asks to wait {seconds:.0f} s.", file=sys.stderr)
        sleep(seconds)

    links = _read_links(options.file)
    with urllib3.PoolManager() as http:
        server = Server(options.server, options.user, http, sleep=wait)
        outcomes.extend(show_progress(server.upload(links), len(links), stream=sys.stderr))


def _read_links(path: str) -> list[Link]:
    """Every link of the file, read to its end before anything is sent."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            links = list(parse_bookmarks(file))
    except OSError as error:
        raise FileError(f"Cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not UTF-8 text. Is it a browser's HTML export?") from error
    if not links:
        raise FileError(f"No bookmark in {path}. Is it a browser's HTML export?")
    return links


def _report(outcomes: Iterable[Outcome], counts: collections.Counter[Verdict]) -> None:
    lines = [_refusal(outcome) for outcome in outcomes if outcome.verdict is Verdict.REFUSED]
    lines += [
        f"Created:       {counts[Verdict.CREATED]}",
        f"Already there: {counts[Verdict.ALREADY_THERE]}",
        f"Refused:       {counts[Verdict.REFUSED]}",
    ]
    # Titles come in every script, and not every terminal can write them all.
    encoding = sys.stdout.encoding or "utf-8"
    print("\n".join(lines).encode(encoding, "backslashreplace").decode(encoding))


def _refusal(outcome: Outcome) -> str:
    link = outcome.link
    place = " / ".join(_shown(folder, 40) for folder in link.folders)
    where = f"line {link.line} ({place})" if place else f"line {link.line}"
    title = _shown(link.title, 60) or "no title"
    return f"Refused, {where}: {title} <{_shown(link.url, 120)}>: {_shown(outcome.reason, 300)}"


def _shown(text: str, length: int) -> str:
    """Text that fits in a line and cannot command the terminal."""
    text = text.translate(_CONTROLS)
    return text if len(text) <= length else text[: length - 1] + "…"


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m example.import_bookmarks",
        description="Send the bookmarks that a browser exported as HTML to a bookmarks service.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="bookmarks in HTML, as every browser exports them")
    parser.add_argument(
        "--server",
        metavar="URL",
        type=_parse_server,
        default=DEFAULT_SERVER,
        help="address of the service, version included (default: %(default)s)",
    )
    parser.add_argument(
        "--user",
        metavar="NAME:PASSWORD",
        type=_parse_user,
        default=os.environ.get(USER_VARIABLE) or DEFAULT_USER,
        help=f"whose bookmarks they are (default: the variable {USER_VARIABLE}, else {DEFAULT_USER})",
    )
    return parser


def _parse_server(text: str) -> str:
    try:
        url = urllib3.util.parse_url(text)
    except urllib3.exceptions.LocationParseError:
        url = urllib3.util.Url()
    if url.scheme not in ("http", "https") or not url.host:
        raise argparse.ArgumentTypeError(f"not an http or https address: {text}")
    return text


def _parse_user(text: str) -> str:
    name, colon, _ = text.partition(":")
    if not name or not colon:
        raise argparse.ArgumentTypeError("expected NAME:PASSWORD, from --user or " + USER_VARIABLE)
    return text


if __name__ == "__main__":
    sys.exit(main())
