"""When writes may wait, and what happens when one that had waited fails."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import transaction

from cliquet_like.drivers.deferring import AT_ONCE, Deferred, deferring_writes, memory_of_deferring
from cliquet_like.drivers.errors import BackendError, TransientBackendError
from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.drivers.transactions import joining

IDS = "SELECT id FROM notes ORDER BY id"
INSERT = "INSERT INTO notes VALUES (%s)"


@pytest.fixture
def manager() -> transaction.TransactionManager:
    manager = transaction.TransactionManager(explicit=True)
    manager.begin()
    return manager


@pytest.fixture
def client(postgresql_url: str) -> Iterator[PostgreSQL]:
    client = PostgreSQL(postgresql_url)
    client.write("CREATE TABLE notes (id int PRIMARY KEY)")
    yield client
    client.close()


@pytest.fixture
def texts(client: PostgreSQL) -> list[str]:
    texts: list[str] = []
    client.on_statement = texts.append
    return texts


def note(number: int, memory: set[Any] | None = None, kind: str = "notes") -> Deferred:
    return Deferred(kind, number, _insert, set() if memory is None else memory)


def _insert(kind: str, numbers: Sequence[int]) -> tuple[str, Any]:
    """Statement that does nothing where all numbers are negative."""
    statement = "INSERT INTO notes SELECT n FROM unnest(%s) AS n WHERE n >= 0 RETURNING id"
    return statement, (list(numbers),)


def test_writes_wait_only_in_the_context_that_lets_them(manager):
    memory: set[Any] = set()

    with joining(manager, memory, repeats=True):
        before = memory_of_deferring()
        with deferring_writes():
            within = memory_of_deferring()
        after = memory_of_deferring()

    assert within is memory
    assert (before, after) == (None, None)


def test_writes_do_not_wait_where_there_is_no_transaction():
    with deferring_writes():
        assert memory_of_deferring() is None


@pytest.mark.parametrize(("remembered", "repeats"), [({AT_ONCE}, True), (set(), False)])
def test_writes_do_not_wait_in_the_last_attempt_nor_after_one_that_had_failed(manager, remembered, repeats):
    with joining(manager, remembered, repeats=repeats), deferring_writes():
        assert memory_of_deferring() is None


def test_writes_of_another_transaction_inside_do_not_wait(manager):
    inner = transaction.TransactionManager(explicit=True)

    with (
        joining(manager, set(), repeats=True),
        deferring_writes(),
        joining(inner, set(), repeats=True),
        inner,
    ):
        assert memory_of_deferring() is None


def test_what_waits_is_sent_together_before_anything_else(client, texts):
    with client.writing() as session:
        session.defer(note(1))
        session.defer(note(2))
        before = list(texts)
        rows = session.run(IDS)
        session.defer(note(3))

    assert (before, rows) == ([], [(1,), (2,)])
    assert [text[:10] for text in texts] == ["BEGIN; INS", "SELECT id ", "INSERT INT", "COMMIT"]
    assert client.read(IDS) == [(1,), (2,), (3,)]


def test_writes_of_another_kind_are_sent_after_those_before_them(client, texts):
    with client.writing() as session:
        session.defer(note(1, kind="a"))
        session.defer(note(2, kind="b"))
        session.defer(note(3, kind="b"))

    assert len([text for text in texts if "INSERT" in text]) == 2
    assert client.read(IDS) == [(1,), (2,), (3,)]


def test_going_back_over_what_waits_sends_nothing(client, texts):
    with client.writing() as session:
        session.defer(note(1))
        savepoint = session.savepoint()
        session.defer(note(2))
        session.rollback_to(savepoint)
        session.defer(note(3))

    assert client.read(IDS) == [(1,), (3,)]
    assert [text[:10] for text in texts[:-1]] == ["BEGIN; INS", "SAVEPOINT ", "COMMIT"]


def test_a_savepoint_that_was_let_go_does_not_part_what_waits(client, texts):
    with client.writing() as session:
        session.defer(note(1))
        session.release(session.savepoint())
        session.defer(note(2))

    assert [text[:10] for text in texts] == ["BEGIN; INS", "COMMIT"]


def test_going_back_to_a_savepoint_that_was_sent_between_two_writes_undoes_the_later_one(client):
    with client.writing() as session:
        session.defer(note(1))
        savepoint = session.savepoint()
        session.defer(note(2))
        session.run(IDS)
        session.defer(note(3))
        session.rollback_to(savepoint)

    assert client.read(IDS) == [(1,)]


@pytest.mark.parametrize("number", [1, -1], ids=["refused", "not carried out"])
def test_after_a_failure_of_what_had_waited_nothing_can_be_saved(client, number):
    client.write(INSERT, (1,))
    memory: set[Any] = set()
    failures = []

    def write() -> None:
        with client.writing() as session:
            savepoint = session.savepoint()
            session.defer(note(number, memory))
            for step in (
                lambda: session.run(IDS),
                lambda: session.run(IDS),
                lambda: session.defer(note(2)),
                session.savepoint,
                lambda: session.rollback_to(savepoint),
            ):
                with pytest.raises(TransientBackendError) as raised:
                    step()
                failures.append(raised.value)

    with pytest.raises(TransientBackendError) as at_the_end:
        write()

    assert failures == [at_the_end.value] * 5
    assert memory == {AT_ONCE}
    assert client.read(IDS) == [(1,)]


def test_a_write_cannot_wait_behind_a_statement_that_failed(client):
    client.write(INSERT, (1,))

    with client.writing() as session:
        savepoint = session.savepoint()
        with pytest.raises(BackendError):
            session.run(INSERT, (1,))
        with pytest.raises(BackendError, match="A statement had failed"):
            session.defer(note(2))
        session.rollback_to(savepoint)
        session.defer(note(3))

    assert client.read(IDS) == [(1,), (3,)]


def test_what_waits_when_all_is_undone_is_never_sent(client, texts):
    def write() -> None:
        with client.writing() as session:
            session.defer(note(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()

    assert texts == []


def _interrupted(*_: object) -> tuple[str, Any]:
    raise KeyboardInterrupt


def test_whatever_stops_what_had_waited_it_is_not_forgotten(client):
    session = client._begin()
    session.run(INSERT, (1,))
    session.defer(Deferred("notes", 2, _interrupted, set()))

    with pytest.raises(KeyboardInterrupt):
        session.run(IDS)
    with pytest.raises(TransientBackendError, match="had waited"):
        session.commit()

    session.rollback()
    assert client.read(IDS) == []
