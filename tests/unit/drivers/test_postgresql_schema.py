"""Schema changes on a real PostgreSQL."""

import time
from threading import Event, Thread

import pytest
from pyramid.config import Configurator

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.postgresql.client import client_from_config
from cliquet_like.drivers.postgresql.schema import stage_text


@pytest.fixture
def make_database(postgresql_url):
    """Makes clients of one empty database."""
    made = []

    def make(options="", **settings):
        config = Configurator(settings={"storage_url": postgresql_url + options, **settings})
        made.append(client_from_config(config, "storage"))
        return made[-1]

    yield make
    for database in made:
        database.close()


@pytest.fixture
def database(make_database):
    return make_database()


def until(condition):
    """Wait for what another thread does; fails after ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_table_is_found_where_statements_find_it(database):
    database.write("CREATE TABLE books (id integer)")
    database.write("CREATE SCHEMA elsewhere")
    database.write("CREATE TABLE elsewhere.years (id integer)")

    assert database.has_table("books")
    assert not database.has_table("years")
    assert not database.has_table("authors")


def test_who_changes_the_schema_next_waits_for_the_one_before(make_database):
    order = []
    first, second = make_database(), make_database()

    def change():
        with second.writing() as session:
            second.lock_schema(session)
            order.append("second")

    with first.writing() as session:
        first.lock_schema(session)
        thread = Thread(target=change)
        thread.start()
        until(lambda: first.read("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


@pytest.mark.parametrize("isolation", ["repeatable%5C%20read", "serializable"])
def test_who_waited_sees_what_the_one_before_did_whatever_the_default_is(make_database, isolation):
    first, found = make_database(), []
    second = make_database(f"?options=-c%20default_transaction_isolation%3D{isolation}")

    def look():
        with second.writing() as session:
            second.lock_schema(session)
            found.extend(session.run("SELECT title FROM books"))

    first.write("CREATE TABLE books (title text)")
    with first.writing() as session:
        first.lock_schema(session)
        thread = Thread(target=look)
        thread.start()
        until(lambda: first.read("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
        session.run("INSERT INTO books VALUES ('Dune')")
    thread.join()

    assert found == [("Dune",)]


@pytest.mark.parametrize("isolation", ["repeatable%5C%20read", "serializable"])
def test_who_has_the_lock_is_not_waited_for_whatever_the_default_is(make_database, isolation):
    options = f"?options=-c%20default_transaction_isolation%3D{isolation}&statement_timeout=10000"
    database = make_database(options)
    database.write("CREATE TABLE books (title text)")

    with database.building_indexes():
        database.write("CREATE INDEX CONCURRENTLY titles ON books (title)")

    assert database.read("SELECT indisvalid FROM pg_index WHERE indexrelid = 'titles'::regclass") == [(True,)]


def test_a_pool_of_one_connection_is_enough_for_an_index(make_database):
    database = make_database(storage_pool_size=1, storage_maxoverflow=0, storage_pool_timeout=0)
    database.write("CREATE TABLE books (title text)")
    announced = []
    database.on_statement = announced.append

    with database.building_indexes():
        database.write_unhurried("CREATE INDEX CONCURRENTLY titles ON books (title)")
        progress = database.index_progress()

    assert progress is None
    assert "CREATE INDEX CONCURRENTLY titles ON books (title)" in announced


def test_nobody_knows_how_far_an_index_is_when_all_connections_are_in_use(make_database):
    database = make_database(storage_pool_size=1, storage_maxoverflow=0, storage_pool_timeout=0)

    with database.writing() as session:
        session.run("SELECT 1")
        progress = database.index_progress()

    assert progress is None


def test_an_unhurried_write_takes_the_time_it_takes_and_leaves_the_limit_to_others(make_database):
    database = make_database("?statement_timeout=100")

    database.write_unhurried("SELECT pg_sleep(0.3)")

    assert database.read("SHOW statement_timeout") == [("100ms",)]


def test_a_schema_change_takes_the_time_it_takes(make_database):
    database = make_database("?statement_timeout=100")

    with database.writing() as session:
        database.lock_schema(session)
        session.run("SELECT pg_sleep(0.3)")

    with pytest.raises(BackendError):
        database.read("SELECT pg_sleep(0.3)")


def test_an_index_is_built_while_another_process_waits_at_the_door(make_database):
    first, second = make_database("?statement_timeout=10000"), make_database()
    first.write("CREATE TABLE books (title text)")
    at_the_door, order = Event(), []

    def build():
        at_the_door.set()
        with second.building_indexes():
            order.append("second")

    with first.building_indexes():
        thread = Thread(target=build)
        thread.start()
        at_the_door.wait()
        first.write("CREATE INDEX CONCURRENTLY titles ON books (title)")
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


def test_who_waits_too_long_at_the_door_is_told(make_database):
    first, second = make_database(), make_database()
    second.index_patience_s = 0.1

    with (
        first.building_indexes(),
        pytest.raises(BackendError, match="Another process is still working on the indexes"),
        second.building_indexes(),
    ):
        pass

    with second.building_indexes():
        assert second.read("SELECT 1") == [(1,)]


def test_the_lock_outlives_a_limit_on_idle_transactions(make_database):
    database = make_database("?options=-c%20idle_in_transaction_session_timeout%3D50")

    with database.building_indexes():
        time.sleep(0.2)

    assert database.read("SHOW idle_in_transaction_session_timeout") == [("50ms",)]


def test_how_far_an_index_is_can_be_read_meanwhile(make_database):
    database, writer = make_database(), make_database()
    database.write("CREATE TABLE books (title text)")
    assert database.index_progress() is None

    with writer.writing() as session:
        session.run("INSERT INTO books VALUES ('Dune')")
        statement = "CREATE INDEX CONCURRENTLY titles ON books (title)"
        thread = Thread(target=database.write, args=(statement,))
        thread.start()
        until(lambda: database.index_progress() == "waiting for writers before build")
    thread.join()

    assert database.index_progress() is None


@pytest.mark.parametrize(
    ("phase", "percent", "text"),
    [
        ("scanning table", 40, "scanning table 40 %"),
        ("sorting", 0, "sorting 0 %"),
        ("waiting", None, "waiting"),
    ],
)
def test_a_phase_has_a_percentage_or_is_waited_for(phase, percent, text):
    assert stage_text(phase, percent) == text
