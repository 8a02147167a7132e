import os

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from cliquet_like.drivers.sqlite.client import client_from_config, refuse_old
from cliquet_like.drivers.sqlite.url import Location, parse_url


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_three_slashes_are_relative_and_four_absolute(tmp_path):
    here = os.path.realpath(tmp_path)

    paths = [parse_url(f"sqlite:///{path}", kind="storage").path for path in ("a/b.db", f"{here}/é %20#.db")]

    assert paths == [f"{here}/a/b.db", f"{here}/é %20#.db"]
    assert os.listdir(tmp_path) == []


def test_by_default_a_write_survives_a_power_cut_and_waits_for_half_a_minute():
    location = parse_url("sqlite:////a.db", kind="storage")

    assert location == Location("/a.db", busy_timeout_ms=30_000, synchronous="full")


def test_options_are_written_after_the_path():
    location = parse_url("sqlite:////a.db?busy_timeout=0&synchronous=NORMAL", kind="storage")

    assert location == Location("/a.db", busy_timeout_ms=0, synchronous="normal")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.db",
        "sqlite:",
        "sqlite://a.db",
        "sqlite://",
        "postgresql://me:secret@host/db",
        "sqlite3:///a.db",
    ],
)
def test_any_other_url_is_refused_with_what_to_write_and_without_its_password(url):
    with pytest.raises(
        ConfigurationError, match=r"^Setting cache_url: .*sqlite:///relative.db or"
    ) as refusal:
        parse_url(url, kind="cache")

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite:///:memory:", "sqlite:///?busy_timeout=1"])
def test_for_memory_there_is_the_memory_backend(url):
    with pytest.raises(
        ConfigurationError, match=r"storage_url.*storage_backend = cliquet_like.storage.memory"
    ):
        parse_url(url, kind="storage")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("mode=ro&cache=shared", "unknown option mode, cache"),
        ("busy_timeout=-1", "busy_timeout is a number"),
        ("busy_timeout=", "busy_timeout is a number"),
        ("busy_timeout=3s", "busy_timeout is a number"),
        ("busy_timeout=9999999999", "busy_timeout is a number"),
        ("synchronous=off", "synchronous is one of full, normal"),
    ],
)
def test_an_option_that_is_not_understood_is_refused(query, reason):
    with pytest.raises(ConfigurationError, match=f"^Setting storage_url: {reason}"):
        parse_url(f"sqlite:///a.db?{query}", kind="storage")


def test_storage_and_cache_in_one_file_share_a_client(tmp_path):
    os.symlink(tmp_path, "link")
    settings = {"storage_url": "sqlite:///a.db", "cache_url": f"sqlite:///{tmp_path}/link/a.db"}
    config = Configurator(settings=settings)

    storage, cache = client_from_config(config, "storage"), client_from_config(config, "cache")

    assert storage is cache
    assert storage is not client_from_config(Configurator(settings=settings), "storage")


def test_one_file_has_no_two_kinds_of_options():
    settings = {"storage_url": "sqlite:///a.db", "cache_url": "sqlite:///a.db?synchronous=normal"}
    config = Configurator(settings=settings)
    client_from_config(config, "storage")

    with pytest.raises(ConfigurationError, match=r"cache_url.*other options"):
        client_from_config(config, "cache")


def test_the_url_is_needed():
    with pytest.raises(ConfigurationError, match="storage_url"):
        client_from_config(Configurator(settings={}), "storage")


@pytest.mark.parametrize("size", ["many", None, 0, "-1"])
def test_the_size_of_the_pool_is_a_positive_number(size):
    config = Configurator(settings={"cache_url": "sqlite:///a.db", "cache_pool_size": size})

    with pytest.raises(ConfigurationError, match="cache_pool_size"):
        client_from_config(config, "cache")


def test_a_library_without_returning_is_refused():
    refuse_old((3, 35, 0))

    with pytest.raises(ConfigurationError, match=r"SQLite 3\.34\.1.*3\.35\.0"):
        refuse_old((3, 34, 1))
