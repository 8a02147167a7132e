"""The table of settings."""

import importlib

import pytest

from cliquet_like.settings import DEFAULT_SETTINGS, SETTINGS
from cliquet_like.settings.table import find_setting


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
        ("record_article_put_enabled", "<type>_<resource>_<method>_enabled"),
        ("multiauth.policy.fxa.use", "multiauth.policy.<policy>.<argument>"),
        ("profiler_enabled", "profiler_enabled"),
        ("event_listeners.push.url", "event_listeners.<name>.<argument>"),
    ],
)
def test_a_name_finds_its_row(name, row):
    assert find_setting(name).name == row


def test_an_unknown_name_finds_none():
    assert find_setting("back_off") is None
