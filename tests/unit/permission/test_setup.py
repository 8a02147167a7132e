"""Start-up: the permission backend of the settings."""

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

import cliquet_like
from cliquet_like.permission import memory
from tests.support import SETTINGS


def configured(settings):
    config = Configurator(settings={**SETTINGS, **settings})
    cliquet_like.initialize(config, version="0.0.1", project_name="shelf")
    return config


def test_the_backend_is_in_the_registry_with_its_heartbeat():
    registry = configured({"permission_backend": "cliquet_like.permission.memory"}).registry

    assert isinstance(registry.permission, memory.Permission)
    assert registry.heartbeats["permission"](None) is True


def test_the_heartbeat_is_that_of_the_backend():
    registry = configured({"permission_backend": "cliquet_like.permission.memory"}).registry

    for _ in range(64):
        registry.heartbeats["permission"](None)
        if registry.permission.user_principals("__heartbeat__"):
            break

    assert registry.permission.user_principals("__heartbeat__") == {"alive"}


@pytest.mark.parametrize("settings", [{}, {"permission_backend": ""}], ids=str)
def test_without_a_name_there_is_none(settings):
    registry = configured(settings).registry

    assert not hasattr(registry, "permission")
    assert "permission" not in registry.heartbeats


def test_two_applications_have_two_backends():
    one, other = (configured({"permission_backend": "cliquet_like.permission.memory"}) for _ in range(2))

    one.registry.permission.add_user_principal("alice", "group:x")

    assert other.registry.permission.user_principals("alice") == set()


@pytest.mark.parametrize(
    "name",
    [
        "cliquet_like.storage.memory", "cliquet_like.storage.postgresql", "cliquet_like.cache.memory",
        "cliquet_like.permission", "cliquet_like.permission.access", "nowhere.at.all", "os", "...",
    ],
)  # fmt: skip
def test_what_is_no_permission_backend_is_refused_by_name(name):
    with pytest.raises(ConfigurationError, match=f"Setting permission_backend.*{name}"):
        configured({"permission_backend": name})


@pytest.mark.parametrize("setting", ["storage_backend", "cache_backend"])
def test_a_permission_backend_is_no_other_backend(setting):
    with pytest.raises(ConfigurationError, match=f"Setting {setting}.*permission.memory"):
        configured({setting: "cliquet_like.permission.memory"})
