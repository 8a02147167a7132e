"""Statements that a connection prepares, and what happens where the server knows them no longer."""

from collections.abc import Iterator

import pytest
from sqlalchemy.pool import NullPool

from cliquet_like.drivers.errors import BackendError, TransientBackendError
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.drivers.postgresql.prepared import MOST_PREPARED, RUNS_OF_A_PLAN
from cliquet_like.drivers.postgresql.settings import PoolSettings

INSERT = FixedStatement("INSERT INTO notes VALUES (%(id)s, %(text)s)")
FIND = FixedStatement("SELECT * FROM notes WHERE id = %(id)s")
COUNT = FixedStatement("SELECT count(*) FROM notes")
MODULO = FixedStatement("SELECT %(id)s::int %% 4")
# All but the one that asks.
PREPARED = "SELECT name FROM pg_prepared_statements ORDER BY prepare_time, name"
FORGET = "DEALLOCATE ALL"


@pytest.fixture
def client(postgresql_url: str) -> Iterator[PostgreSQL]:
    """Client of one connection."""
    client = PostgreSQL(postgresql_url, PoolSettings(size=1, max_overflow=0, timeout_s=0))
    client.write("CREATE TABLE notes (id int PRIMARY KEY, text text)")
    yield client
    client.close()


def prepared(client: PostgreSQL) -> int:
    return len(client.read(PREPARED))


def test_a_fixed_statement_is_prepared_once(client):
    for number in range(3):
        client.write(INSERT, {"id": number, "text": "é'\\ %s"})

    found = [client.read(FIND, {"id": number}) for number in range(4)]

    assert found == [[(0, "é'\\ %s")], [(1, "é'\\ %s")], [(2, "é'\\ %s")], []]
    assert prepared(client) == 2


def test_another_statement_is_not_prepared(client):
    client.read(str(COUNT))

    assert prepared(client) == 0


def test_a_percent_sign_is_doubled_as_everywhere(client):
    assert [client.read(MODULO, {"id": number}) for number in (7, 8)] == [[(3,)], [(0,)]]


def test_nothing_is_prepared_where_that_is_switched_off(postgresql_url):
    client = PostgreSQL(postgresql_url, PoolSettings(size=1, max_overflow=0, prepares=False))

    rows = [client.read(MODULO, {"id": 7}) for _ in range(2)]

    assert rows == [[(3,)]] * 2
    assert prepared(client) == 0
    client.close()


def test_nothing_is_prepared_on_connections_that_are_used_once(postgresql_url):
    client = PostgreSQL(postgresql_url, PoolSettings(poolclass=NullPool))

    with client.writing() as session:
        rows = [session.run(MODULO, {"id": 7}), *session.run(PREPARED)]

    assert rows == [[(3,)]]
    client.close()


def test_several_parts_happen_as_a_whole(client):
    both = FixedStatement(*INSERT.parts, *COUNT.parts)
    twice = FixedStatement(*INSERT.parts, *INSERT.parts)

    rows = [client.write(both, {"id": number, "text": "a"}) for number in (1, 2)]
    with pytest.raises(BackendError, match="UniqueViolation"):
        client.write(twice, {"id": 3, "text": "a"})

    assert rows == [[(1,)], [(2,)]]
    assert client.read(COUNT) == [(2,)]


def test_parts_that_are_prepared_are_not_prepared_again(client):
    both = FixedStatement(*FIND.parts, *COUNT.parts)
    client.read(FIND, {"id": 1})
    client.read(COUNT)

    rows = [client.read(both, {"id": 1}) for _ in range(2)]

    assert rows == [[(0,)]] * 2
    assert prepared(client) == 2


def test_they_are_prepared_in_a_transaction_too_and_stay_when_it_is_undone(client):
    session = client._begin()
    session.run(INSERT, {"id": 1, "text": "a"})
    savepoint = session.savepoint()
    session.run(INSERT, {"id": 2, "text": "a"})
    session.rollback_to(savepoint)
    with pytest.raises(BackendError, match="UniqueViolation"):
        session.run(INSERT, {"id": 1, "text": "a"})
    session.rollback()

    assert prepared(client) == 1
    assert client.read(COUNT) == [(0,)]


def test_what_a_connection_has_prepared_by_halves_is_prepared_anew(client):
    wrong = FixedStatement(*COUNT.parts, "SELECT 1 FROM nowhere")
    client.read(FIND, {"id": 1})
    for _ in range(2):
        with pytest.raises(BackendError, match="UndefinedTable"):
            client.read(wrong)

    rows = client.read(COUNT)

    assert rows == [(0,)]
    assert prepared(client) == 1
    assert client.read(FIND, {"id": 1}) == []


def test_a_first_run_that_failed_ends_no_preparing_whatever_runs_next(client, caplog):
    client.write("INSERT INTO notes VALUES (1, 'a')")
    client.read(FIND, {"id": 1})
    with pytest.raises(BackendError, match="UniqueViolation"):
        client.write(INSERT, {"id": 1, "text": "b"})
    client.read(FIND, {"id": 1})

    client.write(INSERT, {"id": 2, "text": "b"})

    assert client.read(FIND, {"id": 2}) == [(2, "b")]
    assert prepared(client) == 2
    assert "statements are not prepared any more" not in caplog.text


@pytest.fixture(params=["forgotten", "there already"])
def spoiled(request, client: PostgreSQL) -> PostgreSQL:
    """Client whose connection leads to a server process that has prepared something else."""
    client.write(INSERT, {"id": 1, "text": "a"})
    if request.param == "forgotten":
        client.write(FORGET)
        return client
    ((name,),) = client.read(PREPARED)
    client.write("DISCARD ALL")
    # Whoever prepares it first, this one is there.
    client.close()
    client.write(f"PREPARE {name} AS SELECT 1")
    return client


def test_a_statement_that_the_server_does_not_know_is_run_once_all_the_same(spoiled, caplog):
    spoiled.write(INSERT, {"id": 2, "text": "b"})

    assert spoiled.read(FIND, {"id": 2}) == [(2, "b")]
    assert "statements are not prepared any more" in caplog.text


def test_nothing_is_prepared_any_more_where_the_server_changes(spoiled):
    spoiled.write(INSERT, {"id": 2, "text": "b"})
    before = prepared(spoiled)

    for number in range(3, 6):
        spoiled.write(INSERT, {"id": number, "text": "b"})

    assert prepared(spoiled) == before
    assert spoiled.read(COUNT) == [(5,)]


def test_in_a_transaction_all_of_it_has_to_be_done_again(spoiled):
    def write() -> None:
        with spoiled.writing() as session:
            session.run("INSERT INTO notes VALUES (2, 'b')")
            session.run(INSERT, {"id": 3, "text": "c"})

    with pytest.raises(TransientBackendError):
        write()
    undone = spoiled.read("SELECT id FROM notes")
    write()

    assert undone == [(1,)]
    assert spoiled.read("SELECT id FROM notes ORDER BY id") == [(1,), (2,), (3,)]


def test_a_new_column_is_seen(client):
    client.write(INSERT, {"id": 1, "text": "a"})
    before = client.read(FIND, {"id": 1})
    client.write("ALTER TABLE notes ADD stars int DEFAULT 5")

    after = [client.read(FIND, {"id": 1}) for _ in range(2)]

    assert before == [(1, "a")]
    assert after == [[(1, "a", 5)]] * 2
    assert prepared(client) > 0


def test_a_new_column_lets_a_transaction_be_done_again(client):
    client.read(FIND, {"id": 1})
    client.write("ALTER TABLE notes ADD stars int DEFAULT 5")

    with pytest.raises(TransientBackendError), client.writing() as session:
        session.run(FIND, {"id": 1})
    with client.writing() as session:
        assert session.run(FIND, {"id": 1}) == []


def test_a_statement_means_what_the_search_path_says_now(client):
    client.write(INSERT, {"id": 1, "text": "a"})
    client.read(FIND, {"id": 1})
    client.write("CREATE SCHEMA other; CREATE TABLE other.notes (id int PRIMARY KEY, text text)")
    client.write("SET search_path = other")

    there = client.read(FIND, {"id": 1})
    client.write("RESET search_path")

    assert there == []
    assert client.read(FIND, {"id": 1}) == [(1, "a")]


def test_a_connection_prepares_no_more_than_so_many(client):
    many = [FixedStatement(f"SELECT {number}") for number in range(MOST_PREPARED + 3)]

    rows = [client.read(statement) for statement in many * 2]

    assert rows == [[(number,)] for number in range(len(many))] * 2
    assert prepared(client) == MOST_PREPARED


def test_plans_are_made_anew_after_a_while(client):
    client.read(COUNT)
    client.read(FIND, {"id": 1})

    for _ in range(RUNS_OF_A_PLAN):
        client.read(COUNT)

    assert prepared(client) == 1
    assert client.read(FIND, {"id": 1}) == []
