"""What the plugin adds to an application, and what the library knows of it: nothing."""

import logging
import subprocess
import sys

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

import cliquet_like
from cliquet_like.testing.app import MEMORY_SETTINGS
from tests.fxa.signing import app_for, settings_for


def test_it_needs_the_library():
    with pytest.raises(ConfigurationError, match=r"call cliquet_like\.initialize before"):
        Configurator().include("cliquet_like_fxa")


def test_it_may_be_included_by_hand():
    config = Configurator(settings={"userid_hmac_secret": "for tests"})
    cliquet_like.initialize(config, version="1.0", project_name="shelf")

    config.include("cliquet_like_fxa")

    assert "oauth" in config.registry.heartbeats


@pytest.mark.parametrize("relier", [True, False])
def test_clients_see_that_it_is_there(server, relier):
    capability = app_for(server, relier__enabled=relier).get("/v1/").json["capabilities"]["fxa"]

    assert capability["relier"] is relier
    assert capability["description"] == "Sign in with Firefox Accounts, by OAuth bearer tokens."
    assert capability["url"].startswith("https://")


@pytest.fixture
def told(server, caplog):
    """What is logged at the start with other settings than those of a login that works."""

    def start(**others):
        config = Configurator(settings={**MEMORY_SETTINGS, **settings_for(server), **others})
        with caplog.at_level(logging.WARNING):
            cliquet_like.initialize(config, version="1.0")
        return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]

    return start


SAFE = {"fxa-oauth.oauth_uri": "https://oauth.example.com"}
OLD_CACHE = {"cache_backend": "tests.fxa.old_caches"}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({"cache_backend": ""}, "cache_backend"),
        ({"fxa-oauth.client_id": ""}, "fxa-oauth.client_id"),
        ({"fxa-oauth.oauth_uri": "", "fxa-oauth.client_id": ""}, "fxa-oauth.oauth_uri, fxa-oauth.client_id"),
        ({"fxa-oauth.webapp.authorized_domains": ""}, "fxa-oauth.webapp.authorized_domains"),
        ({"fxa-oauth.webapp.authorized_domains": "*"}, "any site gets tokens"),
        ({"fxa-oauth.required_scope": "profile basket"}, "will lack fxa-oauth.required_scope"),
        ({"fxa-oauth.requested_scope": "profile:email"}, "will lack fxa-oauth.required_scope"),
        ({"fxa-oauth.allowed_client_ids": "0123"}, "fxa-oauth.allowed_client_ids: tokens of the login"),
        ({"fxa-oauth.pkce.enabled": True}, "no challenge beside a client_secret"),
        ({"fxa-oauth.oauth_uri": "http://oauth.example.com"}, "whoever is in between reads tokens"),
        ({"fxa-oauth.oauth_uri": "http://192.168.1.7:9010/v1"}, "whoever is in between reads tokens"),
        (OLD_CACHE, "lacks the hook _pop"),
        ({**OLD_CACHE, "statsd_url": "udp://127.0.0.1:8125"}, "lacks the hook _pop"),
    ],
    ids=str,
)
def test_what_a_login_would_not_work_or_be_safe_with_is_logged_at_the_start(told, others, expected):
    (warning,) = told(**others)

    assert expected in warning


@pytest.mark.parametrize(
    "others",
    [
        {},
        SAFE,
        {"fxa-oauth.oauth_uri": "http://accounts.localhost:9010"},
        {"fxa-oauth.oauth_uri": "http://[::1]:9010"},
        {"fxa-oauth.required_scope": "profile:email profile"},
        {"fxa-oauth.client_secret": "", "fxa-oauth.pkce.enabled": True},
        {"statsd_url": "udp://127.0.0.1:8125"},
    ],
    ids=str,
)
def test_nothing_is_logged_where_a_login_works(told, others):
    assert told(**others) == []


def test_a_list_of_clients_with_ones_own_is_nothing_to_be_told(told, server):
    assert told(**{"fxa-oauth.allowed_client_ids": f"0123 {server.client_id}"}) == []


@pytest.mark.parametrize(
    "others",
    [{}, {"statsd_url": "udp://127.0.0.1:8125"}, {"fxa-oauth.relier.enabled": False}],
    ids=str,
)
def test_a_policy_that_was_not_chosen_is_logged_at_the_start(told, others):
    (warning,) = told(**{"multiauth.policies": "basicauth"}, **others)

    assert warning == "Setting multiauth.policies: without fxa, no token of Firefox Accounts opens anything."


POLICY = "cliquet_like_fxa.authentication.FxAOAuthAuthenticationPolicy"
BACKENDS = [f"cliquet_like.initialization.setup_{kind}" for kind in ("storage", "cache", "permission")]


@pytest.mark.parametrize(
    "others",
    [
        {"multiauth.policies": "basicauth fxa"},
        {"multiauth.policies": "mozilla", "multiauth.policy.mozilla.use": POLICY},
        {
            "multiauth.policies": "mozilla",
            "multiauth.policy.mozilla.use": POLICY,
            "statsd_url": "udp://127.0.0.1:8125",
        },
        {"multiauth.policy.fxa.use": "cliquet_like.authentication.BasicAuthAuthenticationPolicy"},
        {"initialization_sequence": BACKENDS},
    ],
    ids=["beside another", "by another name", "measured", "of one's own", "no list of policies"],
)
def test_nothing_is_logged_of_a_policy_that_was_chosen(told, others):
    assert told(**others) == []


@pytest.mark.parametrize(
    ("others", "count"),
    [
        ({"fxa-oauth.oauth_uri": ""}, 0),
        ({"fxa-oauth.required_scope": "basket", "fxa-oauth.pkce.enabled": True, "cache_backend": ""}, 0),
        ({"fxa-oauth.oauth_uri": "http://oauth.example.com"}, 1),
    ],
    ids=str,
)
def test_without_a_login_only_what_concerns_tokens_is_logged(told, others, count):
    assert len(told(**others, **{"fxa-oauth.relier.enabled": False})) == count


@pytest.mark.parametrize(
    "module", ["cliquet_like", "cliquet_like.initialization", "cliquet_like.testing.app"]
)
def test_the_library_does_not_import_it(module):
    script = f"import sys, {module}; print(sorted({{'fxa', 'jwt', 'cliquet_like_fxa'}} & set(sys.modules)))"

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.strip() == "[]"
