"""The table of settings."""

import importlib

import pytest
from pyramid.exceptions import ConfigurationError

from cliquet_like.settings import DEFAULT_SETTINGS, SETTINGS
from cliquet_like.settings.table import find_setting

POOL_SETTINGS = (
    *("url", "pool_size", "maxoverflow", "max_backlog"),
    *("pool_recycle", "pool_timeout", "poolclass"),
)


def test_each_setting_has_one_row_and_a_sentence():
    names = [setting.name for setting in SETTINGS]

    assert len(set(names)) == len(names)
    assert all(setting.help.endswith((".", "only.")) for setting in SETTINGS)


def test_durations_say_their_unit():
    assert all(setting.unit == "seconds" for setting in SETTINGS if "_seconds" in setting.name)


def test_defaults_are_those_of_the_rows():
    assert DEFAULT_SETTINGS["batch_max_requests"] == 25
    assert "vary" not in DEFAULT_SETTINGS
    assert not [name for name in DEFAULT_SETTINGS if "<" in name]


@pytest.mark.parametrize(
    "name", ["id_generator", "logging_renderer", *DEFAULT_SETTINGS["initialization_sequence"]]
)
def test_dotted_defaults_exist(name):
    module, _, attribute = str(DEFAULT_SETTINGS.get(name, name)).rpartition(".")

    assert callable(getattr(importlib.import_module(module), attribute))


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("backoff", "backoff"),
        ("cors_max_age_seconds", "cors_max_age_seconds"),
        ("article_cache_expires_seconds", "<resource>_cache_expires_seconds"),
        ("record_article_put_enabled", "record_<resource>_<method>_enabled"),
        ("multiauth.policy.fxa.use", "multiauth.policy.<policy>.<argument>"),
        ("profiler_enabled", "profiler_enabled"),
        ("event_listeners.push.url", "event_listeners.<name>.<argument>"),
    ],
)
def test_a_name_finds_its_row(name, row):
    assert find_setting(name).name == row


@pytest.mark.parametrize("name", ["back_off", "listener_max_backlog", "statsd_poolclass"])
def test_an_unknown_name_finds_none(name):
    assert find_setting(name) is None


def test_the_settings_of_a_pool_exist_for_each_kind_of_backend():
    rows = {
        kind: {find_setting(f"{kind}_{name}") is None for name in POOL_SETTINGS}
        for kind in ("storage", "cache", "permission")
    }

    assert rows == {"storage": {False}, "cache": {False}, "permission": {False}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("paginate_by", 1),
        ("paginate_by", None),
        ("batch_max_requests", ""),
        ("retry_after_seconds", 0),
        ("backoff", ""),
        ("article_cache_expires_seconds", 60),
        ("readonly", True),
        ("readonly", 0),
        ("readonly", ""),
        ("record_article_put_enabled", "F"),
        ("project_docs", "any text"),
        ("multiauth.policies", "any value"),
        ("storage_maxoverflow", -1),
        ("storage_max_backlog", 0),
        ("cache_max_backlog", ""),
        ("cache_pool_recycle", 3600),
        ("permission_pool_size", 1),
        ("cache_pool_timeout", 0),
        ("storage_poolclass", "any.dotted.name"),
    ],
)
def test_a_row_takes_values_of_its_kind(name, value):
    find_setting(name).check(name, value)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("paginate_by", "abc", "a whole number of at least 1, or nothing"),
        ("paginate_by", 0, "at least 1"),
        ("batch_max_requests", -1, "at least 1"),
        ("storage_max_fetch_size", None, r"at least 1\.$"),
        ("backoff", -1, "seconds"),
        ("backoff", 1.5, "seconds"),
        ("retry_after_seconds", True, r"at least 0\.$"),
        ("article_cache_expires_seconds", "abc", "seconds"),
        ("collection_article_get_enabled", "maybe", "true or false"),
        ("readonly", 2, "true or false"),
        ("readonly", [], "true or false"),
        ("storage_pool_size", 0, r"at least 1\.$"),
        ("cache_pool_size", None, r"at least 1\.$"),
        ("permission_pool_size", "some", r"at least 1\.$"),
        ("storage_maxoverflow", -2, "at least 0, or -1 for no limit, or nothing"),
        ("cache_max_backlog", "many", "-1 for no limit"),
        ("storage_pool_recycle", 0.5, "at least 0"),
        ("storage_pool_timeout", -1, "seconds"),
        ("retry.attempts", 0, r"at least 1\.$"),
    ],
)
def test_a_row_refuses_other_values(name, value, expected):
    with pytest.raises(ConfigurationError, match=rf"^Setting {name}: .* expected .*{expected}"):
        find_setting(name).check(name, value)


def test_every_default_is_of_its_own_kind():
    for name, value in DEFAULT_SETTINGS.items():
        find_setting(name).check(name, value)
