"""Settings of the plugin: where they come from, and which are refused."""

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.testing import DummyRequest

import cliquet_like
from cliquet_like_fxa.redirects import AllowedHost
from cliquet_like_fxa.settings import DEFAULT_SETTINGS, SETTINGS, parse_settings, settings_of
from cliquet_like_fxa.utils import fxa_conf

MINIMAL = {"includes": "cliquet_like_fxa", "project_name": "shelf", "userid_hmac_secret": "for tests"}


def started(**settings):
    config = Configurator(settings={**MINIMAL, **{key.replace("__", "."): v for key, v in settings.items()}})
    cliquet_like.initialize(config, version="1.0")
    return config.registry


def fxa(name, value):
    return {f"fxa-oauth.{name}": value}


def test_defaults_are_those_of_the_protocol():
    assert DEFAULT_SETTINGS == {
        "multiauth.policy.fxa.use": "cliquet_like_fxa.authentication.FxAOAuthAuthenticationPolicy",
        "multiauth.policy.fxa.realm": "Realm",
        "fxa-oauth.allowed_client_ids": "",
        "fxa-oauth.cache_ttl_seconds": 300,
        "fxa-oauth.client_id": None,
        "fxa-oauth.client_secret": None,
        "fxa-oauth.heartbeat_timeout_seconds": 3,
        "fxa-oauth.oauth_uri": None,
        "fxa-oauth.pkce.enabled": None,
        "fxa-oauth.relier.enabled": True,
        "fxa-oauth.requested_scope": "profile",
        "fxa-oauth.required_scope": "profile",
        "fxa-oauth.state.bind_to_browser": True,
        "fxa-oauth.state.ttl_seconds": 3600,
        "fxa-oauth.timeout_seconds": 5,
        "fxa-oauth.webapp.authorized_domains": "",
    }


def test_what_is_left_out_is_filled_in():
    settings = started().settings

    assert {name: settings[name] for name in DEFAULT_SETTINGS} == DEFAULT_SETTINGS


def test_texts_of_a_file_become_values():
    registry = started(
        **fxa("cache_ttl_seconds", "0.5"),
        **fxa("relier.enabled", "off"),
        **fxa("required_scope", "a\n  b"),
        **fxa("webapp.authorized_domains", "app.example.com\n*.example.org http://localhost:3000"),
        **fxa("oauth_uri", " https://oauth.example.com/v1/ "),
    )
    request = DummyRequest()
    request.registry = registry

    assert fxa_conf(request, "cache_ttl_seconds") == 0.5
    assert fxa_conf(request, "relier.enabled") is False
    assert fxa_conf(request, "required_scope") == ("a", "b")
    assert fxa_conf(request, "oauth_uri") == "https://oauth.example.com/v1"
    assert fxa_conf(request, "webapp.authorized_domains") == (
        AllowedHost("https", "app.example.com", 443),
        AllowedHost("https", "*.example.org", 443),
        AllowedHost("http", "localhost", 3000),
    )
    with pytest.raises(AttributeError):
        fxa_conf(request, "unknown")


@pytest.mark.parametrize("prefix", ["", "cliquet_like.", "shelf."])
def test_names_may_have_a_prefix(prefix):
    registry = started(**{f"{prefix}fxa-oauth.client_id": "0123456789"})

    assert settings_of(registry).client_id == "0123456789"


@pytest.mark.parametrize("prefix", ["", "CLIQUET_LIKE_", "SHELF_"])
def test_all_may_come_from_the_environment(monkeypatch, prefix):
    values = {
        "OAUTH_URI": "https://oauth.example.com/v1",
        "CLIENT_ID": "5882386012345e12",
        "CLIENT_SECRET": "0x10",
        "REQUIRED_SCOPE": "a b",
        "REQUESTED_SCOPE": "c",
        "ALLOWED_CLIENT_IDS": "5882386012345e12 0x10",
        "CACHE_TTL_SECONDS": "7",
        "TIMEOUT_SECONDS": "1.5",
        "HEARTBEAT_TIMEOUT_SECONDS": "2",
        "RELIER_ENABLED": "false",
        "PKCE_ENABLED": "no",
        "STATE_TTL_SECONDS": "60",
        "STATE_BIND_TO_BROWSER": "off",
        "WEBAPP_AUTHORIZED_DOMAINS": "app.example.com",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"{prefix}FXA_OAUTH_{name}", value)

    read = settings_of(started())

    assert read == parse_settings({
        "fxa-oauth.oauth_uri": "https://oauth.example.com/v1",
        "fxa-oauth.client_id": "5882386012345e12",
        "fxa-oauth.client_secret": "0x10",
        "fxa-oauth.required_scope": ["a", "b"],
        "fxa-oauth.requested_scope": ("c",),
        "fxa-oauth.allowed_client_ids": ["5882386012345e12", "0x10"],
        "fxa-oauth.cache_ttl_seconds": 7,
        "fxa-oauth.timeout_seconds": 1.5,
        "fxa-oauth.heartbeat_timeout_seconds": 2,
        "fxa-oauth.relier.enabled": False,
        "fxa-oauth.pkce.enabled": False,
        "fxa-oauth.state.ttl_seconds": 60,
        "fxa-oauth.state.bind_to_browser": False,
        "fxa-oauth.webapp.authorized_domains": ["app.example.com"],
    })  # fmt: skip


def test_the_policy_too_may_come_from_the_environment(monkeypatch):
    policy = DEFAULT_SETTINGS["multiauth.policy.fxa.use"]
    monkeypatch.setenv("CLIQUET_LIKE_MULTIAUTH_POLICIES", "fxa")
    monkeypatch.setenv("CLIQUET_LIKE_MULTIAUTH_POLICY_FXA_USE", policy)

    assert started().settings["multiauth.policy.fxa.use"] == policy


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS])
def test_no_name_is_taken_for_a_mistake(name, recwarn):
    value = "https://oauth.example.com/v1" if name.endswith("uri") else DEFAULT_SETTINGS[name]

    started(**{f"cliquet_like.{name}": value})

    assert [str(warning.message) for warning in recwarn if "etting" in str(warning.message)] == []


def test_a_name_that_nobody_knows_is_told():
    with pytest.warns(UserWarning, match=r"fxa-oauth\.clientid, did you mean fxa-oauth\.client_id\?"):
        started(**fxa("clientid", "abc"))


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("CLIQUET_LIKE_FXA_OAUTH_CLIENTID", ", did you mean CLIQUET_LIKE_FXA_OAUTH_CLIENT_ID?"),
        ("CLIQUET_LIKE_FXA_OAUTH_STATE_TTL", ", did you mean CLIQUET_LIKE_FXA_OAUTH_STATE_TTL_SECONDS?"),
        ("SHELF_FXA_OAUTH_RELIER_ENABLE", ", did you mean SHELF_FXA_OAUTH_RELIER_ENABLED?"),
        ("CLIQUET_LIKE_FXA_OAUTH_QQQ", "."),
    ],
)
def test_a_variable_that_sets_nothing_is_told_once(monkeypatch, variable, hint):
    monkeypatch.setenv(variable, "5ec3e7")

    with pytest.warns(UserWarning, match=variable) as told:
        started()

    assert [str(warning.message) for warning in told] == [f"Unknown variable {variable}{hint}"]


@pytest.mark.parametrize(
    "variable", ["FXA_OAUTH_CLIENTID", "OTHER_FXA_OAUTH_CLIENTID", "CLIQUET_LIKE_FXA_OAUTH_CLIENT_ID"]
)
def test_a_variable_of_another_program_is_not_told(monkeypatch, recwarn, variable):
    monkeypatch.setenv(variable, "5ec3e7")

    started()

    assert [warning for warning in recwarn if "variable" in str(warning.message)] == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("oauth_uri", "oauth.example.com", "an http or https URL"),
        ("oauth_uri", "ftp://oauth.example.com/v1", "an http or https URL"),
        ("oauth_uri", "https://user:pass@oauth.example.com/v1", "without user"),
        ("oauth_uri", "https://oauth.example.com/v1?a=b", "without user, query"),
        ("oauth_uri", "https://oauth.example.com/v1#a", "fragment"),
        ("oauth_uri", "https:///v1", "URL"),
        ("oauth_uri", "https://:80/v1", "URL"),
        ("oauth_uri", "http://[bad/v1", "URL"),
        ("oauth_uri", "http://[bad]/v1", "URL"),
        ("oauth_uri", "http://[::1::2]/v1", "URL"),
        ("oauth_uri", "http://::1/v1", "URL"),
        ("oauth_uri", "http://h:99999999/v1", "URL"),
        ("oauth_uri", "http://h:65536/v1", "URL"),
        ("oauth_uri", "http://h:0/v1", "URL"),
        ("oauth_uri", "http://h:/v1", "URL"),
        ("oauth_uri", "http://.../v1", "URL"),
        ("oauth_uri", "http://a..b/v1", "URL"),
        ("oauth_uri", "http://" + "a" * 64 + "/v1", "URL"),
        ("oauth_uri", "https://oauth.example.com/a b/v1", "URL"),
        ("oauth_uri", "https://oauth.example.com\\@evil.example/v1", "URL"),
        ("allowed_client_ids", 7, "words"),
        ("required_scope", "", "one or more scopes"),
        ("required_scope", None, "one or more scopes"),
        ("required_scope", 'a "b"', "one or more scopes"),
        ("required_scope", ["a\\b"], "one or more scopes"),
        ("required_scope", 7, "words"),
        ("requested_scope", " ", "one or more scopes"),
        ("cache_ttl_seconds", "-1", "a number of seconds, at least 0"),
        ("cache_ttl_seconds", "soon", "a number of seconds"),
        ("cache_ttl_seconds", None, "a number of seconds"),
        ("cache_ttl_seconds", "1" * 30, "a number of seconds"),
        ("timeout_seconds", "0", "a number of seconds, above 0"),
        ("timeout_seconds", float("nan"), "a number of seconds"),
        ("timeout_seconds", "inf", "a number of seconds"),
        ("heartbeat_timeout_seconds", True, "a number of seconds"),
        ("state.ttl_seconds", 0, "a number of seconds, above 0"),
        ("relier.enabled", "maybe", "true or false"),
        ("pkce.enabled", 1, "true or false"),
        ("state.bind_to_browser", "", "true or false"),
        ("webapp.authorized_domains", "app*.example.com", "a host"),
        ("webapp.authorized_domains", "https://app.example.com/", "a host"),
        ("webapp.authorized_domains", {"app.example.com": 1}, "words"),
    ],
)
def test_a_wrong_value_fails_at_the_start(name, value, expected):
    with pytest.raises(ConfigurationError, match=rf"^Setting fxa-oauth\.{name}: .* expected .*{expected}"):
        started(**fxa(name, value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://oauth.example.com", "https://oauth.example.com/v1"),
        ("https://oauth.example.com/", "https://oauth.example.com/v1"),
        ("https://oauth.example.com/v1//", "https://oauth.example.com/v1"),
        ("https://oauth.example.com/accounts", "https://oauth.example.com/accounts/v1"),
        ("https://oauth.example.com/accounts/v1", "https://oauth.example.com/accounts/v1"),
        ("http://v1", "http://v1/v1"),
        ("HTTPS://OAuth.example.com:443/v1", "https://OAuth.example.com:443/v1"),
        ("http://my_oauth:65535/v1", "http://my_oauth:65535/v1"),
        ("http://127.0.0.1:9010", "http://127.0.0.1:9010/v1"),
        ("http://[::1]:9010/v1", "http://[::1]:9010/v1"),
    ],
)
def test_the_address_of_the_server_ends_in_its_version(value, expected):
    read = parse_settings(fxa("oauth_uri", value))

    assert read.oauth_uri == expected


@pytest.mark.parametrize("value", ["https://oauth.example.com", "https://oauth.example.com/accounts/"])
def test_a_login_goes_to_the_server_that_verifies(value):
    registry = started(**fxa("oauth_uri", value))

    assert settings_of(registry).oauth_uri == registry.fxa_verifier.server.url


def test_the_secret_is_shown_nowhere():
    read = parse_settings({"fxa-oauth.client_secret": "s3cret"})

    assert read.client_secret == "s3cret"
    assert "s3cret" not in repr(read)


@pytest.mark.parametrize("others", [{}, DEFAULT_SETTINGS], ids=["alone", "beside a copy of the defaults"])
def test_the_retired_scope_fills_both(others):
    with pytest.warns(DeprecationWarning, match="requested_scope and fxa-oauth.required_scope"):
        read = settings_of(started(**others, **fxa("scope", "kinto")))

    assert read.required_scope == read.requested_scope == ("kinto",)


def test_the_retired_scope_gives_way_to_what_replaces_it():
    with pytest.warns(DeprecationWarning, match="fxa-oauth.scope is deprecated"):
        read = settings_of(started(**fxa("scope", "old"), **fxa("required_scope", "new")))

    assert (read.required_scope, read.requested_scope) == (("new",), ("old",))


def test_the_retired_scope_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("CLIQUET_LIKE_FXA_OAUTH_SCOPE", "kinto")

    with pytest.warns(DeprecationWarning, match="fxa-oauth.scope is deprecated"):
        assert settings_of(started()).required_scope == ("kinto",)
