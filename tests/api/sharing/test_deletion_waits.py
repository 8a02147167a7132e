"""A deletion of shared records in PostgreSQL meets a transaction that ceases to share some of them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
import transaction
from webtest import TestApp

from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.drivers.transactions import joining
from cliquet_like.permission.postgresql import Permission
from cliquet_like.testing.app import sign_in
from tests.sharing import created, emptied, names, permissions_of, sharing_app, user_id

pytestmark = pytest.mark.once

ADA, BOB = user_id("ada"), user_id("bob")
PAGES = "/v1/pages"
PATIENCE_S = 30
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestApp]:
    """On PostgreSQL only."""
    with sharing_app("postgresql", tmp_path_factory.mktemp("none")) as app:
        yield app


@pytest.fixture
def app(service: TestApp) -> Iterator[TestApp]:
    with emptied(service) as app:
        yield app


@pytest.fixture
def others(app: TestApp) -> Iterator[Permission]:
    """Permissions of the same database, as another process has them."""
    with closing(PostgreSQL(app.app.registry.settings["storage_url"])) as database:
        yield Permission(database)


@pytest.fixture
def paths(app: TestApp) -> list[str]:
    """Of pages named 0 to 2, which Bob may write."""
    return [created(app, PAGES, name=str(number), write=[BOB]) for number in range(3)]


@contextmanager
def answered_after(others: Permission, call: Callable[[], list[str]]) -> Iterator[list[str]]:
    """Answer of a call in another thread, which waits for the commit of what the block has written."""
    manager = transaction.TransactionManager()
    manager.begin()
    answer: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        try:
            with joining(manager):
                yield answer
                coming = pool.submit(call)
                until_somebody_waits(others)
                manager.commit()
        finally:
            manager.abort()
        answer += coming.result(PATIENCE_S)


def until_somebody_waits(others: Permission) -> None:
    # Another context, with a connection of its own, sees all of them.
    deadline = time.monotonic() + PATIENCE_S
    while others.database.read(WAITING) == [(0,)]:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def deleting(app: TestApp) -> Callable[[], list[str]]:
    """Have Bob delete what is shared with him; ids of what was deleted."""
    bob = sign_in(app, "bob")
    return lambda: [tombstone["id"] for tombstone in bob.delete(PAGES).json["data"]]


def test_what_another_transaction_takes_away_is_not_deleted(
    app: TestApp, others: Permission, paths: list[str]
) -> None:
    """The records are deleted already when the deletion comes to wait for their permissions."""
    with answered_after(others, deleting(app)) as deleted:
        others.remove_principal_from_ace(paths[0][3:], "write", BOB)

    assert sorted(deleted) == sorted(path[-36:] for path in paths[1:])
    assert names(app, PAGES) == ["0"]
    assert permissions_of(app, paths[0][3:]) == {"write": {ADA}}


def test_what_another_transaction_gives_to_somebody_else_is_not_deleted(
    app: TestApp, others: Permission, paths: list[str]
) -> None:
    with answered_after(others, deleting(app)) as deleted:
        others.write_object_permissions(paths[0][3:], {"write": ["carl"]}, whole=True)

    assert sorted(deleted) == sorted(path[-36:] for path in paths[1:])
    assert permissions_of(app, paths[0][3:]) == {"write": {"carl"}}


def test_what_another_transaction_shares_in_another_way_is_deleted(
    app: TestApp, others: Permission, paths: list[str]
) -> None:
    with answered_after(others, deleting(app)) as deleted:
        others.write_object_permissions(paths[0][3:], {"read": ["carl"], "write": [BOB]}, whole=True)

    assert len(deleted) == 3
    assert permissions_of(app, paths[0][3:]) == {}
