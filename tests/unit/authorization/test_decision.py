"""Who has a permission: by settings, by entries, or on records of a list only."""

from collections.abc import Sequence
from typing import Any

import pytest

from cliquet_like.authorization.decision import Decision, Question
from cliquet_like.permission.access import SharedQuestion
from tests.asking import ADA, RECORD, UUID, Backend, request_for

PATTERN = "/things/*"


@pytest.fixture
def backend() -> Backend:
    return Backend()


def deciding(backend: Backend | None, resource_name: str | None = "thing", **settings: str) -> Decision:
    """Decision about the things."""
    request = request_for(backend, **settings)
    return Decision(
        request, resource_name, lambda record_id: f"/things/{record_id}" if record_id else "/things"
    )


def own(object_id: str, permission: str) -> Sequence[tuple[str, str]]:
    """Bound permissions by which to write is not to read."""
    return [(object_id, permission)]


def reading(**options: Any) -> Question:
    return Question("read", [ADA], **options)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (Question("read", []), [("x", "read"), ("x", "write")]),
        (Question("write", []), [("x", "write")]),
        (Question("thing:create", []), [("x", "thing:create")]),
        (Question("read", [], own), [("x", "read")]),
    ],
)
def test_who_may_write_may_read_unless_the_bound_permissions_say_otherwise(
    question: Question, expected: list[tuple[str, str]]
) -> None:
    assert list(question.pairs("x")) == expected


@pytest.mark.parametrize("text", [None, "", " a  b\n", "a b"])
def test_principals_of_the_settings_are_separated_by_blanks(text: str | None) -> None:
    settings = {} if text is None else {"thing_read_principals": text}

    found = deciding(None, **settings).principals_of_settings("read")

    assert found == (text.split() if text else [])


@pytest.mark.parametrize(
    ("resource_name", "permission"), [(None, "read"), ("thing", None), ("other", "read")]
)
def test_a_setting_is_of_a_resource_and_a_permission(
    resource_name: str | None, permission: str | None
) -> None:
    decision = deciding(None, resource_name, thing_read_principals="a", None_read_principals="b")

    assert decision.principals_of_settings(permission) == []


def test_an_entry_decides_where_no_setting_does(backend: Backend) -> None:
    backend.add_principal_to_ace(RECORD, "write", ADA)
    decision = deciding(backend)

    assert decision.has_entry(reading(), RECORD)
    assert not decision.has_entry(reading(bound=own), RECORD)
    assert not decision.has_entry(Question("read", ["bob"]), RECORD)
    assert backend.asked == [([RECORD], None, None)]


def test_what_will_be_needed_is_part_of_the_question(backend: Backend) -> None:
    question = reading()

    deciding(backend).has_entry(question, "/things", besides=["/b"], on_list=True)

    shared = SharedQuestion(frozenset({ADA}), question.pairs(PATTERN), question.pairs("/things"))
    assert backend.asked == [(["/b", "/things"], None, shared)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (reading(), True),
        (reading(bound=own), False),
        (Question("read", ["bob"]), False),
        (Question("write", [ADA]), False),
        (Question("thing:create", [ADA]), False),
    ],
)
def test_a_setting_for_writing_includes_reading(backend: Backend, question: Question, expected: bool) -> None:
    decision = deciding(backend, thing_write_principals=f"x {ADA}")

    assert decision.has_entry(question, RECORD) is expected


@pytest.mark.parametrize(("text", "expected"), [(f"x {ADA}", True), ("x", False)])
def test_a_setting_for_reading_decides_alone_who_may_also_read(
    backend: Backend, text: str, expected: bool
) -> None:
    for permission in ("read", "write"):
        backend.add_principal_to_ace(RECORD, permission, "basicauth:ada" if not expected else "bob")
    decision = deciding(
        backend, thing_read_principals=text, thing_write_principals="bob" if expected else ADA
    )

    assert decision.may_read(Question("thing:create", [ADA]), RECORD) is expected
    assert backend.asked == []


@pytest.mark.parametrize(("permission", "expected"), [("read", True), ("write", True), ("fly", False)])
def test_without_a_setting_entries_decide_who_may_also_read(
    backend: Backend, permission: str, expected: bool
) -> None:
    backend.add_principal_to_ace(RECORD, permission, ADA)

    assert deciding(backend).may_read(Question("thing:create", [ADA]), RECORD) is expected


def test_records_are_shared_with_those_who_may_also_write_them(backend: Backend) -> None:
    for object_id in ("/things/b", RECORD, "/things/b/below", "/things/", "/thing/c"):
        backend.add_principal_to_ace(object_id, "write", ADA)
    decision = deciding(backend)

    assert decision.ids_shared_with(reading()) == [UUID, "b"]
    assert decision.ids_shared_with(reading(bound=own)) == []


def test_without_backend_nobody_has_an_entry() -> None:
    decision = deciding(None)

    assert not decision.has_entry(reading(), RECORD)
    assert not decision.may_read(reading(), RECORD)
    assert decision.ids_shared_with(reading()) == []
