"""A service to be migrated: an ``.ini`` file for each database, beside its package of migrations."""

import pytest

from tests.migrating import importable_package

INI = """
[app:main]
use = call:tests.migrated_app:main
cliquet_like.storage_backend = tests.migrated_app
cliquet_like.storage_url = {url}
cliquet_like.cache_backend = cliquet_like.cache.memory
cliquet_like.userid_hmac_secret = a secret of the tests
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/shelf.db"
    return request.getfixturevalue("postgresql_url")


@pytest.fixture
def package(tmp_path):
    """A package of migrations, empty at first."""
    with importable_package(tmp_path) as made:
        yield made


@pytest.fixture
def write_ini(tmp_path):
    """Writes the file of a service, with the settings that a test adds to it; its path."""

    def write(url, **settings):
        path = tmp_path / "shelf.ini"
        lines = [f"shelf.{name} = {value}" for name, value in settings.items()]
        path.write_text(INI.format(url=url.replace("%", "%%")) + "\n".join(lines) + "\n")
        return str(path)

    return write


@pytest.fixture
def ini(write_ini, url):
    """Path of the file of the service."""
    return write_ini(url)
