"""Files of SQLite: missing, made, replaced, and no database at all."""

import os
import shutil

import pytest

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.url import Location

INSERT = "INSERT INTO notes (text) VALUES (?)"
ALL = "SELECT text FROM notes"


@pytest.fixture
def location(tmp_path):
    """Location of an empty file, which is an empty database."""
    path = tmp_path / "notes.db"
    path.touch()
    return Location(str(path))


@pytest.fixture
def database(location):
    database = SQLite(location)
    database.write("CREATE TABLE notes (text text)")
    yield database
    database.close()


def test_construction_neither_connects_nor_makes_a_file(tmp_path):
    database = SQLite(Location(str(tmp_path / "notes.db")))
    database.close()

    assert os.listdir(tmp_path) == []


def test_a_missing_file_has_no_tables_and_is_not_made(tmp_path):
    database = SQLite(Location(str(tmp_path / "notes.db")))

    assert not database.has_table("notes")
    for call in (
        lambda: database.read("SELECT 1"),
        lambda: database.write("SELECT 1"),
        lambda: _in_session(database),
    ):
        with pytest.raises(BackendError, match=r"unable to open.*migrate --ini YOUR\.ini` makes it"):
            call()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["notes.db", "50% é?&mode=ro#1 .db"], ids=["plain", "odd"])
def test_who_changes_the_schema_makes_the_file_and_spares_one_that_is_there(tmp_path, name):
    database = SQLite(Location(str(tmp_path / name)))

    for text in ("a", "b"):
        with database.writing() as session:
            database.lock_schema(session)
            session.run("CREATE TABLE IF NOT EXISTS notes (text text)")
            session.run(INSERT, (text,))

    assert database.read("SELECT text FROM notes") == [("a",), ("b",)]
    database.close()
    assert os.listdir(tmp_path) == [name]


def test_a_file_of_something_else(location):
    database = SQLite(location)
    with open(location.path, "w") as file:
        file.write("Dear diary, " * 1000)

    with pytest.raises(BackendError, match="not a database"):
        database.read("SELECT 1")
    os.truncate(location.path, 0)

    assert database.read("SELECT 1") == [(1,)]
    database.close()


def test_a_directory_that_is_missing_until_somebody_makes_it(tmp_path):
    database = SQLite(Location(str(tmp_path / "missing" / "notes.db")))

    for call in (lambda: database.read("SELECT 1"), lambda: _in_session(database)):
        with pytest.raises(BackendError, match=r"unable to open.*its directory must be there"):
            call()
    os.mkdir(tmp_path / "missing")
    (tmp_path / "missing" / "notes.db").touch()

    assert database.read("SELECT 1") == [(1,)]
    database.close()


def test_a_file_that_is_deleted_is_noticed(database, location):
    for suffix in ("", "-wal", "-shm"):
        os.remove(location.path + suffix)

    with pytest.raises(BackendError, match="migrate"):
        database.write(INSERT, ("lost",))


def test_a_file_that_is_replaced_is_used(database, location, tmp_path):
    database.write(INSERT, ("a",))
    database.close()
    shutil.copy(location.path, tmp_path / "backup.db")
    database.write(INSERT, ("b",))

    for suffix in ("-wal", "-shm"):
        os.remove(location.path + suffix)
    os.replace(tmp_path / "backup.db", location.path)

    assert database.read(ALL) == [("a",)]


def _in_session(database):
    with database.writing() as session:
        session.run("SELECT 1")
