"""Entries for errors are told to ``registry.error_reports``, as they were logged, and to nobody else."""

import json
import logging
import sys
import threading
from contextlib import contextmanager
from contextvars import copy_context
from types import SimpleNamespace

import pytest
from pyramid import testing

from cliquet_like.logs import ClassicLogRenderer, JSONLogRenderer, MozillaHekaRenderer, logger
from cliquet_like.logs.binding import bind_request, unbind_request


class Notebook:
    """Notes what it is told."""

    def __init__(self):
        self.notes = []

    def send(self, name, *, level, exception):
        self.notes.append((name, level, exception))

    @property
    def exceptions(self):
        return [exception for _, _, exception in self.notes]


class Clumsy(Notebook):
    """Logs an error and fails, each time that it is told of one."""

    def send(self, name, *, level, exception):
        super().send(name, level=level, exception=exception)
        logger.error("an error of the reporter")
        raise LookupError("the words of the reporter")


@pytest.fixture
def registry():
    with testing.testConfig() as config:
        yield config.registry


@pytest.fixture
def notebook(registry):
    registry.error_reports = Notebook()
    return registry.error_reports


@contextmanager
def answering(**attributes):
    """While the request of an application with such a registry is answered."""
    request = SimpleNamespace(environ={}, registry=SimpleNamespace(**attributes))
    token = bind_request(request)
    yield
    unbind_request(token)


def in_thread(function, *arguments):
    thread = threading.Thread(target=function, args=arguments)
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    ("log", "level"),
    [
        (logger.error, logging.ERROR),
        (logger.exception, logging.ERROR),
        (logger.critical, logging.CRITICAL),
        (logger.fatal, logging.CRITICAL),
        (lambda name: logger.log(logging.ERROR, name), logging.ERROR),
        (logger.bind(size=3).error, logging.ERROR),
    ],
)
def test_an_error_is_told_by_its_name_and_its_level(notebook, log, level):
    log("disk is full")

    assert notebook.notes == [("disk is full", level, None)]


def test_what_is_no_error_is_not_told(notebook, caplog):
    caplog.set_level(logging.DEBUG, "cliquet_like")

    for log in (logger.debug, logger.info, logger.warning):
        log("all is well")

    assert len(caplog.records) == 3
    assert notebook.notes == []


def test_an_error_of_a_level_that_is_off_is_not_told(notebook, caplog):
    caplog.set_level(logging.CRITICAL, "cliquet_like")

    logger.error("disk is full")

    assert notebook.notes == []


def test_an_exception_that_is_given_is_told_even_when_another_one_is_handled(notebook):
    given = KeyError("given")

    try:
        raise LookupError("handled")
    except LookupError:
        logger.error("boom", exc_info=given)
        logger.exception("boom", exc_info=(KeyError, given, None))

    assert notebook.exceptions == [given, given]


@pytest.mark.parametrize("arguments", [{}, {"exc_info": True}, {"exc_info": 1}])
def test_without_one_it_is_the_exception_that_is_handled(notebook, arguments):
    try:
        raise LookupError
    except LookupError as error:
        handled = error
        logger.error("boom", **arguments)

    assert notebook.exceptions == [handled]


@pytest.mark.parametrize("none", [False, None, (None, None, None)])
def test_an_entry_that_says_that_there_is_no_exception_is_told_without(notebook, none):
    try:
        raise LookupError
    except LookupError:
        logger.error("boom", exc_info=none)

    assert notebook.exceptions == [None]


def test_of_a_name_that_is_no_text_the_type_is_told(notebook):
    logger.error(LookupError("the words of a user"))
    logger.error()

    assert [name for name, _, _ in notebook.notes] == ["LookupError", ""]


def test_the_entry_is_written_as_it_would_be_without(registry, caplog):
    error = LookupError("by nothing")
    logger.error("boom", exc_info=error, password="hunter2")
    registry.error_reports = Notebook()

    logger.error("boom", exc_info=error, password="hunter2")

    before, after = caplog.records
    assert before.getMessage() == after.getMessage() == "boom password=***"
    assert before.exc_info[1] is after.exc_info[1] is error


def test_a_request_tells_the_reporter_of_its_application():
    notebook = Notebook()

    with answering(error_reports=notebook):
        logger.error("boom")

    assert len(notebook.notes) == 1


def test_the_current_application_is_told_and_not_the_one_that_asked_it(notebook):
    outer = Notebook()

    with answering(error_reports=outer):
        logger.error("boom")

    assert (len(notebook.notes), outer.notes) == (1, [])


def test_a_thread_in_a_copy_of_the_context_tells_what_its_request_would(caplog):
    notebook = Notebook()

    with answering(error_reports=notebook):
        in_thread(copy_context().run, logger.error, "in a copy")
        in_thread(logger.error, "on its own")

    assert [name for name, _, _ in notebook.notes] == ["in a copy"]
    assert len(caplog.records) == 2


def test_a_reporter_that_fails_is_a_warning_without_its_words_and_the_entry_is_written(registry, caplog):
    registry.error_reports = Clumsy()

    logger.error("disk is full")

    assert [(entry.levelname, entry.getMessage()) for entry in caplog.records] == [
        ("ERROR", "an error of the reporter"),
        ("WARNING", "error report not made cause=LookupError"),
        ("ERROR", "disk is full"),
    ]


def test_a_reporter_that_logs_errors_is_not_told_of_them_but_of_the_next_one(registry):
    registry.error_reports = Clumsy()

    logger.error("first")
    logger.error("second")

    assert [name for name, _, _ in registry.error_reports.notes] == ["first", "second"]


def test_the_errors_of_other_threads_are_told_while_a_report_is_made():
    class Waiting(Notebook):
        def send(self, name, *, level, exception):
            super().send(name, level=level, exception=exception)
            if name == "first":
                in_thread(copy_context().run, logger.error, "second")

    notebook = Waiting()

    with answering(error_reports=notebook):
        logger.error("first")

    assert [name for name, _, _ in notebook.notes] == ["first", "second"]


@pytest.mark.parametrize("renderer", [None, ClassicLogRenderer({})])
def test_a_stack_that_is_asked_for_comes_after_the_line(registry, caplog, renderer):
    registry.log_renderer = renderer

    logger.error("boom", stack_info=True, password="hunter2")

    (record,) = caplog.records
    assert "stack" not in record.getMessage()
    assert sys._getframe().f_code.co_name in record.stack_info
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("renderer", [JSONLogRenderer, MozillaHekaRenderer])
def test_a_stack_that_is_asked_for_is_a_field_of_a_line_for_machines(registry, caplog, renderer):
    registry.log_renderer = renderer({})

    logger.warning("boom", stack_info=True, password="hunter2")

    (record,) = caplog.records
    line = json.loads(record.getMessage())
    stack = line.get("Fields", line)["stack"]
    assert f", in {sys._getframe().f_code.co_name}" in stack.splitlines()[-2]
    assert record.stack_info is None
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("renderer", [ClassicLogRenderer, JSONLogRenderer])
def test_a_stack_that_is_not_asked_for_is_nowhere(registry, caplog, renderer):
    registry.log_renderer = renderer({})

    logger.error("boom", stack_info=False)

    assert "stack" not in caplog.text.lower()
