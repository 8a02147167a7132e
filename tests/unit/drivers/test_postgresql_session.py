import gc
from collections.abc import Iterator
from contextlib import suppress

import pytest
import transaction

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.drivers.postgresql.settings import PoolSettings
from cliquet_like.drivers.transactions import Rows, joining

IDS = "SELECT id FROM notes ORDER BY id"
INSERT = "INSERT INTO notes VALUES (%s)"
PID = "SELECT pg_backend_pid()"


@pytest.fixture
def outside(postgresql_url: str) -> Iterator[PostgreSQL]:
    """Client that sees only what was committed."""
    client = PostgreSQL(postgresql_url)
    client.write("CREATE TABLE notes (id int PRIMARY KEY)")
    yield client
    client.close()


@pytest.fixture
def client(postgresql_url: str, outside: PostgreSQL) -> Iterator[PostgreSQL]:
    client = PostgreSQL(postgresql_url, PoolSettings(size=1, max_overflow=1, timeout_s=0))
    yield client
    client.close()


@pytest.fixture
def manager() -> transaction.TransactionManager:
    return transaction.TransactionManager(explicit=True)


@pytest.fixture
def texts(client: PostgreSQL) -> list[str]:
    texts: list[str] = []
    client.on_statement = texts.append
    return texts


def cut(outside: PostgreSQL, pids: Rows) -> None:
    """End the connection of the one row, and wait until it has ended."""
    assert outside.read("SELECT pg_terminate_backend(%s, 5000)", pids[0]) == [(True,)]


def test_in_a_transaction_a_read_sees_what_was_written_and_others_do_not(client, outside, manager):
    with manager, joining(manager):
        client.write(INSERT, (1,))
        own, others = client.read(IDS), outside.read(IDS)

    assert own == [(1,)]
    assert others == []
    assert outside.read(IDS) == [(1,)]


def test_a_transaction_begins_with_its_first_write_and_costs_one_more_round_trip(client, texts, manager):
    with manager, joining(manager):
        client.read(IDS)
        client.write(INSERT, (1,))
        client.read(IDS)

    assert texts == [IDS, f"BEGIN; {INSERT}", IDS, "COMMIT"]


def test_an_aborted_transaction_undoes_its_writes(client, outside, manager):
    manager.begin()
    with joining(manager):
        client.write(INSERT, (1,))
    manager.abort()

    assert outside.read(IDS) == []
    assert client.read(IDS) == []


def test_a_savepoint_of_the_transaction_undoes_what_came_after_it(client, outside, manager):
    with manager, joining(manager):
        client.write(INSERT, (1,))
        savepoint = manager.savepoint()
        client.write(INSERT, (2,))
        with pytest.raises(BackendError):
            client.write(INSERT, (1,))
        savepoint.rollback()
        client.write(INSERT, (3,))

    assert outside.read(IDS) == [(1,), (3,)]


def test_savepoints_travel_with_the_statement_after_them(client, texts):
    with client.writing() as session:
        first = session.savepoint()
        session.run("SELECT 1")
        session.savepoint()
        session.savepoint()
        session.run("SELECT 2")
        session.rollback_to(first)

    assert texts == [
        "BEGIN; SAVEPOINT s1; SELECT 1",
        "SAVEPOINT s2; SAVEPOINT s3; SELECT 2",
        "ROLLBACK TO SAVEPOINT s1",
        "COMMIT",
    ]


def test_going_back_to_a_savepoint_drops_those_after_it_and_keeps_itself(client, outside):
    with client.writing() as session:
        session.run(INSERT, (1,))
        outer = session.savepoint()
        session.run(INSERT, (2,))
        session.savepoint()
        session.rollback_to(outer)
        session.run(INSERT, (3,))
        session.rollback_to(outer)
        session.run(INSERT, (4,))

    assert outside.read(IDS) == [(1,), (4,)]


def test_a_savepoint_after_a_failure_is_not_in_the_way_of_one_before_it(client, outside):
    with client.writing() as session:
        session.run(INSERT, (1,))
        before = session.savepoint()
        with pytest.raises(BackendError):
            session.run(INSERT, (1,))
        session.savepoint()
        session.rollback_to(before)

    assert outside.read(IDS) == [(1,)]


def test_going_back_to_a_savepoint_that_was_not_sent_sends_nothing(client, outside, texts):
    with client.writing() as session:
        session.run(INSERT, (1,))
        outer = session.savepoint()
        session.savepoint()
        session.rollback_to(outer)
        session.run(INSERT, (2,))
        session.rollback_to(outer)

    assert outside.read(IDS) == [(1,)]
    assert texts[1] == f"SAVEPOINT s1; {INSERT}"


def test_a_savepoint_before_the_first_statement_undoes_it(client, outside):
    with client.writing() as session:
        savepoint = session.savepoint()
        session.run(INSERT, (1,))
        session.rollback_to(savepoint)
        session.run(INSERT, (2,))

    assert outside.read(IDS) == [(2,)]


@pytest.mark.parametrize("failing", ["SELECT 1 / 0", "nonsense"])
def test_the_failure_of_a_first_statement_is_undone_by_a_savepoint_before_it(client, outside, failing):
    with client.writing() as session:
        savepoint = session.savepoint()
        with pytest.raises(BackendError):
            session.run(failing)
        session.rollback_to(savepoint)
        session.run(INSERT, (1,))

    assert outside.read(IDS) == [(1,)]


def test_a_value_that_cannot_be_bound_does_not_spoil_the_transaction(client, outside):
    with client.writing() as session:
        session.run(INSERT, (1,))
        savepoint = session.savepoint()
        with pytest.raises(BackendError):
            session.run("SELECT %s", ("a\x00b",))
        session.run(INSERT, (2,))
        session.rollback_to(savepoint)

    assert outside.read(IDS) == [(1,)]


def test_the_commit_of_a_transaction_in_which_a_statement_failed_is_a_failure(client, outside):
    session = client._begin()
    session.run(INSERT, (1,))
    with pytest.raises(BackendError, match="UniqueViolation"):
        session.run(INSERT, (1,))

    with pytest.raises(BackendError, match="undone"):
        session.commit()

    assert outside.read(IDS) == []


def test_a_failing_commit_undoes_the_transaction(client, outside, manager):
    outside.write("ALTER TABLE notes ADD UNIQUE (id) DEFERRABLE INITIALLY DEFERRED")
    outside.write("ALTER TABLE notes DROP CONSTRAINT notes_pkey")

    manager.begin()
    with joining(manager):
        client.write(INSERT, (1,))
        client.write(INSERT, (1,))
    with pytest.raises(BackendError, match="UniqueViolation"):
        manager.commit()
    manager.abort()

    assert outside.read(IDS) == []
    assert client.read(IDS) == []


def test_a_session_that_ran_nothing_sends_nothing(client, texts):
    with client.writing() as session:
        session.savepoint()
    with client.writing() as session:
        session.rollback_to(session.savepoint())

    assert texts == []


def test_nothing_can_be_done_in_a_session_that_has_ended(client, texts):
    with client.writing() as session:
        session.run("SELECT 1")

    for late in (session.savepoint, session.commit, lambda: session.run("SELECT 2")):
        with pytest.raises(BackendError, match="ended"):
            late()
    with pytest.raises(BackendError, match="ended"):
        session.rollback_to(1)
    session.rollback()
    assert session.ended
    assert texts == ["BEGIN; SELECT 1", "COMMIT"]


def test_a_transaction_whose_connection_is_cut_fails_and_the_next_one_works(client, outside):
    session = client._begin()
    session.run(INSERT, (1,))

    cut(outside, session.run(PID))
    with pytest.raises(BackendError):
        session.run(INSERT, (2,))
    session.rollback()
    client.write(INSERT, (3,))

    assert outside.read(IDS) == [(3,)]


def test_a_commit_on_a_cut_connection_is_a_failure(client, outside, manager):
    manager.begin()
    with joining(manager):
        client.write(INSERT, (1,))
        cut(outside, client.read(PID))

    with pytest.raises(BackendError):
        manager.commit()
    manager.abort()

    assert outside.read(IDS) == []
    assert client.read(IDS) == []


def test_a_rollback_on_a_cut_connection_is_silent(client, outside, manager):
    manager.begin()
    with joining(manager):
        client.write(INSERT, (1,))
        cut(outside, client.read(PID))

    manager.abort()

    assert client.read(IDS) == []


@pytest.mark.parametrize("is_cut", [False, True])
def test_a_session_that_nobody_ended_leaves_nothing_behind(postgresql_url, outside, is_cut):
    client = PostgreSQL(postgresql_url, PoolSettings(size=1, max_overflow=0, timeout_s=0))
    session = client._begin()
    session.run(INSERT, (1,))
    if is_cut:
        with suppress(BackendError):
            session.run("SELECT pg_terminate_backend(pg_backend_pid())")

    del session
    gc.collect()

    client.write(INSERT, (2,))
    assert outside.read(IDS) == [(2,)]
    client.close()


def test_what_is_run_after_a_failure_is_refused_until_a_roll_back_also_behind_a_new_savepoint(
    client, manager
):
    with manager, joining(manager):
        client.write(INSERT, (1,))
        before = manager.savepoint()
        with pytest.raises(BackendError):
            client.write(INSERT, (1,))
        manager.savepoint()

        with pytest.raises(BackendError, match="nothing runs before a roll-back"):
            client.write(INSERT, (2,))

        before.rollback()
        client.write(INSERT, (3,))

    assert client.read(IDS) == [(1,), (3,)]


def test_a_savepoint_that_nobody_needs_is_released_with_the_next_statement(client, outside, texts):
    with client.writing() as session:
        for number in (1, 2, 3):
            savepoint = session.savepoint()
            session.run(INSERT, (number,))
            session.release(savepoint)

    assert texts == [
        f"BEGIN; SAVEPOINT s1; {INSERT}",
        f"RELEASE SAVEPOINT s1; SAVEPOINT s2; {INSERT}",
        f"RELEASE SAVEPOINT s2; SAVEPOINT s3; {INSERT}",
        "COMMIT",
    ]
    assert outside.read(IDS) == [(1,), (2,), (3,)]


def test_a_savepoint_is_not_released_as_long_as_a_later_one_is_needed(client, outside, texts):
    with client.writing() as session:
        outer = session.savepoint()
        session.run(INSERT, (1,))
        inner = session.savepoint()
        session.run(INSERT, (2,))
        session.release(outer)
        session.run(INSERT, (3,))
        session.rollback_to(inner)
        session.release(inner)
        session.run(INSERT, (4,))

    assert texts[2:] == [INSERT, "ROLLBACK TO SAVEPOINT s2", f"RELEASE SAVEPOINT s1; {INSERT}", "COMMIT"]
    assert outside.read(IDS) == [(1,), (4,)]


def test_a_savepoint_that_was_released_before_it_was_sent_is_not_sent(client, texts):
    with client.writing() as session:
        session.release(session.savepoint())
        session.run("SELECT 1")

    assert texts == ["BEGIN; SELECT 1", "COMMIT"]


def test_a_savepoint_of_the_transaction_is_released_when_it_is_gone(client, outside, texts, manager):
    with manager, joining(manager):
        client.write(INSERT, (1,))
        for number in (2, 3):
            savepoint = manager.savepoint()
            client.write(INSERT, (number,))
            del savepoint

    assert texts[1:] == [f"SAVEPOINT s1; {INSERT}", f"RELEASE SAVEPOINT s1; SAVEPOINT s2; {INSERT}", "COMMIT"]
    assert outside.read(IDS) == [(1,), (2,), (3,)]


def test_after_a_failure_a_released_savepoint_is_not_in_the_way_of_one_before_it(client, outside):
    with client.writing() as session:
        before = session.savepoint()
        session.run(INSERT, (1,))
        after = session.savepoint()
        session.run(INSERT, (2,))
        session.release(after)
        with pytest.raises(BackendError):
            session.run(INSERT, (1,))
        session.rollback_to(before)
        session.run(INSERT, (3,))

    assert outside.read(IDS) == [(3,)]
