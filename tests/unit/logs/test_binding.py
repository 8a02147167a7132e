"""Which request is being answered."""

import re
import threading
from contextvars import copy_context
from types import SimpleNamespace

import pytest

from cliquet_like.logs import logger
from cliquet_like.logs.binding import answered_request, bind_request, request_id, unbind_request


@pytest.fixture
def request_of_ada():
    registry = SimpleNamespace(log_renderer=lambda logger, method_name, entry: f"shelf {entry}")
    request = SimpleNamespace(environ={"HTTP_X_REQUEST_ID": "abc"}, registry=registry)
    token = bind_request(request)
    yield request
    unbind_request(token)


@pytest.mark.parametrize("sent", ["a", "x" * 128, "01234567-89ab", "AZaz09._:/+-"])
def test_the_id_is_the_one_that_was_sent(sent):
    assert request_id({"HTTP_X_REQUEST_ID": sent}) == sent


@pytest.mark.parametrize(
    "sent",
    [
        None, "", " ", "x" * 129, "a b", " padded ", "a\nb", "a\n", "a\x00", "a\tb", "caf\xe9",
        "\u0661", "\x7f", "a=b", "a'b", 'a"b', "a@b", "a,b", "a;b", "a%20b", "{a}",
        "password:hunter2", "session:hunter2",
    ],
)  # fmt: skip
def test_a_missing_or_unfit_id_is_replaced(sent):
    environ = {} if sent is None else {"HTTP_X_REQUEST_ID": sent}

    made = request_id(environ)

    assert re.fullmatch("[0-9a-f]{32}", made)
    assert request_id(environ) == made
    assert request_id({}) != made


def test_entries_of_a_request_carry_its_id(request_of_ada, caplog):
    logger.warning("careful")

    assert caplog.messages == ["shelf {'event': 'careful', 'rid': 'abc'}"]


def test_an_id_that_an_entry_has_stays(request_of_ada, caplog):
    logger.warning("careful", rid="own")

    assert caplog.messages == ["shelf {'rid': 'own', 'event': 'careful'}"]


def test_another_thread_does_not_know_the_request(request_of_ada):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(answered_request()))

    thread.start()
    thread.join()

    assert seen == [None]


def test_a_thread_in_a_copy_of_the_context_writes_as_its_application_does(request_of_ada, caplog):
    thread = threading.Thread(target=copy_context().run, args=(logger.warning, "careful"))

    thread.start()
    thread.join()

    assert caplog.messages == ["shelf {'event': 'careful', 'rid': 'abc'}"]


def test_afterwards_nothing_is_bound():
    token = bind_request(object())

    unbind_request(token)

    assert answered_request() is None
