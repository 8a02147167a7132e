"""From settings to a client of statsd."""

import runpy
import sys
from types import SimpleNamespace

import pytest
from pyramid.exceptions import ConfigurationError

from cliquet_like import statsd
from cliquet_like.statsd import load_from_config
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
    client = load_from_config(config_with(statsd_url=url.format(port=meter.port), statsd_prefix="my.shelf"))

    client.count("books")

    assert meter.lines() == ["my.shelf.books:1|c"]
    client.close()


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
        "udp://ada@127.0.0.1:8125",
        8125,
    ],
)
def test_another_url_is_refused_at_start(url):
    with pytest.raises(ConfigurationError) as refused:
        load_from_config(config_with(statsd_url=url))

    assert str(refused.value) == f"Setting statsd_url: {url!r} is no such URL, expected udp://host:port."


@pytest.mark.parametrize("prefix", ["my shelf", "a:b", "é", "a|", "a\n", "a" * 101])
def test_another_prefix_is_refused_at_start(prefix):
    with pytest.raises(ConfigurationError, match=r"Setting statsd_prefix: .* expected at most 100 letters"):
        load_from_config(config_with(statsd_url="udp://127.0.0.1:8125", statsd_prefix=prefix))


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsd", None)
    module = runpy.run_path(statsd.__file__)

    with pytest.raises(ConfigurationError, match=r"statsd_url: .* install cliquet-like\[monitoring\]"):
        module["load_from_config"](config_with(statsd_url="udp://127.0.0.1:8125"))

    assert module["statsd_module"] is None
