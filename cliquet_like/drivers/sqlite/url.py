"""URL of a SQLite file: where it is, and how it is opened."""

import os
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from pyramid.exceptions import ConfigurationError

DEFAULT_BUSY_TIMEOUT_MS: Final = 30_000
_SCHEME: Final = "sqlite:///"
_SYNCHRONOUS: Final = ("full", "normal")


@dataclass(frozen=True, slots=True)
class Location:
    """A file, which need not exist, and the options of its connections."""

    path: str
    """Absolute, and without symbolic links: one file has one path."""
    busy_timeout_ms: int = DEFAULT_BUSY_TIMEOUT_MS
    """How long a writer waits for the others."""
    synchronous: str = "full"
    """``full``: a write that returned survives a power cut; ``normal``: only a crash of the process."""


def parse_url(url: str, *, kind: str) -> Location:
    """Location of ``sqlite:///relative.db`` or ``sqlite:////absolute.db``, with or without options.

    The path is taken as it is, without decoding, up to the first ``?``. Options are
    ``busy_timeout`` (milliseconds) and ``synchronous`` (``full``, ``normal``). Raises
    ``ConfigurationError``, which names the setting of this ``kind`` of backend.
    """
    if not url.startswith(_SCHEME):
        raise _refused(kind, f"a SQLite file is {_SCHEME}relative.db or {_SCHEME}/absolute/path.db.")
    path, _, query = url.removeprefix(_SCHEME).partition("?")
    if path in ("", ":memory:"):
        raise _refused(
            kind,
            f"there is no SQLite in memory here, and a file needs a path: {_SCHEME}relative.db. "
            f"For memory, write {kind}_backend = cliquet_like.{kind}.memory.",
        )
    options = dict(parse_qsl(query, keep_blank_values=True))
    location = Location(
        os.path.realpath(path),
        _busy_timeout_ms(options.pop("busy_timeout", str(DEFAULT_BUSY_TIMEOUT_MS)), kind),
        _synchronous(options.pop("synchronous", "full"), kind),
    )
    if options:
        names = ", ".join(options)
        raise _refused(kind, f"unknown option {names}; there are busy_timeout and synchronous.")
    return location


def _busy_timeout_ms(text: str, kind: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    raise _refused(kind, f"busy_timeout is a number of milliseconds, as {DEFAULT_BUSY_TIMEOUT_MS}.")


def _synchronous(text: str, kind: str) -> str:
    if text.lower() in _SYNCHRONOUS:
        return text.lower()
    raise _refused(kind, f"synchronous is one of {', '.join(_SYNCHRONOUS)}.")


def _refused(kind: str, reason: str) -> ConfigurationError:
    # Without the URL: when it is one of another server, there may be a password in it.
    return ConfigurationError(f"Setting {kind}_url: {reason}")
