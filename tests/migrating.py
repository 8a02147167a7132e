"""Packages of migrations, written by tests and importable while one runs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BOOKS = {
    "001_books.sql": """
-- Each book once; a comment may end in a semicolon;
CREATE TABLE shelf_books (
    id integer PRIMARY KEY,
    title text NOT NULL DEFAULT ';'
);
INSERT INTO shelf_books (id, title) VALUES (1, 'Dune');
"""
}
YEARS = {
    **BOOKS,
    "002_years.sql": """
ALTER TABLE shelf_books ADD COLUMN year integer;
UPDATE shelf_books SET year = 1965;
""",
}
BROKEN = {**BOOKS, "002_broken.sql": "CREATE TABLE shelf_more (id integer);\nSELECT nonsense FROM nowhere;\n"}


class Package:
    """A package in a directory that is on the path."""

    def __init__(self, directory: Path, name: str) -> None:
        self.name = name
        self._migrations = directory / name / "migrations"
        self._migrations.mkdir(parents=True)
        (directory / name / "__init__.py").write_text("")

    def write(self, files: dict[str, str]) -> None:
        """Let these be its files, and no others."""
        for old in self._migrations.iterdir():
            old.unlink()
        for name, text in files.items():
            (self._migrations / name).write_text(text, encoding="utf-8")


@contextmanager
def importable_package(directory: Path) -> Iterator[Package]:
    """An empty package in a directory, ``shelf_migrations``; forgotten at the end."""
    path = list(sys.path)
    sys.path.append(str(directory))
    try:
        yield Package(directory, "shelf_migrations")
    finally:
        sys.path[:] = path
        sys.modules.pop("shelf_migrations", None)
