"""What every test shares: settings of hypothesis, and real servers (see ``tests.servers``)."""

import gc
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from tests import servers
from tests.server_host import hosting

# Files that take longest: begun first, they leave no worker alone with one of them at the end.
LONGEST = [
    "contracts/test_agreement.py",
    "unit/test_servers.py",
    "concurrency/test_concurrency.py",
    "benchmarks/test_comparison.py",
    "benchmarks/test_commands.py",
    "fxa/test_browser.py",
    "concurrency/test_sharing.py",
    "contracts/test_agreement_permission.py",
    "operations/test_deployment.py",
    "api/test_writes_alone.py",
    "api/test_records.py",
    "operations/test_plans_permission.py",
    "api/test_events.py",
    "api/test_transactions_in_databases.py",
    "operations/test_postgresql_roles.py",
    "operations/test_migrate_indexes.py",
    "operations/test_statements.py",
    "operations/test_migrate.py",
    "operations/test_error_reports.py",
    "contracts/test_permission_redis.py",
    "api/test_events_in_transactions.py",
    "unit/test_settings_at_start.py",
]

# The same examples on every run, and no complaint about a slow machine.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to own servers, except in a worker, which uses those of its session."""
    if not hasattr(config, "workerinput"):
        owned = ExitStack()
        config.add_cleanup(owned.close)
        owned.enter_context(hosting())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files, and leave the tests of each in their order."""
    here = Path(__file__).parent
    places = {here / path: place for place, path in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass by what stays to the end, and come less often.

    An application is tens of thousands of objects that live for one test: making it took a third longer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session")
def postgresql_server() -> str:
    """URL of a server that may create databases."""
    return servers.postgresql_server()


@pytest.fixture(scope="session")
def redis_server() -> str:
    """URL of a server."""
    return servers.redis_server()


@pytest.fixture(scope="class")
def postgresql_url() -> Iterator[str]:
    """URL of an empty database; the tests of a class share it, a function outside has its own."""
    with servers.new_database() as url:
        yield url


@pytest.fixture
def redis_url() -> str:
    """URL of a database that no other worker uses, emptied for each test."""
    return servers.empty_redis()


@pytest.fixture
def private_postgresql() -> Iterator[servers.PrivateServer]:
    """A server that the test may stop, kill and start again."""
    with servers.private_server("postgresql") as server:
        yield server


@pytest.fixture
def private_redis() -> Iterator[servers.PrivateServer]:
    """A server that the test may stop, kill and start again."""
    with servers.private_server("redis") as server:
        yield server
