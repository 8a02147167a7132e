import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from urllib.parse import urlsplit

import psycopg2.extensions
import pytest

from cliquet_like.drivers.errors import BackendError, TransientBackendError
from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.drivers.postgresql.settings import PoolSettings

ONE = PoolSettings(size=1, max_overflow=0, timeout_s=0)
PID = "SELECT pg_backend_pid()"
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


class Interrupted(BaseException):
    """What a signal or a greenlet raises in the middle of a call."""


@pytest.fixture
def client(postgresql_url: str) -> Iterator[PostgreSQL]:
    client = PostgreSQL(postgresql_url, ONE)
    client.write("CREATE TABLE notes (id int PRIMARY KEY, text text)")
    yield client
    client.close()


def with_options(url: str, options: str) -> str:
    query = "&".join(filter(None, [urlsplit(url).query, options]))
    return urlsplit(url)._replace(query=query).geturl()


def test_a_write_lasts_when_it_returns(client, postgresql_url):
    client.write("INSERT INTO notes VALUES (%s, %s), (%s, %s)", (1, "é \U0001f600", 2, None))

    other = PostgreSQL(postgresql_url)
    assert other.read("SELECT * FROM notes ORDER BY id") == [(1, "é \U0001f600"), (2, None)]
    other.close()


def test_a_statement_without_rows_has_none(client):
    assert client.write("INSERT INTO notes VALUES (1)") == []
    assert client.read("SELECT id FROM notes WHERE id = 2") == []


def test_values_have_names_too_and_a_percent_sign_is_doubled(client):
    assert client.read("SELECT %(a)s, 7 %% 4", {"a": "x"}) == [("x", 3)]
    assert client.read("SELECT 7 %% 4") == [(3,)]


def test_a_text_of_several_statements_answers_the_last_and_happens_as_a_whole(client):
    rows = client.write("INSERT INTO notes VALUES (1); SELECT count(*) FROM notes")
    with pytest.raises(BackendError, match="UniqueViolation"):
        client.write("INSERT INTO notes VALUES (2); INSERT INTO notes VALUES (1)")

    assert rows == [(1,)]
    assert client.read("SELECT id FROM notes") == [(1,)]


def test_calls_one_after_the_other_use_one_connection(client):
    assert client.read(PID) == client.write(PID) == client.read(PID)


def test_every_text_is_announced_before_it_is_sent(client):
    texts: list[str] = []
    client.on_statement = texts.append
    client.read("SELECT 1")
    with pytest.raises(BackendError):
        client.write("nonsense")
    with client.writing() as session:
        session.savepoint()
        session.run("SELECT 2")
    client.on_statement = None
    client.read("SELECT 3")

    assert texts == ["SELECT 1", "nonsense", "BEGIN; SAVEPOINT s1; SELECT 2", "COMMIT"]
    assert client.on_statement is None


@pytest.mark.parametrize("value", ["a\x00b", "a\ud800b", object(), {"a": 1}])
def test_a_value_that_cannot_be_bound_is_a_failure(client, value):
    with pytest.raises(BackendError):
        client.read("SELECT %s", (value,))
    with pytest.raises(BackendError):
        client.write("SELECT %s", (value,))

    assert client.read("SELECT 1") == [(1,)]


def test_a_wrong_number_of_values_is_a_failure(client):
    with pytest.raises(BackendError):
        client.read("SELECT %s", (1, 2))


def test_a_missing_table_says_which_command_makes_it(client):
    with pytest.raises(BackendError, match=r"run `cliquet-like migrate --ini YOUR\.ini`") as failure:
        client.read("SELECT * FROM no_such_table")

    assert isinstance(failure.value.original, psycopg2.Error)
    assert failure.value.__cause__ is failure.value.original


def test_the_text_of_a_failure_quotes_no_values(client):
    client.write("CREATE UNIQUE INDEX ON notes (text)")
    client.write("INSERT INTO notes VALUES (1, 'sesame')")

    with pytest.raises(BackendError) as failure:
        client.write("INSERT INTO notes VALUES (2, %s)", ("sesame",))

    assert str(failure.value) == "UniqueViolation"


def test_the_text_of_a_failure_says_what_the_server_says_about_itself(client):
    with pytest.raises(BackendError) as failure:
        client.read("SELECT * FROM nothing")

    assert str(failure.value) == (
        'UndefinedTable: relation "nothing" does not exist; '
        "the tables are missing, run `cliquet-like migrate --ini YOUR.ini`"
    )


def test_a_table_that_is_there_may_be_another_application_s(client):
    with pytest.raises(BackendError) as failure:
        client.write("CREATE TABLE notes (id int)")

    assert str(failure.value) == (
        'DuplicateTable: relation "notes" already exists; if another application has a table of that '
        "name, give this one a database or schema of its own"
    )


def test_a_value_that_cannot_be_sent_is_not_in_the_text_of_the_failure(client):
    with pytest.raises(BackendError) as failure:
        client.read("SELECT %s", ("sesame\0",))

    assert str(failure.value) == "ValueError"


@pytest.mark.parametrize("option", ["statement_timeout=50", "options=-c%20statement_timeout%3D50"])
def test_a_statement_that_takes_too_long_is_a_failure(postgresql_url, option):
    client = PostgreSQL(with_options(postgresql_url, option), ONE)

    with pytest.raises(BackendError, match="QueryCanceled"):
        client.read("SELECT pg_sleep(20)")

    assert client.read("SELECT 1") == [(1,)]
    client.close()


def test_a_database_that_is_read_only_is_a_failure(client, postgresql_url):
    read_only = PostgreSQL(with_options(postgresql_url, "options=-c%20default_transaction_read_only%3Don"))

    with pytest.raises(BackendError, match="ReadOnlySqlTransaction"):
        read_only.write("INSERT INTO notes VALUES (1)")

    assert read_only.read("SELECT * FROM notes") == []
    read_only.close()


def wait_until_locked_out(client: PostgreSQL) -> None:
    """Wait until a statement of this database waits for a lock."""
    for _ in range(1000):
        if client.read(WAITING) == [(1,)]:
            return
        time.sleep(0.01)
    raise AssertionError("Nobody waits for a lock.")


def test_a_write_in_a_deadlock_is_tried_again(postgresql_url, client):
    client.write("INSERT INTO notes VALUES (1, ''), (2, '')")
    add = "UPDATE notes SET text = text || %s WHERE id = %s"
    other, observer = PostgreSQL(postgresql_url), PostgreSQL(postgresql_url)
    texts: list[str] = []
    other.on_statement = texts.append

    session = client._begin()
    # The other one looks for a deadlock first, after a second, and gives way.
    session.run("SET LOCAL deadlock_timeout = '1min'")
    session.run(add, ("a", 2))

    with ThreadPoolExecutor(1) as thread:
        written = thread.submit(other.write, f"{add}; {add}", ("b", 1, "b", 2))
        wait_until_locked_out(observer)
        session.run(add, ("a", 1))
        session.commit()
        written.result(timeout=30)

    assert len(texts) >= 2  # more when it takes its first lock again before the session has it
    assert client.read("SELECT text FROM notes") == [("ab",), ("ab",)]
    other.close()
    observer.close()


def test_a_serialization_failure_is_transient(client, postgresql_url):
    client.write("INSERT INTO notes VALUES (1, '')")
    isolated = PostgreSQL(
        with_options(postgresql_url, "options=-c%20default_transaction_isolation%3Dserializable")
    )

    session = isolated._begin()
    session.run("SELECT * FROM notes")

    client.write("UPDATE notes SET text = 'first' WHERE id = 1")
    with pytest.raises(TransientBackendError):
        session.run("UPDATE notes SET text = 'second' WHERE id = 1")
    session.rollback()

    assert client.read("SELECT text FROM notes") == [("first",)]
    isolated.close()


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_signal_in_the_middle_leaves_a_connection_that_works(client):
    with pytest.raises(Interrupted), interrupted_after(0.05):
        client.read("SELECT pg_sleep(0.2)")
    with pytest.raises(Interrupted), client.writing() as session, interrupted_after(0.05):
        session.run("INSERT INTO notes SELECT 1 FROM pg_sleep(0.2)")

    assert client.read("SELECT * FROM notes") == []


def test_a_greenlet_that_is_killed_in_the_middle_loses_its_connection(client):
    def be_killed(_connection: object) -> None:
        raise Interrupted

    before = client.read(PID)
    psycopg2.extensions.set_wait_callback(be_killed)
    try:
        with pytest.raises(Interrupted):
            client.write("INSERT INTO notes SELECT 1 FROM pg_sleep(0.2)")
    finally:
        psycopg2.extensions.set_wait_callback(None)

    assert client.read(PID) != before
