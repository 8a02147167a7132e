import sqlite3

import pytest

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.connections import Connections
from cliquet_like.drivers.sqlite.failures import patiently
from cliquet_like.drivers.sqlite.session import SQLiteSession
from cliquet_like.drivers.sqlite.url import Location
from cliquet_like.testing.contracts.threads import THREADS, in_threads

INSERT = "INSERT INTO notes (text) VALUES (?)"
ALL = "SELECT text FROM notes ORDER BY id"


@pytest.fixture
def location(tmp_path):
    """Location of an empty file, which is an empty database."""
    path = tmp_path / "notes.db"
    path.touch()
    return Location(str(path), busy_timeout_ms=50)


@pytest.fixture
def database(location):
    database = SQLite(location)
    database.write("CREATE TABLE notes (id integer PRIMARY KEY, text text UNIQUE)")
    yield database
    database.close()


@pytest.fixture
def stranger(database, location):
    """Connection of somebody else."""
    connection = sqlite3.connect(location.path, isolation_level=None)
    yield connection
    connection.close()


def test_a_statement_may_write_and_return_and_lasts_when_it_returns(database, stranger):
    rows = database.write(
        "INSERT INTO notes (text) VALUES (:one), (:two) RETURNING text", {"one": "a", "two": "é"}
    )

    assert rows == [("a",), ("é",)]
    assert database.read(ALL) == stranger.execute(ALL).fetchall() == rows


def test_a_statement_without_rows_has_none(database):
    assert database.write(INSERT, ("a",)) == []


def test_a_failing_statement_does_nothing(database):
    with pytest.raises(BackendError, match="UNIQUE"):
        database.write("INSERT INTO notes (text) VALUES ('a'), ('a')")

    assert database.read(ALL) == []


@pytest.mark.parametrize(("synchronous", "level"), [("full", 2), ("normal", 1)])
def test_every_connection_writes_ahead_and_is_as_safe_as_the_url_says(tmp_path, synchronous, level):
    path = tmp_path / "a.db"
    path.touch()
    database = SQLite(Location(str(path), synchronous=synchronous))

    pragmas = [database.read(f"PRAGMA {name}") for name in ("journal_mode", "synchronous")]
    database.close()

    assert pragmas == [[("wal",)], [(level,)]]


def test_it_knows_its_tables(database):
    assert database.has_table("notes")
    assert not database.has_table("letters")


def test_statements_are_announced_before_they_run_and_transactions_are_not(database):
    announced = []
    database.on_statement = lambda statement: announced.append((statement, database.on_statement is not None))

    database.read(ALL)
    with database.writing() as session:
        session.run(INSERT, ("a",))
        session.rollback_to(session.savepoint())

    assert announced == [(ALL, True), (INSERT, True)]


def test_functions_are_known_to_connections_that_were_open_before(database):
    database.add_function("shout", 1, lambda text: f"{text}!")

    assert database.read("SELECT shout('a')") == [("a!",)]


class Counting(Connections):
    """Connections that remember who was lent."""

    def __init__(self, *args):
        super().__init__(*args)
        self.taken = []

    def take(self):
        self.taken.append(super().take())
        return self.taken[-1]


def test_the_last_one_in_is_the_first_one_out_and_the_oldest_is_closed(location):
    connections = Counting(location, 2)
    first, second, third = (connections.take() for _ in range(3))
    for connection in (first, second, third):
        connections.give_back(connection)

    again = connections.take(), connections.take()

    assert again == (third, second)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        first.execute("SELECT 1")
    for connection in again:
        connection.close()


def test_threads_share_the_connections(database, location):
    patient = SQLite(Location(location.path))

    def write(number):
        for turn in range(20):
            patient.write(INSERT, (f"{number}-{turn}",))
            patient.read(ALL)

    in_threads(write)
    patient.close()

    assert len(database.read(ALL)) == 20 * THREADS


class TestSession:
    def test_several_statements_happen_all_at_once(self, database, stranger):
        with database.writing() as session:
            session.run(INSERT, ("a",))
            session.run(INSERT, ("b",))
            before = stranger.execute(ALL).fetchall()

        assert (before, database.read(ALL)) == ([], [("a",), ("b",)])

    def test_or_not_at_all(self, database):
        def fail():
            with database.writing() as session:
                session.run(INSERT, ("a",))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()

        assert database.read(ALL) == []

    def test_a_reader_does_not_wait_for_a_writer(self, database):
        with database.writing() as session:
            session.run(INSERT, ("a",))

            assert database.read(ALL) == []

    def test_it_does_not_begin_before_its_first_statement(self, database, stranger):
        with database.writing() as session:
            stranger.execute(INSERT, ("theirs",))

            assert session.run(ALL) == [("theirs",)]

    def test_one_without_statements_ends_silently(self, database):
        with database.writing() as session:
            pass

        assert session.ended

    def test_savepoints_are_nested(self, database):
        with database.writing() as session:
            outer = session.savepoint()
            session.run(INSERT, ("a",))
            inner = session.savepoint()
            session.run(INSERT, ("b",))
            session.rollback_to(inner)
            session.run(INSERT, ("c",))
            kept = session.run(ALL)
            session.rollback_to(outer)
            session.run(INSERT, ("d",))

        assert (kept, database.read(ALL)) == ([("a",), ("c",)], [("d",)])

    def test_a_savepoint_that_is_gone_is_a_failure(self, database):
        with database.writing() as session:
            outer = session.savepoint()
            inner = session.savepoint()
            session.rollback_to(outer)

            with pytest.raises(BackendError, match="no such savepoint"):
                session.rollback_to(inner)

    def test_a_failing_statement_undoes_only_itself(self, database):
        with database.writing() as session:
            session.run(INSERT, ("a",))
            with pytest.raises(BackendError, match="UNIQUE"):
                session.run(INSERT, ("a",))

        assert database.read(ALL) == [("a",)]

    def test_after_its_end_there_is_only_silence_or_failure(self, database):
        session = database._begin()
        session.run(INSERT, ("a",))
        session.rollback()
        session.rollback()

        for call in (lambda: session.run(ALL), session.savepoint, session.commit):
            with pytest.raises(BackendError, match="ended"):
                call()
        assert database.read(ALL) == []

    def test_a_commit_that_fails_has_undone_everything(self, database):
        database.write(
            "CREATE TABLE answers (note integer REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)"
        )
        database.read("PRAGMA foreign_keys = ON")  # for the one idle connection, which is the next one

        def write():
            with database.writing() as session:
                session.run(INSERT, ("a",))
                session.run("INSERT INTO answers VALUES (404)")

        with pytest.raises(BackendError, match="FOREIGN KEY"):
            write()

        assert database.read(ALL) == []

    def test_when_sqlite_undoes_it_nothing_more_can_be_done_in_it(self, database, stranger):
        session = database._begin()
        session.run("PRAGMA max_page_count = 1")
        session.run(INSERT, ("a",))
        with pytest.raises(BackendError, match="full"):
            session.run(INSERT, ("x" * 100_000,))

        for call in (lambda: session.run(INSERT, ("b",)), session.savepoint, session.commit):
            with pytest.raises(BackendError, match="SQLite undid"):
                call()

        assert session.ended
        assert stranger.execute(ALL).fetchall() == []
        stranger.execute("BEGIN IMMEDIATE")

    def test_a_rollback_is_silent_when_the_connection_is_lost(self, location):
        connections = Counting(location, 2)
        session = SQLiteSession(connections, 50, lambda _: None)
        session.run("CREATE TABLE notes (text)")

        connections.taken[0].close()
        session.rollback()

        assert session.ended
        assert connections.take() is not connections.taken[0]
        connections.taken[1].close()


class TestFailures:
    def test_who_waits_too_long_gets_a_backend_error_and_may_try_again(self, database, stranger):
        stranger.execute("BEGIN IMMEDIATE")

        for write in (lambda: database.write(INSERT, ("a",)), lambda: _in_session(database)):
            with pytest.raises(BackendError, match="database is locked"):
                write()
        stranger.execute("ROLLBACK")
        database.write(INSERT, ("a",))

        assert database.read(ALL) == [("a",)]

    def test_only_a_lock_is_waited_for(self, stranger):
        attempts = []

        def attempt():
            attempts.append(1)
            return stranger.execute("SELECT * FROM letters")

        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            patiently(attempt, 30_000)

        assert attempts == [1]

    def test_a_full_disk(self, database):
        database.read("PRAGMA max_page_count = 1")

        with pytest.raises(BackendError, match="full"):
            database.write(INSERT, ("x" * 100_000,))

        assert database.write(INSERT, ("x" * 100_000,)) == []

    def test_a_file_that_is_only_for_reading(self, database):
        database.read("PRAGMA query_only = ON")

        with pytest.raises(BackendError, match="readonly"):
            database.write(INSERT, ("a",))

        assert database.write(INSERT, ("a",)) == []

    def test_a_missing_table_says_which_command_makes_it(self, database):
        with pytest.raises(BackendError, match=r"no such table: letters; .*migrate --ini YOUR\.ini"):
            database.read("SELECT * FROM letters")

    def test_a_table_that_is_there_may_be_another_application_s(self, database):
        with pytest.raises(BackendError, match="notes already exists; if another application has"):
            database.write("CREATE TABLE notes (id integer)")

    @pytest.mark.parametrize(
        "value", [object(), 2**63, "\ud800", {"a"}], ids=["object", "big", "surrogate", "set"]
    )
    def test_what_cannot_be_bound(self, database, value):
        with pytest.raises(BackendError):
            database.write(INSERT, (value,))
        with pytest.raises(BackendError), database.writing() as session:
            session.run(INSERT, (value,))

        assert database.read(ALL) == []

    def test_a_text_that_is_no_text(self, database):
        with pytest.raises(BackendError, match="UTF-8"):
            database.read("SELECT CAST(x'ff' AS text)")

    @pytest.mark.parametrize("statement", ["SELECT 1; SELECT 2", "SELEKT", "SELECT ?", "SELECT '\0'"])
    def test_a_statement_that_is_none(self, database, statement):
        with pytest.raises(BackendError):
            database.read(statement)

    def test_the_original_is_at_hand(self, database):
        with pytest.raises(BackendError) as failure:
            database.read("SELEKT")

        assert isinstance(failure.value.original, sqlite3.OperationalError)
        assert failure.value.__cause__ is failure.value.original


def _in_session(database):
    with database.writing() as session:
        session.run("SELECT 1")
