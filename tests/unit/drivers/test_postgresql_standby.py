import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from cliquet_like.drivers.postgresql.standby import MOST, StandBy, standing_by


class Connection:
    is_open = True

    def close(self) -> None:
        self.is_open = False


def is_open(connection: Any) -> bool:
    return bool(connection.is_open)


@pytest.fixture
def loans() -> Iterator[StandBy]:
    """Two connections are kept, one of them on loan, and one more may be open."""
    made = StandBy(QueuePool(Connection, pool_size=1, max_overflow=2, timeout=10, reset_on_return=None), 1)
    yield made
    made.close()


@pytest.mark.parametrize(("size", "expected"), [(1, 0), (3, 0), (4, 1), (25, MOST)])
def test_few_stand_by_of_a_small_pool(size: int, expected: int) -> None:
    assert standing_by(size) == expected


def test_a_loan_is_handed_on_as_it_is(loans: StandBy) -> None:
    first = loans.take(is_open)
    loans.give_back(first)

    assert loans.take(is_open) is first
    loans.give_back(first)


def test_what_is_not_usable_any_more_is_closed_and_replaced(loans: StandBy) -> None:
    taken = loans.take(is_open)
    connection: Any = taken.dbapi_connection
    loans.give_back(taken)

    other = loans.take(lambda candidate: candidate is not connection)

    assert other.dbapi_connection is not connection
    assert not connection.is_open
    loans.give_back(other)


def test_no_more_are_kept_than_the_pool_and_the_line_are_for(loans: StandBy) -> None:
    taken = [loans.take(is_open) for _ in range(3)]
    connections: list[Any] = [one.dbapi_connection for one in taken]

    for one in taken:
        loans.give_back(one)

    assert [connection.is_open for connection in connections] == [True, True, False]


class ObservedPool(QueuePool):
    """It tells when the fourth loan is asked for."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.loans = 0
        self.is_asked_again = threading.Event()

    def connect(self) -> PoolProxiedConnection:
        self.loans += 1
        if self.loans == 4:
            self.is_asked_again.set()
        return super().connect()


def test_who_waits_for_the_pool_gets_what_is_given_back() -> None:
    pool = ObservedPool(Connection, pool_size=1, max_overflow=2, timeout=10, reset_on_return=None)
    loans = StandBy(pool, 1)
    taken = [loans.take(is_open) for _ in range(3)]
    connection = taken[0].dbapi_connection

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(loans.take, is_open)
        assert pool.is_asked_again.wait(10)
        loans.give_back(taken[0])
        served = waiting.result(timeout=10)

    assert served.dbapi_connection is connection
    for one in (served, *taken[1:]):
        loans.give_back(one)
    loans.close()


def test_who_waited_in_vain_lets_loans_stand_by_again() -> None:
    loans = StandBy(QueuePool(Connection, pool_size=1, max_overflow=0, timeout=0, reset_on_return=None), 1)
    with ExitStack() as given_back:
        first = loans.take(is_open)
        given_back.callback(loans.close)
        with pytest.raises(PoolTimeout):
            loans.take(is_open)

        loans.give_back(first)

        assert loans.take(is_open) is first
        loans.give_back(first)


def test_closing_closes_all_that_are_idle(loans: StandBy) -> None:
    taken = [loans.take(is_open) for _ in range(2)]
    connections: list[Any] = [one.dbapi_connection for one in taken]
    for one in taken:
        loans.give_back(one)

    loans.close()

    assert [connection.is_open for connection in connections] == [False, False]


def test_what_is_given_back_after_the_end_is_closed(loans: StandBy) -> None:
    taken = loans.take(is_open)
    connection: Any = taken.dbapi_connection
    loans.close()

    loans.give_back(taken)

    assert not connection.is_open
