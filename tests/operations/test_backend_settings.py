"""Settings of backends: what starts, and the words in which the rest is refused."""

import sys
import types
import warnings

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

import cliquet_like
from tests.support import SETTINGS

MODULE = "shelf_backend"
KINDS = ("storage", "cache", "permission")


def started(**settings):
    config = Configurator(settings={**SETTINGS, **settings})
    cliquet_like.initialize(config, version="1.0", project_name="shelf")
    return config


def refused(**settings):
    with pytest.raises(ConfigurationError) as caught:
        started(**settings)
    return str(caught.value)


@pytest.fixture
def module(monkeypatch):
    """A module of an application, importable under the name ``MODULE``."""
    made = types.ModuleType(MODULE)
    monkeypatch.setitem(sys.modules, MODULE, made)
    return made


@pytest.fixture
def needy(tmp_path, monkeypatch):
    """Name of a module that imports another one, which is missing."""
    (tmp_path / "needy_backend.py").write_text("import missing_driver.client\n")
    monkeypatch.syspath_prepend(tmp_path)
    return "needy_backend"


@pytest.mark.parametrize("name", ["nowhere", "nowhere.at.all", "cliquet_like.storage.nothing", "nowhere:it"])
def test_an_unknown_backend_is_named_with_its_setting(name):
    message = refused(storage_backend=name)

    assert message.startswith(f"Setting storage_backend: {name!r} cannot be imported (No module named")


def test_a_backend_that_needs_a_missing_module_says_which(needy):
    message = refused(cache_backend=needy)

    assert message == (
        "Setting cache_backend: 'needy_backend' needs the module 'missing_driver', which is not installed."
    )


def test_a_module_that_is_no_backend_is_told(module):
    module.load_from_config = "no function"

    message = refused(storage_backend=MODULE)

    assert message == (
        "Setting storage_backend: 'shelf_backend' is no backend, it has no load_from_config, "
        "expected a module of that kind, as in cliquet_like.storage.memory."
    )


@pytest.mark.parametrize(
    ("setting", "name", "kind"),
    [
        ("storage_backend", "cliquet_like.cache.memory", "storage"),
        ("storage_backend", "cliquet_like.cache.redis", "storage"),
        ("cache_backend", "cliquet_like.storage.memory", "cache"),
        ("cache_backend", "cliquet_like.permission.redis", "cache"),
        ("permission_backend", "cliquet_like.cache.memory", "permission"),
        ("permission_backend", "cliquet_like.storage.redis", "permission"),
    ],
)
def test_a_backend_of_another_kind_is_refused_before_it_is_made(setting, name, kind):
    urls = {f"{kind}_url": "no url" for kind in KINDS}

    message = refused(**{setting: name, **urls})

    assert message == (
        f"Setting {setting}: {name!r} is no backend for {kind}, "
        f"expected a module of that kind, as in cliquet_like.{kind}.memory."
    )


def test_what_a_backend_of_somebody_else_makes_must_be_of_the_kind(module):
    module.load_from_config = lambda config: [config.registry]

    assert refused(cache_backend=MODULE).endswith("expected a CacheBase.")


def test_a_driver_that_a_backend_of_somebody_else_misses_is_told(module):
    def load_from_config(config):
        import missing_driver  # noqa: F401 - as a backend with an optional driver does

    module.load_from_config = load_from_config

    message = refused(storage_backend=MODULE)

    assert message.startswith("Setting storage_backend: the driver of 'shelf_backend' is missing (No module")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("storage_pool_size", "0"),
        ("storage_maxoverflow", "-2"),
        ("storage_max_backlog", "many"),
        ("cache_pool_recycle", "1.5"),
        ("cache_pool_timeout", "-1"),
        ("permission_pool_size", "none"),
        ("permission_maxoverflow", "-2"),
        ("permission_pool_timeout", "1.5"),
        ("retry.attempts", "0"),
    ],
)
def test_a_wrong_number_is_refused_by_name(setting, value):
    assert refused(**{setting: value}).startswith(f"Setting {setting}: ")


def test_the_settings_of_a_pool_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("SHELF_STORAGE_MAXOVERFLOW", "3")
    monkeypatch.setenv("CLIQUET_LIKE_CACHE_POOL_RECYCLE", "60")
    monkeypatch.setenv("SHELF_PERMISSION_POOL_TIMEOUT", "7")
    monkeypatch.setenv("CLIQUET_LIKE_RETRY_ATTEMPTS", "5")

    settings = started().get_settings()

    assert (settings["storage_maxoverflow"], settings["cache_pool_recycle"]) == (3, 60)
    assert (settings["permission_pool_timeout"], settings["retry.attempts"]) == (7, 5)


def test_settings_of_backends_that_are_there_warn_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        settings = started(
            storage_url="sqlite://", cache_pool_size="3", cache_max_backlog="", permission_pool_size="4"
        ).get_settings()

    assert [settings[f"{kind}_pool_size"] for kind in KINDS] == [25, 3, 4]


@pytest.mark.parametrize("kind", KINDS)
def test_a_backend_with_another_pool_shares_no_connections(kind):
    urls = {f"{name}_url": "postgresql://127.0.0.1:1/shelf" for name in KINDS}
    backends = {f"{name}_backend": f"cliquet_like.{name}.postgresql" for name in KINDS}

    registry = started(**urls, **backends, **{f"{kind}_maxoverflow": "3"}).registry

    clients = {name: getattr(registry, name).database for name in KINDS}
    own = clients.pop(kind)
    first, second = clients.values()
    assert first is second is not own
