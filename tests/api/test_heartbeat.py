"""GET /__heartbeat__ and /__lbheartbeat__."""

import pytest

from cliquet_like.drivers.errors import BackendError
from tests.support import application


def with_ping(ping):
    def setup(config):
        config.registry.heartbeats = {"it": ping}

    return application(setup=setup)


def test_every_backend_is_asked():
    assert application().get("/v1/__heartbeat__").json == {"storage": True, "cache": True}


def test_nothing_to_ask_is_fine():
    assert application({"storage_backend": "", "cache_backend": ""}).get("/v1/__heartbeat__").json == {}


@pytest.mark.parametrize("value", [True, None, "fine"])
def test_what_does_not_fail_is_fine(value):
    response = with_ping(lambda request: value).get("/v1/__heartbeat__")

    assert response.json == {"it": value}


@pytest.mark.parametrize("value", [False, 0, ""])
def test_what_fails_is_unavailable(value):
    response = with_ping(lambda request: value).get("/v1/__heartbeat__", status=503)

    assert response.json == {"it": value}
    assert response.headers["Retry-After"] == "30"


@pytest.mark.parametrize("error", [BackendError(message="gone"), RuntimeError("a mistake")])
def test_what_raises_has_failed_and_is_logged(caplog, error):
    def ping(request):
        raise error

    response = with_ping(ping).get("/v1/__heartbeat__", status=503)

    assert response.json == {"it": False}
    assert "heartbeat failed" in caplog.text


def test_the_load_balancer_asks_no_backend():
    response = with_ping(lambda request: False).get("/v1/__lbheartbeat__")

    assert (response.status_code, response.json) == (200, {})
