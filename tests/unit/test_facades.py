"""Names that applications import, where they import them."""

import importlib

import pytest

import cliquet_like


@pytest.mark.parametrize(
    "module",
    [
        "cliquet_like",
        "cliquet_like.authorization",
        "cliquet_like.initialization",
        "cliquet_like.schema",
        "cliquet_like.settings",
        "cliquet_like.utils",
    ],
)
def test_each_promised_name_is_there(module):
    facade = importlib.import_module(module)

    assert [name for name in facade.__all__ if not hasattr(facade, name)] == []


def test_the_protocol_is_version_2():
    assert cliquet_like.PROTOCOL_VERSION == "2"


def test_no_middleware_is_installed_unasked():
    app = object()

    assert cliquet_like.install_middlewares(app) is app
    assert cliquet_like.install_middlewares(app, {"profiler_enabled": False}) is app
