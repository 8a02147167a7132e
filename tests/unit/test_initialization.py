"""Start-up: versions, steps, backends, plugins."""

import sys
import types

import pytest
from pyramid import testing
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.httpexceptions import HTTPConflict
from pyramid.request import apply_request_extensions
from webtest import TestApp

import cliquet_like
from cliquet_like import DEFAULT_SETTINGS
from cliquet_like.authentication import BasicAuthAuthenticationPolicy
from cliquet_like.cache.memory import Cache
from cliquet_like.logs import MozillaHekaRenderer
from cliquet_like.storage.generators import UUID4
from cliquet_like.storage.memory import Storage
from tests.support import SETTINGS, application


def configured(settings=None, **arguments):
    config = Configurator(settings={**SETTINGS, **(settings or {})})
    cliquet_like.initialize(config, **{"version": "0.0.1", "project_name": "shelf", **arguments})
    return config


@pytest.fixture
def module():
    """A module of an application, importable as ``shelf_plugin`` while the test runs."""
    made = types.ModuleType("shelf_plugin")
    sys.modules["shelf_plugin"] = made
    yield made
    del sys.modules["shelf_plugin"]


def test_the_argument_gives_the_version():
    config = configured()

    settings = config.get_settings()
    assert (settings["project_version"], settings["http_api_version"]) == ("0.0.1", "0.0")
    assert config.route_prefix == config.registry.route_prefix == "v0"


@pytest.mark.parametrize(
    "spelled", ["project_version", "cliquet_like.project_version", "shelf.project_version"]
)
def test_the_settings_win_over_the_argument(spelled):
    config = configured({spelled: "2.10.1"})

    settings = config.get_settings()
    assert (settings["project_version"], settings["http_api_version"]) == ("2.10.1", "2.10")
    assert config.route_prefix == "v2"


def test_the_version_of_the_api_may_be_another():
    assert configured({"http_api_version": "7.1"}).route_prefix == "v7"


def test_there_must_be_a_version():
    with pytest.raises(ConfigurationError, match="version"):
        configured(version=None)


@pytest.mark.parametrize("version", ["abc", "a/b", "1a.0", "v1.0", ".1"])
def test_a_version_starts_with_a_number(version):
    with pytest.raises(ConfigurationError, match=rf"Argument version: '{version}' is no version, expected"):
        configured(version=version)


@pytest.mark.parametrize(("version", "prefix"), [("1", "v1"), ("12.x", "v12")])
def test_the_urls_carry_that_number(version, prefix):
    assert configured(version=version).route_prefix == prefix


def test_a_policy_without_class_is_a_module(module):
    def includeme(config):
        config.set_authentication_policy(BasicAuthAuthenticationPolicy())

    module.includeme = includeme
    with pytest.warns(DeprecationWarning, match="security polic"):
        config = configured({"multiauth.policies": "shelf_plugin"})

    assert TestApp(config.make_wsgi_app()).get("/v0/__lbheartbeat__").json == {}


def test_there_should_be_a_project_name():
    with pytest.warns(UserWarning, match="project_name"):
        config = configured(project_name="")

    assert config.get_settings()["project_name"] == ""


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"cliquet_like.project_name": "a", "project_name": "b"}, "a"),
        ({"project_name": "b"}, "b"),
        ({}, "shelf"),
    ],
)
def test_the_project_name_of_the_settings_wins(settings, name):
    assert configured(settings).get_settings()["project_name"] == name


def test_default_settings_stand_between_ours_and_the_application_s():
    own = {"cliquet_like.paginate_by": 5, "shelf.backoff": 6, "project_version": "3.1"}

    settings = configured({"shelf.backoff": "7"}, default_settings=own, version=None).get_settings()

    assert (settings["paginate_by"], settings["backoff"], settings["project_version"]) == (5, 7, "3.1")
    assert settings["retry_after_seconds"] == 30


def test_a_mistyped_setting_is_told():
    with pytest.warns(UserWarning, match="did you mean cliquet_like.backoff"):
        configured({"cliquet_like.back_off": 3})


def test_a_name_of_the_application_s_own_defaults_is_no_mistake(recwarn):
    configured({"cliquet_like.shelves": 3}, default_settings={"shelves": 2})

    assert list(recwarn) == []


def test_including_alone_works():
    with testing.testConfig(settings=DEFAULT_SETTINGS) as config:
        cliquet_like.includeme(config)
        config.registry.settings["version_prefix_redirect_enabled"] = True

        app = TestApp(config.make_wsgi_app())

        assert app.get("/__lbheartbeat__").json == {}
        assert app.get("/x", status=404).json["errno"] == 111
        assert app.get("/x/").headers["Location"] == "http://localhost/x"


def test_the_defaults_are_never_changed():
    before = dict(DEFAULT_SETTINGS)

    with testing.testConfig(settings=DEFAULT_SETTINGS) as config:
        cliquet_like.includeme(config)
        config.get_settings()["backoff"] = 3

    assert before == DEFAULT_SETTINGS
    assert "handle_exceptions" not in DEFAULT_SETTINGS


def test_backends_are_in_the_registry_with_their_heartbeats():
    registry = configured().registry

    assert isinstance(registry.storage, Storage)
    assert isinstance(registry.cache, Cache)
    assert isinstance(registry.id_generator, UUID4)
    assert set(registry.heartbeats) == {"storage", "cache"}


def test_no_backend_is_nowhere():
    registry = configured({"storage_backend": "", "cache_backend": ""}).registry

    assert not hasattr(registry, "storage")
    assert not hasattr(registry, "cache")
    assert registry.heartbeats == {}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("storage_backend", "cliquet_like.cache.memory"),
        ("cache_backend", "cliquet_like.storage.memory"),
        ("storage_backend", "nowhere.at.all"),
        ("storage_backend", "os"),
        ("cache_backend", ".relative"),
        ("id_generator", "nowhere.at.all"),
        ("id_generator", "os"),
        ("initialization_sequence", "nowhere.at.all"),
        ("initialization_sequence", "os"),
        ("includes", "nowhere.at.all"),
        ("logging_renderer", "..."),
        ("logging_renderer", "os"),
        ("storage_backend", "..."),
        ("multiauth.groupfinder", "nowhere.at.all"),
        ("multiauth.groupfinder", ""),
        ("multiauth.authorization_policy", "nowhere.at.all"),
        ("multiauth.policy.basicauth.use", "nowhere.at.all"),
        ("http_api_version", "abc"),
        ("paginate_by", "abc"),
        ("paginate_by", "-1"),
        ("batch_max_requests", "-1"),
        ("storage_max_fetch_size", "abc"),
        ("cors_max_age_seconds", "x"),
        ("article_cache_expires_seconds", "abc"),
        ("retry_after_seconds", "x"),
        ("backoff", "abc"),
        ("readonly", "maybe"),
        ("transaction_per_request", "nah"),
        ("record_article_put_enabled", "maybe"),
        ("trailing_slash_redirect_enabled", "maybe"),
        ("http_host", "evil/x?"),
        ("eos", "tomorrow"),
    ],
)
def test_what_cannot_be_set_up_is_refused_by_name(setting, value):
    with pytest.raises(ConfigurationError, match=f"Setting {setting}"):
        configured({setting: value})


def test_log_lines_are_as_the_setting_says():
    registry = configured({"logging_renderer": "cliquet_like.logs.MozillaHekaRenderer"}).registry

    assert isinstance(registry.log_renderer, MozillaHekaRenderer)
    assert registry.log_renderer.project_name == "shelf"


def test_an_empty_secret_is_told(caplog):
    configured({"userid_hmac_secret": ""})

    assert "userid_hmac_secret" in caplog.text


def test_nobody_minds_a_secret_that_is_not_used(caplog):
    configured({"userid_hmac_secret": "", "multiauth.policies": ""})

    assert caplog.text == ""


def test_steps_are_those_of_the_setting(module):
    module.setup = lambda config: config.registry.__dict__.update(stepped=True)

    config = configured({"initialization_sequence": "shelf_plugin.setup"})

    assert config.registry.stepped
    assert not hasattr(config.registry, "storage")


def test_plugins_come_after_the_steps_and_win(module):
    def includeme(config):
        module.saw_storage = config.registry.storage
        cliquet_like.load_default_settings(config, {"shelf.size": 3})
        config.add_request_method(lambda request: {"id": "mine"}, name="get_user_info")

    module.includeme = includeme
    config = configured({"includes": "shelf_plugin", "cliquet_like.size": 4})
    config.add_route("who", "/who")
    config.add_view(lambda request: request.get_user_info(), route_name="who", renderer="json")

    assert TestApp(config.make_wsgi_app()).get("/v0/who").json == {"id": "mine"}
    assert isinstance(module.saw_storage, Storage)
    assert config.get_settings()["size"] == 4


def test_a_capability_is_told_once():
    config = configured()
    config.add_api_capability("flush", description="Empties.", url="https://x.example", since=3)

    with pytest.raises(ValueError, match="flush"):
        config.add_api_capability("flush")

    assert config.registry.api_capabilities == {
        "flush": {"description": "Empties.", "url": "https://x.example", "since": 3}
    }


@pytest.mark.parametrize("enabled", [True, False])
def test_transactions_are_there_when_they_are_wanted(enabled):
    def setup(config):
        config.add_route("tm", "/tm")
        config.add_view(lambda request: hasattr(request, "tm"), route_name="tm", renderer="json")

    assert application({"transaction_per_request": enabled}, setup=setup).get("/v1/tm").json is enabled


def test_a_request_shares_its_bound_data_with_its_children():
    def view(request):
        child = request.blank("/")
        child.registry, child.parent = request.registry, request
        apply_request_extensions(child)
        child.bound_data["a"] = 1
        return [request.bound_data, request.current_resource_name, request.current_service is None]

    def setup(config):
        config.add_route("bound", "/bound")
        config.add_view(view, route_name="bound", renderer="json")

    assert application(setup=setup).get("/v1/bound").json == [{"a": 1}, None, True]


def test_what_a_tween_outside_of_ours_raises_is_answered(module):
    def factory(handler, registry):
        def tween(request):
            raise HTTPConflict

        return tween

    module.tween = factory

    def setup(config):
        config.add_tween(
            "shelf_plugin.tween",
            under="cliquet_like.initialization.transport.transport_tween_factory",
            over="pyramid.tweens.excview_tween_factory",
        )

    response = application(setup=setup).get("/v1/", status=409)

    assert response.json["code"] == 409
