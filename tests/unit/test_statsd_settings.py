"""From settings to a client of statsd."""

import runpy
import sys
import traceback
from types import SimpleNamespace

import pytest
from pyramid.exceptions import ConfigurationError

from cliquet_like.statsd import Client, connection, load_from_config
from tests.metering import metering


@pytest.fixture
def meter():
    with metering() as meter:
        yield meter


def config_with(**settings):
    return SimpleNamespace(get_settings=lambda: settings)


@pytest.mark.parametrize(
    "url", ["udp://127.0.0.1:{port}", " udp://127.0.0.1:{port}/ ", "UDP://127.0.0.1:{port}"]
)
def test_a_client_is_made_of_settings(meter, url):
    made = load_from_config(config_with(statsd_url=url.format(port=meter.port), statsd_prefix="my.shelf"))

    made.count("books")

    assert meter.lines() == ["my.shelf.books:1|c"]
    made.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8125",
        "127.0.0.1:8125",
        "localhost",
        "udp://127.0.0.1",
        "udp://127.0.0.1:",
        "udp://127.0.0.1:statsd",
        "udp://127.0.0.1:0",
        "udp://127.0.0.1:65536",
        "udp://:8125",
        "udp://[::1:8125",
        "udp://127.0.0.1:8125/shelf",
        "udp://127.0.0.1:8125?a=b",
        "udp://127.0.0.1:8125#a",
        "",
    ],
)
def test_another_url_is_refused_at_start(url):
    with pytest.raises(ConfigurationError) as refused:
        load_from_config(config_with(statsd_url=url))

    assert str(refused.value) == f"Setting statsd_url: {url!r} is no such URL, expected udp://host:port."


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("udp://ada:hunter2@127.0.0.1:8125", "udp://***@127.0.0.1:8125"),
        (" udp://ada:hunter2@127.0.0.1:8125", " udp://***@127.0.0.1:8125"),
        ("udp://:hunter2@127.0.0.1:8125", "udp://***@127.0.0.1:8125"),
        ("udp://hunter2@127.0.0.1:8125", "udp://***@127.0.0.1:8125"),
        ("udp://ada:@hunter2/#?\n@127.0.0.1:8125", "udp://***@127.0.0.1:8125"),
        ("udp://[ada:hunter2@127.0.0.1:8125", "udp://***@127.0.0.1:8125"),
        ("ada:hunter2@127.0.0.1:8125", "***@127.0.0.1:8125"),
        ("http+udp://ada:hunter2@127.0.0.1:8125", "***@127.0.0.1:8125"),
        ("udp://127.0.0.1:8125?password=hunter2", "udp://127.0.0.1:8125?password=***"),
    ],
)
def test_a_refused_url_is_shown_without_its_password(url, shown):
    with pytest.raises(ConfigurationError) as refused:
        load_from_config(config_with(statsd_url=url))

    text = "".join(traceback.format_exception(refused.value))
    assert f"Setting statsd_url: {shown!r} is no such URL" in text
    assert "hunter2" not in text


@pytest.mark.parametrize("prefix", ["my shelf", "a:b", "é", "a|", "a\n", "a" * 101])
def test_another_prefix_is_refused_at_start(prefix):
    with pytest.raises(ConfigurationError, match=r"Setting statsd_prefix: .* expected at most 100 letters"):
        load_from_config(config_with(statsd_url="udp://127.0.0.1:8125", statsd_prefix=prefix))


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsd", None)

    with pytest.raises(ConfigurationError, match=r"statsd_url: .* install cliquet-like\[monitoring\]"):
        load_from_config(config_with(statsd_url="udp://127.0.0.1:8125"))


def test_without_the_package_a_client_of_the_application_s_own_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsd", None)

    with pytest.raises(ConfigurationError, match=r"install cliquet-like\[monitoring\]"):
        Client("127.0.0.1", 8125)


def test_the_package_is_there_for_those_who_ask_for_it():
    from cliquet_like.statsd import statsd_module

    assert statsd_module is sys.modules["statsd"]


def test_without_the_package_there_is_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsd", None)

    from cliquet_like.statsd import statsd_module

    assert statsd_module is None


def test_without_the_package_the_library_can_be_imported(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsd", None)

    module = runpy.run_path(connection.__file__)

    assert issubclass(module["Connection"], object)


def test_another_name_is_no_part_of_the_facade():
    with pytest.raises(ImportError, match="cannot import name 'statsd_modul'"):
        exec("from cliquet_like.statsd import statsd_modul")
