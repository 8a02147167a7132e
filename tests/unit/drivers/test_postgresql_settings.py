import os
import subprocess
import sys

import pytest
import sqlalchemy.pool
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.postgresql.client import PostgreSQL, client_from_config
from cliquet_like.drivers.postgresql.settings import DEFAULT_POOL, PoolSettings, read_pool_settings

URL = "postgresql://localhost:1/shelf"


def test_what_is_absent_or_empty_has_its_default():
    empty = dict.fromkeys(["storage_pool_size", "storage_prepared_statements", "storage_poolclass"], "")

    assert read_pool_settings({}, "storage") == DEFAULT_POOL
    assert read_pool_settings(empty, "storage") == DEFAULT_POOL
    assert DEFAULT_POOL.size == 25


def test_each_setting_of_a_kind_is_read():
    settings = {
        "cache_pool_size": 3,
        "cache_maxoverflow": "4",
        "cache_max_backlog": 5,
        "cache_pool_recycle": 6,
        "cache_pool_timeout": 7,
        "cache_poolclass": "sqlalchemy.pool.NullPool",
        "cache_prepared_statements": "false",
        "storage_pool_size": 8,
    }

    assert read_pool_settings(settings, "cache") == PoolSettings(
        size=3,
        max_overflow=4,
        max_backlog=5,
        recycle_s=6,
        timeout_s=7,
        poolclass=sqlalchemy.pool.NullPool,
        prepares=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("storage_pool_size", 0),
        ("storage_pool_size", "many"),
        ("storage_pool_size", True),
        ("storage_maxoverflow", -2),
        ("storage_max_backlog", 1.5),
        ("storage_pool_recycle", [1]),
        ("storage_pool_timeout", -1),
        ("storage_poolclass", "no_such_module.Pool"),
        ("storage_poolclass", "sqlalchemy.pool.NoSuchPool"),
        ("storage_poolclass", "not a name"),
        ("storage_poolclass", "sqlalchemy.pool"),
        ("storage_poolclass", "sqlalchemy.pool.StaticPool"),
        ("storage_poolclass", object),
        ("storage_url", "mysql://localhost/shelf"),
        ("storage_url", None),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_setting(name, value):
    config = Configurator(settings={"storage_url": URL, name: value})

    with pytest.raises(ConfigurationError, match=f"Setting {name}:"):
        client_from_config(config, "storage")


def test_backends_of_one_database_share_a_client():
    config = Configurator(settings={"storage_url": URL, "cache_url": URL})

    storage, cache = client_from_config(config, "storage"), client_from_config(config, "cache")

    assert isinstance(storage, PostgreSQL)
    assert cache is storage


def test_other_pools_and_other_applications_have_other_clients():
    settings = {"storage_url": URL, "cache_url": URL, "cache_pool_size": 3}
    config = Configurator(settings=settings)

    client = client_from_config(config, "storage")

    assert client_from_config(config, "cache") is not client
    assert client_from_config(Configurator(settings=settings), "storage") is not client


def test_construction_does_not_connect_and_a_server_that_is_down_is_a_failure():
    client = PostgreSQL("postgresql://127.0.0.1:1/shelf")

    with pytest.raises(BackendError, match="OperationalError"):
        client.read("SELECT 1")
    with pytest.raises(BackendError):
        client.write("SELECT 1")
    with pytest.raises(BackendError), client.writing() as session:
        session.run("SELECT 1")
    client.close()


WITHOUT_DRIVER = """
import sys
sys.modules[sys.argv[1]] = None  # as if it were not installed
from pyramid.exceptions import ConfigurationError
from cliquet_like.drivers.postgresql.client import PostgreSQL

try:
    PostgreSQL("postgresql://localhost/shelf", kind="cache")
except ConfigurationError as refusal:
    print(refusal)
"""


@pytest.mark.parametrize("driver", ["psycopg2", "sqlalchemy"])
def test_a_missing_driver_is_refused_when_a_backend_needs_it(driver):
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_DRIVER, driver],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )

    assert finished.stderr == ""
    assert f"Setting cache_backend: the driver {driver} is missing" in finished.stdout
    assert "cliquet-like[postgresql]" in finished.stdout
