"""What the plugin adds to an application, and what the library knows of it: nothing."""

import logging
import subprocess
import sys

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

import cliquet_like
from tests.fxa.signing import app_for, make_app, settings_for


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


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({}, None),
        ({"cache_backend": ""}, "cache_backend"),
        ({"fxa-oauth.client_id": ""}, "fxa-oauth.client_id"),
        ({"fxa-oauth.oauth_uri": "", "fxa-oauth.client_id": ""}, "fxa-oauth.oauth_uri, fxa-oauth.client_id"),
        ({"fxa-oauth.webapp.authorized_domains": ""}, "fxa-oauth.webapp.authorized_domains"),
        ({"fxa-oauth.webapp.authorized_domains": "*"}, "any site gets tokens"),
        ({"fxa-oauth.oauth_uri": "", "fxa-oauth.relier.enabled": False}, None),
    ],
    ids=range(7),
)
def test_what_a_login_would_not_work_with_is_logged_at_the_start(server, caplog, others, expected):
    with caplog.at_level(logging.WARNING):
        make_app(settings_for(server) | others)

    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == (0 if expected is None else 1)
    assert expected is None or expected in warnings[0]


@pytest.mark.parametrize(
    "module", ["cliquet_like", "cliquet_like.initialization", "cliquet_like.testing.app"]
)
def test_the_library_does_not_import_it(module):
    script = f"import sys, {module}; print(sorted({{'fxa', 'jwt', 'cliquet_like_fxa'}} & set(sys.modules)))"

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.strip() == "[]"
