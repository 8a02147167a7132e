"""What an application is told that starts with a wrong value."""

import re

import pytest
from pyramid.exceptions import ConfigurationError

from cliquet_like.settings import SETTINGS
from cliquet_like.settings.setting import Kind
from tests.support import application

WRONG = {
    Kind.FLAG: ["maybe", "2"],
    Kind.COUNT: ["0", "-1", "1.5", "many", "true"],
    Kind.SECONDS: ["-1", "1.5", "soon", "true"],
    Kind.DURATION: ["-0.5", "soon", "nan", "true"],
    Kind.LIMIT: ["-2", "0.5", "few", "false"],
    Kind.PERCENTAGE: ["-1", "100.5", "half", "nan", "true"],
    Kind.SCHEME: ["ht tp", "gopher", "javascript", "HTTP", "None"],
    Kind.HOST: ["a b", "evil/x?", "https://a.example"],
    Kind.DATE: ["tomorrow", "2030-13-01", "soon"],
    Kind.NAMES: ["5", "true", "None"],
    Kind.ORIGINS: [
        *("http://[bad", "https://a.example/", "https://a.example/page", "a.example", "5"),
        *("HTTPS://a.example", "https://", "https://a.example,"),
    ],
}
RIGHT = {
    Kind.FLAG: ["true", "off"],
    Kind.COUNT: ["1", "40"],
    Kind.SECONDS: ["0", "40"],
    Kind.DURATION: ["0", "0.5", "40"],
    Kind.LIMIT: ["-1", "0", "40"],
    Kind.PERCENTAGE: ["0", "12.5", "100"],
    Kind.SCHEME: ["http", "https"],
    Kind.HOST: ["a.example", "a.example:8443", "[::1]:80", "127.0.0.1"],
    Kind.DATE: ["2999-12-31", "29991231", "2999-12-31T12:00:00", "2999-12-31T12:00:00+02:00"],
    Kind.NAMES: [""],
    Kind.ORIGINS: [
        *("*", "null", "https://a.example http://localhost:3000", "https://*.a.example", "*.a.example"),
        *("http*", "http://localhost:*", "moz-extension://*", "https://a.example https://b.example"),
    ],
}
UNCHECKED = {Kind.TEXT, Kind.VALUE}


def name_of(setting):
    """Name of a row, or one that its pattern stands for."""
    return setting.name.replace("<resource>", "notes").replace("<method>", "get")


def cases(values):
    rows = [setting for setting in SETTINGS if setting.kind not in UNCHECKED]
    return [
        pytest.param(name_of(row), value, row, id=f"{row.name}={value}")
        for row in rows
        for value in values[row.kind]
    ]


def test_every_kind_is_checked_or_any_value_is_right():
    assert set(WRONG) == set(RIGHT) == set(Kind) - UNCHECKED


@pytest.mark.parametrize(("name", "value", "row"), cases(WRONG))
def test_a_wrong_value_is_refused_with_name_value_and_what_was_expected(name, value, row):
    with pytest.raises(ConfigurationError) as refusal:
        application({f"cliquet_like.{name}": value})

    assert re.match(rf"Setting {re.escape(name)}: '?{re.escape(value)}'? is ", refusal.value.args[0], re.I)
    assert f"expected {row.kind.value}" in refusal.value.args[0]


@pytest.mark.parametrize(("name", "value", "row"), cases(RIGHT))
def test_a_right_value_starts(name, value, row):
    assert application({f"cliquet_like.{name}": value}).get("/v1/__lbheartbeat__").status_code == 200


@pytest.mark.parametrize("name", [name_of(row.values[2]) for row in cases(WRONG) if "=-1" in row.id])
def test_nothing_is_a_value_of_what_may_be_empty_only(name):
    setting = next(row for row in SETTINGS if name_of(row) == name)

    if setting.optional:
        assert application({f"cliquet_like.{name}": ""})
    else:
        with pytest.raises(ConfigurationError, match=rf"Setting {re.escape(name)}: ''"):
            application({f"cliquet_like.{name}": ""})


def test_a_wrong_value_of_the_environment_is_refused(monkeypatch):
    monkeypatch.setenv("CLIQUET_LIKE_BACKOFF_PERCENTAGE", "150")

    with pytest.raises(
        ConfigurationError, match=r"^Setting backoff_percentage: 150 .* expected a number from 0 to 100"
    ):
        application()


POLICY = "cliquet_like.authentication.BasicAuthAuthenticationPolicy"


def test_a_policy_has_no_variable_of_another_one(monkeypatch):
    monkeypatch.setenv("CLIQUET_LIKE_MULTIAUTH_POLICIES", "basicauth basicauth_two")
    monkeypatch.setenv("CLIQUET_LIKE_MULTIAUTH_POLICY_BASICAUTH_TWO_USE", POLICY)
    monkeypatch.setenv("CLIQUET_LIKE_MULTIAUTH_POLICY_BASICAUTH_REALM", "Shelf")

    settings = application().app.registry.settings

    assert settings["multiauth.policy.basicauth_two.use"] == POLICY
    assert settings["multiauth.policy.basicauth.realm"] == "Shelf"
    assert "multiauth.policy.basicauth.two_use" not in settings


def test_an_option_that_a_policy_does_not_know_is_refused_with_both_names():
    with pytest.raises(ConfigurationError, match=r"Settings multiauth\.policy\.basicauth\.\*: .*'colour'"):
        application({"multiauth.policy.basicauth.colour": "red"})


def test_a_listener_has_no_variable_of_another_one(monkeypatch):
    monkeypatch.setenv("CLIQUET_LIKE_EVENT_LISTENERS", "a a_b")
    for name in ("A", "A_B"):
        monkeypatch.setenv(f"CLIQUET_LIKE_EVENT_LISTENERS_{name}_USE", "cliquet_like.listeners.redis")

    settings = application().app.registry.settings

    assert settings["event_listeners.a.use"] == settings["event_listeners.a_b.use"]
    assert "event_listeners.a.b_use" not in settings
