"""A renderer of an application that fails costs neither the entry nor the answer."""

import json
import logging
from types import SimpleNamespace

import pytest
import structlog

from cliquet_like.logs import JSONLogRenderer, logger
from cliquet_like.logs.binding import bind_request, unbind_request
from tests.support import ALICE, application

RECORD = "/v1/notes/6ba7b810-9dad-41d1-80b4-00c04fd430c8"


class Raising:
    """Renderer as others write them: it takes what it shows out of the entry."""

    def __init__(self, settings):
        """Take nothing."""

    def __call__(self, logger, method_name, event_dict):
        event_dict.clear()
        raise LookupError("no template for password=hunter2")


class OfMachines(Raising):
    """Renderer that shows tracebacks itself."""

    keeps_traceback = True


class Silent(JSONLogRenderer):
    """Renderer that leaves some entries out, as structlog has it."""

    def __call__(self, logger, method_name, event_dict):
        if event_dict["event"] == "request.summary":
            raise structlog.DropEvent
        return super().__call__(logger, method_name, event_dict)


def shelf(renderer):
    settings = {
        "logging_renderer": f"{__name__}.{renderer.__name__}",
        "permission_backend": "cliquet_like.permission.memory",
    }
    return application(settings, setup=lambda config: config.scan("tests.resources.notes"))


@pytest.fixture(params=[Raising, OfMachines])
def registry(request):
    registry = SimpleNamespace(log_renderer=request.param({}))
    token = bind_request(SimpleNamespace(registry=registry, environ={}))
    yield registry
    unbind_request(token)


def test_what_was_committed_is_answered(caplog):
    caplog.set_level(logging.INFO)
    app = shelf(Raising)

    created = app.put_json(RECORD, {"data": {"text": "a"}}, headers=ALICE)
    read = app.get(RECORD, headers=ALICE)

    assert (created.status_code, read.json["data"]["text"]) == (201, "a")
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO", "INFO"]
    assert f'PUT   {RECORD}"' in caplog.messages[1]
    assert " 201 (" in caplog.messages[1]
    assert " request.summary " in caplog.messages[1]


def test_each_application_says_so_once(caplog):
    caplog.set_level(logging.INFO)

    for app in (shelf(Raising), shelf(OfMachines)):
        for _ in range(3):
            app.get("/v1/")

    first, second = (line for line in caplog.messages if "log renderer failed" in line)
    assert "renderer=Raising" in first
    assert "renderer=OfMachines" in second
    assert len(caplog.messages) == 8


@pytest.mark.usefixtures("registry")
def test_the_failure_comes_with_its_traceback_and_without_secrets(caplog):
    logger.warning("careful", size=3)

    failure, entry = caplog.records
    assert "test_raising_renderer.py" in caplog.text
    assert "LookupError: no template for password=***" in caplog.text
    assert "log renderer failed" in failure.getMessage()
    assert "careful" in entry.getMessage()
    assert "size=3" in entry.getMessage()


def test_an_entry_that_a_renderer_leaves_out_is_no_failure(caplog):
    caplog.set_level(logging.INFO)

    answer = shelf(Silent).get("/v1/")
    logger.info("next")

    assert answer.status_code == 200
    assert caplog.messages == ["next"]


def test_a_renderer_that_fails_for_one_entry_writes_the_next(caplog):
    class Choosy(JSONLogRenderer):
        def __call__(self, logger, method_name, event_dict):
            return super().__call__(logger, method_name, {"size": event_dict["size"], **event_dict})

    token = bind_request(SimpleNamespace(registry=SimpleNamespace(log_renderer=Choosy({})), environ={}))
    logger.warning("first")
    logger.warning("second", size=3)
    unbind_request(token)

    assert "first" in caplog.messages[1]
    assert json.loads(caplog.messages[2])["size"] == 3
