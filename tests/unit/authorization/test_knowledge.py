"""What a request knows of permissions, and how often it asks a backend."""

from typing import Any

import pytest

from cliquet_like.authorization.knowledge import Knowledge
from cliquet_like.authorization.principals import Principals
from cliquet_like.permission.access import Pair, SharedQuestion
from tests.asking import ADA, RECORD, Backend, request_for

PATTERNS = (Pair("/things/*", "read"),)
UNLESS = (Pair("/things", "read"),)


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
def request_of_ada(backend: Backend) -> Any:
    return request_for(backend)


@pytest.fixture
def knowledge(request_of_ada: Any) -> Knowledge:
    return Knowledge(request_of_ada)


def test_an_object_is_asked_for_once(backend: Backend, knowledge: Knowledge) -> None:
    backend.add_principal_to_ace(RECORD, "read", "bob")

    knowledge.learn([RECORD, "/b", RECORD], [ADA])
    knowledge.learn(["/b", "/c"], [ADA])
    knowledge.learn(["/c", RECORD], [ADA])

    assert knowledge.permissions_of(RECORD) == {"read": {"bob"}}
    assert backend.asked == [(["/b", RECORD], None, None), (["/c"], None, None)]


def test_groups_that_nobody_asked_for_yet_are_part_of_the_question(
    backend: Backend, request_of_ada: Any, knowledge: Knowledge
) -> None:
    backend.add_user_principal(ADA, "group")
    backend.add_principal_to_ace(RECORD, "read", "group")
    principals = Principals([ADA], lambda: request_of_ada.bound_data["cliquet_like.groups"][ADA])

    knowledge.learn([RECORD], principals)

    assert knowledge.grants((Pair(RECORD, "read"),), principals)
    assert backend.asked == [([RECORD], ADA, None)]


def test_the_backend_adds_the_groups_to_the_question_what_is_shared(
    backend: Backend, knowledge: Knowledge
) -> None:
    backend.add_user_principal(ADA, "group")
    backend.add_principal_to_ace(RECORD, "read", "group")

    found = knowledge.shared(PATTERNS, Principals([ADA, "x"], list))

    assert found == {RECORD}
    assert backend.asked == [((), ADA, SharedQuestion(frozenset({ADA, "x"}), PATTERNS))]


def test_groups_that_are_known_are_principals_like_others(
    backend: Backend, request_of_ada: Any, knowledge: Knowledge
) -> None:
    request_of_ada.bound_data["cliquet_like.groups"] = {ADA: ["group"]}
    principals = Principals([ADA], lambda: ["group"])

    knowledge.learn([RECORD], principals)
    knowledge.shared(PATTERNS, principals)

    everybody = SharedQuestion(frozenset({ADA, "group"}), PATTERNS)
    assert backend.asked == [([RECORD], None, None), ((), None, everybody)]


def test_without_bound_data_groups_are_known_to_the_request(backend: Backend, request_of_ada: Any) -> None:
    del request_of_ada.bound_data

    for _ in range(2):
        assert Knowledge(request_of_ada).permissions_of(RECORD) == {}

    assert backend.asked == [([RECORD], ADA, None), ([RECORD], None, None)]


def test_an_anonymous_user_has_no_groups(backend: Backend, request_of_ada: Any, knowledge: Knowledge) -> None:
    request_of_ada.prefixed_userid = None

    knowledge.permissions_of(RECORD)

    assert backend.asked == [([RECORD], None, None)]


def test_what_is_answered_of_an_object_is_a_copy(backend: Backend, knowledge: Knowledge) -> None:
    backend.add_principal_to_ace(RECORD, "read", "bob")

    found = knowledge.permissions_of(RECORD)
    found["read"].add(ADA)
    found["write"] = {ADA}

    assert knowledge.permissions_of(RECORD) == {"read": {"bob"}}
    assert not knowledge.grants((Pair(RECORD, "read"), Pair(RECORD, "write")), [ADA])


def test_what_is_shared_may_be_learned_together_with_an_object(
    backend: Backend, knowledge: Knowledge
) -> None:
    backend.add_principal_to_ace(RECORD, "read", ADA)

    knowledge.learn(["/things"], [ADA], patterns=PATTERNS, unless=UNLESS)

    assert knowledge.shared(PATTERNS, [ADA]) == {RECORD}
    assert backend.asked == [(["/things"], None, SharedQuestion(frozenset({ADA}), PATTERNS, UNLESS))]


def test_an_entry_that_is_not_known_grants_nothing(backend: Backend, knowledge: Knowledge) -> None:
    backend.add_principal_to_ace(RECORD, "read", ADA)

    assert not knowledge.grants((Pair(RECORD, "read"),), [ADA])
    assert backend.asked == []


def test_what_is_corrected_counts(backend: Backend, knowledge: Knowledge) -> None:
    knowledge.learn([RECORD], [ADA])

    knowledge.correct(RECORD, {"read": {ADA}})

    assert knowledge.grants((Pair(RECORD, "read"),), [ADA])
    assert len(backend.asked) == 1


def test_what_is_forgotten_is_asked_for_again(backend: Backend, knowledge: Knowledge) -> None:
    knowledge.learn([RECORD], [ADA])
    before = knowledge.shared(PATTERNS, [ADA])
    backend.add_principal_to_ace(RECORD, "read", ADA)

    knowledge.forget()

    assert knowledge.permissions_of(RECORD) == {"read": {ADA}}
    assert (set(before), set(knowledge.shared(PATTERNS, [ADA]))) == (set(), {RECORD})


def test_without_backend_there_is_nothing_to_know() -> None:
    knowledge = Knowledge(request_for(None))

    knowledge.learn([RECORD], [ADA], patterns=PATTERNS)

    assert knowledge.permissions_of(RECORD) == {}
    assert knowledge.shared(PATTERNS, [ADA]) == frozenset()
