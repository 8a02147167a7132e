"""Migrations: numbered SQL files that bring the tables of a component up to date, each run once."""

import re
from abc import ABC
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from cliquet_like.drivers.database import Database

SCHEMA_TABLE: Final = "cliquet_like_schema"
"""Table of the installed versions, one row a component."""

_CREATE_SCHEMA_TABLE: Final = f"""
CREATE TABLE IF NOT EXISTS {SCHEMA_TABLE} (component text PRIMARY KEY, version integer NOT NULL)
""".strip()
_VERSIONS: Final = f"SELECT component, version FROM {SCHEMA_TABLE}"
_FILE_NAME: Final = re.compile(r"([0-9]{3})_[a-z0-9_]+\.sql")
_COMPONENT: Final = re.compile(r"[a-z_]+")


class NewerSchema(Exception):
    """The tables were made by a later version of the library than this one, which leaves them alone."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file, ``NNN_name.sql``."""

    version: int
    name: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Migrations:
    """The files in the directory ``migrations`` of a package, for one component (``storage``).

    They are for one kind of database, whose client takes their statements as they are (for
    PostgreSQL a ``%`` is written ``%%``).
    ``ValueError`` is raised for a component that is not lower-case letters and ``_``.
    """

    component: str
    package: str

    def __post_init__(self) -> None:
        # It is written into statements: drivers do not agree on how a value is bound.
        if not _COMPONENT.fullmatch(self.component):
            raise ValueError(f"{self.component!r} is no name of a component.")

    def read(self) -> list[Migration]:
        """All files, in their order, numbered 1, 2, 3... Raises ``ValueError`` for a gap, a twin or none."""
        directory = files(self.package) / "migrations"
        found = sorted(
            (int(match[1]), entry.name, entry.read_text(encoding="utf-8"))
            for entry in directory.iterdir()
            if (match := _FILE_NAME.fullmatch(entry.name))
        )
        numbers = [number for number, _, _ in found]
        if not found or numbers != list(range(1, len(found) + 1)):
            raise ValueError(f"The migrations of {self.package} are numbered {numbers}, expected 1, 2, 3...")
        return [Migration(number, name, split_statements(text)) for number, name, text in found]


class Migrated(ABC):
    """Ability of a backend: its tables are made and changed by migrations.

    A class says ``migrations``, an instance has its ``database``; name this one before the
    backend's base among the bases.
    """

    migrations: Migrations
    database: Database

    def initialize_schema(self) -> None:
        """Run the migrations that are pending. Raises ``BackendError`` and :class:`NewerSchema`."""
        migrate(self.database, self.migrations)


def split_statements(text: str) -> tuple[str, ...]:
    """Statements of a file, without their ``;``: each ends at a ``;`` that ends a line.

    Lines that begin with ``--`` are left out.
    """
    lines = [line.rstrip() for line in text.splitlines() if not line.lstrip().startswith("--")]
    statements = re.split(r";(?:\n|\Z)", "\n".join(lines))
    return tuple(statement.strip() for statement in statements if statement.strip())


def installed_version(database: Database, component: str) -> int:
    """Number of the last migration that was run; 0 when there is no table of versions, or no row in it."""
    if not database.has_table(SCHEMA_TABLE):
        return 0
    return _version_in(database.read(_VERSIONS), component)


def pending(database: Database, migrations: Migrations) -> list[Migration]:
    """Migrations that were not run yet, in their order. Raises :class:`NewerSchema`."""
    return _after(installed_version(database, migrations.component), migrations)


def statements_of(migrations: Migrations, chosen: list[Migration]) -> Iterator[str]:
    """Statements that run the chosen migrations and note the version; none for none."""
    for migration in chosen:
        yield from migration.statements
    if chosen:
        yield (
            f"INSERT INTO {SCHEMA_TABLE} (component, version) "
            f"VALUES ('{migrations.component}', {chosen[-1].version}) "
            "ON CONFLICT (component) DO UPDATE SET version = excluded.version"
        )


def migrate(database: Database, migrations: Migrations) -> list[str]:
    """Run what is pending in one transaction; names of the files, empty when there was nothing to do.

    Two processes may do it at once: the second one waits, and finds nothing to do. When a
    migration fails, none of them happened, and ``BackendError`` is raised. Raises :class:`NewerSchema`.
    """
    if not pending(database, migrations):
        return []
    with database.writing() as session:
        database.lock_schema(session)
        session.run(_CREATE_SCHEMA_TABLE)
        # Another process may have been first while we waited for the lock.
        chosen = _after(_version_in(session.run(_VERSIONS), migrations.component), migrations)
        for statement in statements_of(migrations, chosen):
            session.run(statement)
    return [migration.name for migration in chosen]


def script_of(migrations: Migrations, chosen: list[Migration]) -> list[str]:
    """Statements that :func:`migrate` runs for pending migrations, for people to read."""
    return [_CREATE_SCHEMA_TABLE, *statements_of(migrations, chosen)] if chosen else []


def _version_in(rows: list[tuple[str, int]], component: str) -> int:
    return dict(rows).get(component, 0)


def _after(installed: int, migrations: Migrations) -> list[Migration]:
    known = migrations.read()
    if installed > len(known):
        raise NewerSchema(
            f"The tables of {migrations.component} are at version {installed}, and this version of "
            f"cliquet_like knows {len(known)}: install a later one, nothing was changed."
        )
    return known[installed:]
