"""The command ``cliquet-like``: its arguments, its exit codes, and where it finds the backends."""

import argparse
import configparser
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

from pyramid.exceptions import ConfigurationError
from pyramid.paster import bootstrap
from pyramid.settings import asbool

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.migrations import Migrated, NewerSchema
from cliquet_like.initialization.schema_check import KINDS, without_schema_check
from cliquet_like.logs import logger
from cliquet_like.scripts.migration import print_script, update_indexes, update_tables

DONE: Final = 0
FAILED: Final = 1

_MISTAKES: Final = (
    OSError,
    LookupError,
    ImportError,
    SyntaxError,
    ValueError,
    configparser.Error,
    ConfigurationError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with the arguments of the process; its exit code.

    0 when it is done or there was nothing to do, 1 when it failed, said in one line on stderr.
    Arguments that are not understood raise ``SystemExit`` with 2. What comes out otherwise, with its
    traceback, is a mistake in the code of the application or of a backend: any exception that is
    neither about the file, nor an ``ImportError``, ``SyntaxError``, ``ValueError``, ``LookupError``,
    ``ConfigurationError`` while the application is made, nor a ``BackendError``.
    """
    options = _parser().parse_args(arguments)
    try:
        _migrate(options.ini, dry_run=options.dry_run)
    except (BackendError, NewerSchema, _Unloadable) as error:
        print(f"cliquet-like: {' '.join(str(error).split())}", file=sys.stderr)
        return FAILED
    return DONE


def init_schema(env: dict[str, Any]) -> None:
    """Prepare the backends of an application, given as ``pyramid.paster.bootstrap`` returns it.

    In read-only mode (setting ``readonly``) storage and permission are left alone.
    """
    for _, backend in _backends_to_prepare(env["registry"]):
        backend.initialize_schema()


class _Unloadable(Exception):
    """No application can be made of the file."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cliquet-like", description="Operate a service of cliquet_like.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("migrate", help="create or upgrade the tables and the declared indexes")
    command.add_argument("--ini", required=True, help="the service's configuration: FILE, or FILE#SECTION")
    command.add_argument("--dry-run", action="store_true", help="print the SQL, change nothing")
    return parser


def _migrate(ini: str, *, dry_run: bool) -> None:
    with _loaded(ini) as env:
        registry = env["registry"]
        declared = list(chain.from_iterable(getattr(registry, "indexed_fields", {}).values()))
        try:
            for kind, backend in _backends_to_prepare(registry):
                if dry_run:
                    print_script(kind, backend, declared, sys.stdout)
                else:
                    update_tables(kind, backend, sys.stdout)
                    update_indexes(kind, backend, declared, sys.stdout)
        finally:
            for kind in KINDS:
                _close(getattr(registry, kind, None))


def _loaded(ini: str) -> Any:
    """Application of the file, as ``bootstrap`` gives it. Raises :class:`_Unloadable`."""
    # An application that is not installed is found beside its file.
    sys.path.append(str(Path(ini.partition("#")[0]).resolve().parent))
    try:
        with without_schema_check():
            return bootstrap(ini)
    except _MISTAKES as error:
        raise _Unloadable(f"{ini} cannot be loaded: {type(error).__name__}: {error}") from error


def _backends_to_prepare(registry: Any) -> Iterator[tuple[str, Any]]:
    """Names and backends, without those that are left alone, of which a warning is logged."""
    readonly = asbool(registry.settings.get("readonly"))
    for kind in KINDS:
        backend = getattr(registry, kind, None)
        if backend is None:
            continue
        if readonly and kind != "cache":
            logger.warning(
                f"The service is read-only (setting readonly): the tables of {kind} are left alone."
            )
            continue
        yield kind, backend


def _close(backend: Any) -> None:
    if isinstance(backend, Migrated):
        backend.database.close()
