"""Log entries as lines."""

import json
import logging

import pytest
from pyramid import testing

from cliquet_like.logs import ClassicLogRenderer, JSONLogRenderer, MozillaHekaRenderer, logger

classic = ClassicLogRenderer({})


def plain(line):
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[33m", "\x1b[35m", "\x1b[36m"):
        line = line.replace(code, "")
    return line


def heka(method_name="info", **entry):
    return json.loads(MozillaHekaRenderer({"project_name": "shelf"})(None, method_name, entry))


def test_a_request_comes_before_its_event():
    entry = {"method": "GET", "path": "/v1/", "querystring": {"a": "b"}, "code": 200, "t": 3}

    line = classic(None, "info", {**entry, "event": "hello", "agent": "curl"})

    assert plain(line) == '"GET   /v1/?a=b" 200 (3 ms) hello agent=curl'


def test_a_question_mark_stands_for_what_is_missing():
    line = classic(None, "info", {"path": "/v1/"})

    assert plain(line) == '"?     /v1/" ? (? ms) ?'


def test_there_is_no_request_without_a_path():
    line = classic(None, "info", {"event": "hello", "code": 3})

    assert plain(line) == "hello code=3"


def test_a_query_may_be_text():
    line = classic(None, "info", {"path": "/", "querystring": "a=b", "event": "e"})

    assert "/?a=b" in line


def test_nobody_forges_a_line():
    line = classic(None, "info", {"event": "login", "user": "ada\nroot \x1b[2J", "raw": b"\xff\n"})

    assert "\n" not in line
    assert "ada\\nroot \\x1b[2J" in line


def test_the_entry_is_not_changed():
    entry = {"path": "/", "event": "e"}

    classic(None, "info", entry)
    heka(**entry)

    assert entry == {"path": "/", "event": "e"}


def test_heka_has_the_standard_keys(monkeypatch):
    monkeypatch.setenv("HOSTNAME", "turing")

    line = heka("error", event="boom", answer=42)

    assert line["Timestamp"] > 1_700_000_000_000_000_000
    assert {key: line[key] for key in ("Logger", "Type", "Hostname", "Severity", "EnvVersion")} == {
        "Logger": "shelf",
        "Type": "boom",
        "Hostname": "turing",
        "Severity": 2,
        "EnvVersion": "2.0",
    }
    assert isinstance(line["Pid"], int)
    assert line["Fields"] == {"answer": 42}


@pytest.mark.parametrize(
    ("method_name", "severity"),
    [("critical", 0), ("error", 2), ("warning", 4), ("info", 6), ("debug", 7), ("other", 6)],
)
def test_heka_grades_by_method(method_name, severity):
    assert heka(method_name)["Severity"] == severity


def test_heka_keeps_standard_entries_that_are_given():
    line = heka(Pid=1, Fields={"a": 1}, b=2)

    assert line["Pid"] == 1
    assert line["Fields"] == {"a": 1, "b": 2}


def test_heka_flattens_what_is_not_a_list_of_texts():
    fields = heka(texts=["a", "b"], pair=("a",), mixed=["a", 1], mapping={"a": 1}, raw=b"\xff")["Fields"]

    assert fields == {
        "texts": ["a", "b"],
        "pair": ["a"],
        "mixed": '["a",1]',
        "mapping": '{"a":1}',
        "raw": "\ufffd",
    }


def test_heka_writes_whatever_it_is_given():
    fields = heka(long=2**80, odd=object, lone="\ud800")["Fields"]

    assert fields["long"] == 2**80
    assert fields["odd"] == "<class 'object'>"
    assert fields["lone"] == "\ud800"


@pytest.fixture
def registry():
    with testing.testConfig() as config:
        yield config.registry


def test_without_application_lines_are_classic_and_keep_the_traceback(caplog):
    try:
        raise RuntimeError("a reason")
    except RuntimeError:
        logger.exception("boom", size=3)

    (record,) = caplog.records
    assert plain(record.getMessage()) == "boom size=3"
    assert record.name == "cliquet_like"
    assert record.exc_info[0] is RuntimeError


def test_lines_are_those_of_the_current_application(caplog, registry):
    registry.log_renderer = MozillaHekaRenderer({"project_name": "shelf"})

    logger.warning("careful", size=3)

    assert json.loads(caplog.records[0].getMessage())["Fields"] == {"size": 3}


def test_heka_holds_the_traceback_in_a_field(caplog, registry):
    registry.log_renderer = MozillaHekaRenderer({})

    logger.error("boom", exc_info=RuntimeError("a reason"))

    assert "RuntimeError: a reason" in json.loads(caplog.records[0].getMessage())["Fields"]["exception"]
    assert caplog.records[0].exc_info is None


def test_a_traceback_is_written_without_secrets_and_handed_on_as_it_is(caplog):
    logger.error("boom", exc_info=RuntimeError("no answer of redis://:hunter2@127.0.0.1/0"))

    (record,) = caplog.records
    assert "RuntimeError: no answer of redis://:***@127.0.0.1/0" in caplog.text
    assert "hunter2" not in caplog.text
    assert "hunter2" in str(record.exc_info[1])


def test_no_traceback_is_written_where_no_exception_is_handled(caplog):
    logger.error("boom", exc_info=True)

    assert "Traceback" not in caplog.text


def raised(error):
    try:
        raise error
    except RuntimeError as caught:
        return caught


@pytest.mark.parametrize(
    "given", [lambda error: error, lambda error: (type(error), error, error.__traceback__)]
)
@pytest.mark.parametrize("renderer", [ClassicLogRenderer, JSONLogRenderer, MozillaHekaRenderer])
def test_a_traceback_is_written_once_however_it_is_given(caplog, registry, renderer, given):
    registry.log_renderer = renderer({})

    logger.error("boom", exc_info=given(raised(RuntimeError("password=hunter2"))))

    assert caplog.text.count("RuntimeError: password=***") == 1
    assert caplog.text.count("Traceback (most recent call last)") == 1
    assert "exc_info" not in caplog.text


@pytest.mark.parametrize("renderer", [ClassicLogRenderer, JSONLogRenderer, MozillaHekaRenderer])
def test_the_handled_exception_is_written(caplog, registry, renderer):
    registry.log_renderer = renderer({})

    try:
        raise RuntimeError("a reason")
    except RuntimeError:
        logger.error("boom", exc_info=True)

    assert caplog.text.count("RuntimeError: a reason") == 1


@pytest.mark.parametrize(
    ("renderer", "field"),
    [(ClassicLogRenderer, None), (JSONLogRenderer, "stack"), (MozillaHekaRenderer, "stack")],
)
def test_the_stack_is_written_when_it_is_asked_for(caplog, registry, renderer, field):
    registry.log_renderer = renderer({})

    logger.warning("here", stack_info=True)

    (record,) = caplog.records
    entry = json.loads(record.getMessage()) if field else {field: record.stack_info}
    fields = entry.get("Fields", entry)
    assert "test_the_stack_is_written_when_it_is_asked_for" in fields[field]
    assert "stack_info" not in fields
    assert caplog.text.count("Stack (most recent call last)") == 1


def test_an_entry_is_written_without_secrets(caplog):
    logger.warning("no answer", url="redis://:hunter2@127.0.0.1/0", token="hunter2")

    assert plain(caplog.messages[0]) == "no answer token=*** url=redis://:***@127.0.0.1/0"


def test_a_level_that_is_off_is_not_written(caplog):
    caplog.set_level(logging.ERROR, "cliquet_like")

    logger.info("quiet")

    assert caplog.records == []
