"""What a start says of a setting that names something of the wrong kind, or nothing at all."""

import sys
import types

import pytest
from pyramid.exceptions import ConfigurationError

from cliquet_like.authentication import BasicAuthAuthenticationPolicy
from cliquet_like.initialization import install_middlewares
from tests.support import application

MODULE = "shelf_of_mistakes"
RENDERER = "expected a class or function that takes the settings and gives a renderer, as in cliquet_like"
KNOWING = "expected a class of authentication policies, as in cliquet_like.authentication"
DECIDING = "expected a class of authorization policies, as in cliquet_like.authorization"
NAMED = "expected names that have multiauth.policy.NAME.use, or modules to include"
DOTTED = "expected a dotted name, as in package.module.name"


@pytest.fixture
def module(monkeypatch):
    """A module of an application, importable under the name ``MODULE``."""
    made = types.ModuleType(MODULE)
    monkeypatch.setitem(sys.modules, MODULE, made)
    return made


def refused(**settings):
    with pytest.raises(ConfigurationError) as refusal:
        application(settings)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("logging_renderer", "builtins.dict", f"gives dict without __call__, {RENDERER}"),
        ("logging_renderer", "builtins.int", f"cannot be used (TypeError), {RENDERER}"),
        ("logging_renderer", "", f"is no dotted name, {DOTTED}"),
        ("id_generator", "builtins.dict", "gives dict without __call__, match, expected a class of"),
        ("multiauth.authorization_policy", "builtins.int", f"gives int without permits, {DECIDING}"),
        ("multiauth.authorization_policy", "builtins.getattr", f"cannot be used (TypeError), {DECIDING}"),
        ("multiauth.authorization_policy", "", f"is no dotted name, {DOTTED}"),
        ("multiauth.policies", "nope", f"cannot be imported (No module named 'nope'), {NAMED}"),
        ("multiauth.policies", "json", f"has no includeme, {NAMED}"),
        ("storage_poolclass", "nowhere.Pool", "cannot be imported (No module named 'nowhere'), expected the"),
        ("storage_poolclass", "builtins.int", "is no such class, expected one of sqlalchemy.pool.QueuePool"),
        ("cache_backend", "cliquet_like.storage.memory", "is no backend for cache, expected a module of"),
        ("cache_backend", "json", "is no backend, it has no load_from_config, expected a module of"),
    ],
)
def test_what_is_named_is_refused_with_the_reason_and_what_was_expected(setting, value, reason):
    backend = {
        "storage_backend": "cliquet_like.storage.postgresql",
        "storage_url": "postgresql://127.0.0.1/x",
    }
    others = backend if setting == "storage_poolclass" else {}

    message = refused(**others, **{setting: value})

    shown = "<class 'int'>" if reason.startswith("is no such class") else repr(value)
    assert message.startswith(f"Setting {setting}: {shown} {reason}")


def test_a_refusal_shows_no_other_setting(module):
    module.render = lambda settings: dict(settings)

    message = refused(logging_renderer=f"{MODULE}.render", userid_hmac_secret="5ec3e7")

    assert "gives dict without __call__" in message
    assert "5ec3e7" not in message


def test_a_renderer_that_says_by_itself_what_is_wrong_is_heard(module):
    def render(settings):
        raise ConfigurationError("Setting colour: 'plaid' is none.")

    module.render = render

    assert refused(logging_renderer=f"{MODULE}.render") == "Setting colour: 'plaid' is none."


def test_what_is_made_for_a_policy_must_be_one():
    use = "multiauth.policy.basicauth.use"

    message = refused(**{use: "builtins.int"})

    lacking = "authenticated_userid, effective_principals, remember, forget"
    assert f"Setting {use}: 'builtins.int' gives int without {lacking}, {KNOWING}" in message


def test_an_option_with_a_wrong_value_is_refused_with_the_names_of_its_settings(module):
    class Policy(BasicAuthAuthenticationPolicy):
        def __init__(self, size):
            super().__init__()
            self.size = int(size)

    module.Policy = Policy

    message = refused(
        **{"multiauth.policy.basicauth.use": f"{MODULE}.Policy", "multiauth.policy.basicauth.size": "huge"}
    )

    assert "Settings multiauth.policy.basicauth.*: no policy can be made of them: invalid literal" in message


def test_a_policy_with_options_needs_a_class():
    message = refused(**{"multiauth.policies": "ldap", "multiauth.policy.ldap.realm": "Shelf"})

    assert message.startswith(f"Setting multiauth.policy.ldap.use: it is missing, {KNOWING}")


def test_without_policies_everybody_is_anonymous():
    app = application({"multiauth.policies": ""})

    answer = app.get("/v1/", headers={"Authorization": "Basic YWxpY2U6c2VjcmV0"})

    assert "user" not in answer.json


@pytest.mark.parametrize(
    ("settings", "start"),
    [
        ({"project_version": "abc"}, "Setting project_version: 'abc' is no version"),
        (
            {"project_version": "1.0", "http_api_version": "x.1"},
            "Setting http_api_version: 'x.1' is no version",
        ),
    ],
)
def test_a_version_is_refused_by_the_name_that_was_written(settings, start):
    assert refused(**settings).startswith(f"{start}, expected a number first, as in 1.0.")


def test_the_size_of_a_listener_s_pool_is_refused_with_an_example():
    message = refused(
        **{
            "event_listeners": "q",
            "event_listeners.q.use": "cliquet_like.listeners.redis",
            "event_listeners.q.pool_size": "x",
        }
    )

    name = "Setting event_listeners.q.pool_size"
    assert message == f"{name}: 'x' is no such value, expected a number of at least 1, as in 25."


def listening(module, resources):
    """Settings of a listener for these resources."""
    module.load_from_config = lambda config, prefix: print
    return {
        "event_listeners": "q",
        "event_listeners.q.use": MODULE,
        "event_listeners.q.resources": resources,
        "storage_backend": "cliquet_like.storage.memory",
        "permission_backend": "cliquet_like.permission.memory",
    }


def scan(config):
    config.scan("tests.resources")


def test_a_listener_for_a_resource_that_is_not_there_is_warned_of(module):
    expected = r"Setting event_listeners\.q\.resources: 'nope' is no resource .* expected some of .*\bnote\b"

    with pytest.warns(UserWarning, match=expected) as warned:
        application(listening(module, "note nope"), setup=scan)

    assert len(warned) == 1


def test_a_listener_of_an_application_without_resources_is_warned_of(module):
    with pytest.warns(UserWarning, match="'note' is no resource .*, expected nothing, for there is none"):
        application(listening(module, "note"))


def test_a_listener_for_resources_that_are_there_is_not_warned_of(module, recwarn):
    application(listening(module, "note"), setup=scan)

    assert list(recwarn) == []


@pytest.fixture
def agent(monkeypatch):
    """A module that is imported in place of New Relic's agent, which would instrument the process."""
    made = types.ModuleType("newrelic.agent")
    made.initialize = lambda config, environment: None
    made.WSGIApplicationWrapper = lambda app: ("wrapped", app)
    monkeypatch.setitem(sys.modules, "newrelic", types.ModuleType("newrelic"))
    monkeypatch.setitem(sys.modules, "newrelic.agent", made)


@pytest.mark.usefixtures("agent")
def test_a_file_without_anything_for_new_relic_is_refused(tmp_path):
    config = tmp_path / "other.ini"
    config.write_text("[newrelic:staging]\nlicense_key = 5ec3e7\n")

    with pytest.raises(ConfigurationError) as refusal:
        install_middlewares(object(), {"newrelic_config": str(config), "newrelic_env": "production"})

    assert str(refusal.value) == (
        f"Setting newrelic_config: {str(config)!r} has nothing for the agent, "
        "expected a file with the section [newrelic] or [newrelic:production]."
    )


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ini", "[newrelic]\n"),
        ("a.ini", "[newrelic:production]\n"),
        ("a.toml", "[tool.newrelic]\n"),
    ],
    ids=["common", "environment", "toml"],
)
def test_a_file_with_something_for_new_relic_is_used(tmp_path, name, text):
    config = tmp_path / name
    config.write_text(text)
    app = object()

    wrapped = install_middlewares(app, {"newrelic_config": str(config), "newrelic_env": "production"})

    assert wrapped == ("wrapped", app)


def test_what_belongs_to_a_part_that_is_off_is_not_looked_at():
    app = application({"statsd_prefix": "a b", "statsd_url": "", "profiler_dir": "/nowhere"}).app

    assert install_middlewares(app) is app
