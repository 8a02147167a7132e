"""Migration: one backend of an application brought up to date, or what that would take."""

from collections.abc import Sequence
from typing import Any, TextIO

from cliquet_like.drivers.migrations import Migrated, installed_version, migrate, pending, script_of
from cliquet_like.scripts.progress import show_progress
from cliquet_like.storage.indexes import DeclaredIndex, IndexedStorage, plan


def update_tables(kind: str, backend: Any, out: TextIO) -> None:
    """Run what is pending, a line for each file. Raises ``BackendError`` and ``NewerSchema``.

    A backend without migrations is asked to prepare itself.
    """
    applied: list[str] = []
    if isinstance(backend, Migrated):
        applied = migrate(backend.database, backend.migrations)
    else:
        backend.initialize_schema()
    for name in applied:
        print(f"{kind}: ran {name}", file=out)
    if not applied:
        print(f"{kind}: nothing to do", file=out)


def update_indexes(kind: str, backend: Any, declared: Sequence[DeclaredIndex], out: TextIO) -> None:
    """Make the indexes that are declared, and drop those that are no more; nothing for other storages."""
    if not isinstance(backend, IndexedStorage) or not any(_changes(backend, declared)):
        return
    with backend.database.building_indexes():
        to_create, to_drop = _changes(backend, declared)
        for index in to_create:
            label = f"{kind}: index on {index}"
            with show_progress(label, backend.database.index_progress, stream=out):
                backend.create_index(index)
        for name in to_drop:
            backend.drop_index(name)
            print(f"{kind}: dropped index {name}, no longer declared", file=out)


def _changes(
    backend: IndexedStorage, declared: Sequence[DeclaredIndex]
) -> tuple[list[DeclaredIndex], list[str]]:
    """Indexes to make, and names to drop: what is undeclared, finished or not."""
    to_create, to_drop = plan(declared, backend.existing_indexes())
    unfinished = backend.unfinished_indexes() - {index.name for index in to_create}
    return to_create, sorted(unfinished.union(to_drop))


def print_script(kind: str, backend: Any, declared: Sequence[DeclaredIndex], out: TextIO) -> None:
    """Print the SQL that the other two would run, and change nothing. Raises as they do.

    Left out are how a backend without migrations prepares itself, what clears up after an
    interrupted run, and the look at the values of a new index (``ANALYZE``).
    """
    statements: list[str] = []
    if isinstance(backend, Migrated):
        missing = pending(backend.database, backend.migrations)
        statements += script_of(backend.migrations, missing)
    if isinstance(backend, IndexedStorage):
        has_tables = installed_version(backend.database, backend.migrations.component) > 0
        to_create, to_drop = _changes(backend, declared) if has_tables else plan(declared, [])
        statements += [backend.index_statement(index) for index in to_create]
        statements += [backend.drop_statement(name) for name in to_drop]
    print(f"-- {kind}" if statements else f"-- {kind}: nothing to do", file=out)
    for statement in statements:
        print(f"{statement};\n", file=out)
