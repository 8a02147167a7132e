import sqlite3

import pytest
import transaction

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.url import Location
from cliquet_like.drivers.transactions import joining, session_of

INSERT = "INSERT INTO notes (text) VALUES (?)"
ALL = "SELECT text FROM notes ORDER BY text"


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "notes.db"
    path.touch()
    database = SQLite(Location(str(path), busy_timeout_ms=50))
    database.write("CREATE TABLE notes (text text)")
    yield database
    database.close()


@pytest.fixture
def stranger(database):
    """Connection of another process, as it were."""
    connection = sqlite3.connect(database.location.path, isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture
def refusing(tmp_path):
    """Database that refuses a commit with orphans."""
    path = tmp_path / "refusing.db"
    path.touch()
    refusing = SQLite(Location(str(path)))
    refusing.write("CREATE TABLE parents (id integer PRIMARY KEY)")
    refusing.write("CREATE TABLE orphans (id REFERENCES parents DEFERRABLE INITIALLY DEFERRED)")
    refusing.read("PRAGMA foreign_keys = ON")  # for the one idle connection, which is the next one
    yield refusing
    refusing.close()


@pytest.fixture
def request_transaction(database, stranger, refusing):
    """Transaction that is open; the databases were made before it."""
    manager = transaction.TransactionManager()
    manager.begin()
    with joining(manager):
        yield manager
    manager.abort()


def test_own_writes_are_read_and_others_see_them_after_the_commit(database, stranger, request_transaction):
    database.write(INSERT, ("a",))
    before = database.read(ALL), stranger.execute(ALL).fetchall()

    request_transaction.commit()

    assert before == ([("a",)], [])
    assert stranger.execute(ALL).fetchall() == database.read(ALL) == [("a",)]


def test_an_aborted_transaction_leaves_nothing(database, stranger, request_transaction):
    database.write(INSERT, ("a",))
    with database.writing() as session:
        session.run(INSERT, ("b",))

    request_transaction.abort()

    assert database.read(ALL) == []
    stranger.execute("BEGIN IMMEDIATE")


def test_reading_does_not_begin_it(database, stranger, request_transaction):
    database.read(ALL)
    session = session_of(database)

    stranger.execute(INSERT, ("a",))

    assert session is None
    assert database.read(ALL) == [("a",)]


def test_savepoints_undo_what_came_after_them(database, request_transaction):
    database.write(INSERT, ("before",))
    outer = request_transaction.savepoint()
    database.write(INSERT, ("outer",))
    inner = request_transaction.savepoint()
    database.write(INSERT, ("inner",))

    inner.rollback()
    after_inner = database.read(ALL)
    outer.rollback()
    database.write(INSERT, ("last",))
    request_transaction.commit()

    assert after_inner == [("before",), ("outer",)]
    assert database.read(ALL) == [("before",), ("last",)]


def test_a_savepoint_before_the_first_write_undoes_all_of_it(database, request_transaction):
    savepoint = request_transaction.savepoint()
    database.write(INSERT, ("a",))

    savepoint.rollback()
    undone = database.read(ALL)
    database.write(INSERT, ("b",))
    request_transaction.commit()

    assert undone == []
    assert database.read(ALL) == [("b",)]


def test_what_should_last_does_unless_the_transaction_is_open_on_the_database(database, request_transaction):
    database.write(INSERT, ("lasts",), joins=False)
    database.write(INSERT, ("undone",))
    database.write(INSERT, ("undone with it",), joins=False)

    request_transaction.abort()

    assert database.read(ALL) == [("lasts",)]


def test_who_gets_no_turn_fails_and_may_try_again(database, stranger, request_transaction):
    stranger.execute("BEGIN IMMEDIATE")
    stranger.execute(INSERT, ("theirs",))

    with pytest.raises(BackendError, match="locked"):
        database.write(INSERT, ("mine",))
    stranger.execute("COMMIT")
    database.write(INSERT, ("mine",))
    request_transaction.commit()

    assert database.read(ALL) == [("mine",), ("theirs",)]


def test_when_a_commit_fails_the_transaction_is_undone(database, refusing, request_transaction):
    refusing.write("INSERT INTO orphans VALUES (1)")
    database.write(INSERT, ("a",))

    with pytest.raises(BackendError, match="FOREIGN KEY"):
        request_transaction.commit()

    assert database.read(ALL) == refusing.read("SELECT * FROM orphans") == []


def test_while_indexes_are_made_others_read_what_was_and_nobody_writes(database, stranger):
    with database.building_indexes():
        database.write("CREATE INDEX texts ON notes (text)")
        names = "SELECT name FROM sqlite_master WHERE type = 'index'"
        inside, outside = database.read(names), stranger.execute(names).fetchall()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            stranger.execute("PRAGMA busy_timeout = 0").execute(INSERT, ("theirs",))

    assert (inside, outside) == ([("texts",)], [])
    assert stranger.execute(names).fetchall() == [("texts",)]


def test_indexes_that_are_not_all_made_are_none(database):
    def build():
        with database.building_indexes():
            database.write("CREATE INDEX texts ON notes (text)")
            database.write("CREATE INDEX others ON nowhere (text)")

    with pytest.raises(BackendError, match="nowhere"):
        build()

    assert database.read("SELECT name FROM sqlite_master WHERE type = 'index'") == []


def test_who_gets_no_turn_to_make_indexes_is_told(database, stranger):
    stranger.execute("BEGIN IMMEDIATE")

    with pytest.raises(BackendError, match="locked"), database.building_indexes():
        pass
    stranger.execute("COMMIT")

    with database.building_indexes():
        assert database.read(ALL) == []
