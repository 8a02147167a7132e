"""The context of a request made by hand: what it is about, and what it answers to a resource."""

from typing import Any

import pytest
from pyramid.httpexceptions import HTTPForbidden

from cliquet_like.authorization import AuthorizationPolicy, RouteFactory
from cliquet_like.authorization.decision import Question
from tests.asking import ADA, RECORD, UUID, Backend, request_for

CREATING = ("dynamic", Question("thing:create", [ADA]))
READING = ("dynamic", Question("read", [ADA]))


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.mark.parametrize(
    ("method", "on_collection", "on_record"),
    [
        ("GET", "read", "read"),
        ("HEAD", "read", "read"),
        ("OPTIONS", "read", "read"),
        ("POST", "create", "create"),
        ("PUT", "create", "create"),
        ("PATCH", "write", "write"),
        ("DELETE", "write", "write"),
        ("TRACE", None, None),
    ],
)
def test_a_method_needs_a_permission(
    backend: Backend, method: str, on_collection: str | None, on_record: str | None
) -> None:
    contexts = [RouteFactory(request_for(backend, method, record_id=found)) for found in (None, UUID)]

    assert [context.required_permission for context in contexts] == [on_collection, on_record]
    assert [context.on_collection for context in contexts] == [True, False]
    assert contexts[0].resource_name == "thing"


def test_to_put_over_a_record_is_to_write_it(backend: Backend) -> None:
    request = request_for(backend, "PUT", record_id=UUID)
    record = request.registry.storage.create("thing", "", {"id": UUID})
    backend.add_principal_to_ace(RECORD, "read", "bob")

    context = RouteFactory(request)

    assert context.required_permission == "write"
    assert context.current_record == {**record, "__permissions__": {"read": {"bob"}}}
    assert context.permission_object_id == RECORD


def test_to_put_where_nothing_is_is_to_create_in_the_collection(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, "PUT", record_id=UUID))

    assert context.current_record is None
    assert context.permission_object_id == "/things"


@pytest.mark.parametrize("record_id", ["no-uuid", "a" * 300])
def test_an_id_that_no_record_has_is_not_looked_for(backend: Backend, record_id: str) -> None:
    context = RouteFactory(request_for(backend, "PUT", record_id=record_id))

    assert context.current_record is None
    assert backend.asked == []


def test_ids_are_not_judged_without_a_generator(backend: Backend) -> None:
    request = request_for(backend, "PUT", record_id="any")
    request.registry.id_generator = None
    request.registry.storage.create("thing", "", {"id": "any"})

    assert RouteFactory(request).current_record["id"] == "any"


def test_the_setting_that_decides_is_that_of_the_permission_of_the_request(backend: Backend) -> None:
    settings = {"thing_read_principals": "a b", "thing_write_principals": "c"}

    contexts = [RouteFactory(request_for(backend, method, **settings)) for method in ("GET", "POST")]

    assert [context.allowed_principals for context in contexts] == [["a", "b"], []]


@pytest.mark.parametrize(
    ("method", "asked"), [("GET", [[RECORD]]), ("POST", [["/things", RECORD]]), ("TRACE", [[RECORD]])]
)
def test_the_entries_of_a_record_are_asked_for_whichever_object_decides(
    backend: Backend, method: str, asked: list[list[str]]
) -> None:
    context = RouteFactory(request_for(backend, method, record_id=UUID))

    context.check_permission("any", [ADA])
    context.permissions_of(RECORD)

    assert [object_ids for object_ids, *_ in backend.asked] == asked


def test_a_list_is_one_question(backend: Backend) -> None:
    context = RouteFactory(request_for(backend))
    for object_id in ("/things/b", "/things/a", "/things/a/below", "/thing/c"):
        backend.add_principal_to_ace(object_id, "read", ADA)
    backend.add_principal_to_ace("/things/w", "write", ADA)

    allowed = context.check_permission("read", [ADA])
    found = context.fetch_shared_records("read", [ADA])

    assert (allowed, found, context.shared_ids) == (False, ["a", "b", "w"], ["a", "b", "w"])
    assert len(backend.asked) == 1


def test_shared_records_may_be_asked_for_by_themselves(backend: Backend) -> None:
    context = RouteFactory(request_for(backend))
    backend.add_principal_to_ace("/things/a", "fly", ADA)

    assert context.fetch_shared_records("fly", [ADA]) == ["a"]
    assert context.fetch_shared_records("read", [ADA]) == []


def test_shared_records_may_be_asked_for_again(backend: Backend) -> None:
    context = RouteFactory(request_for(backend))
    backend.add_principal_to_ace("/things/a", "read", ADA)
    context.remember_admission(*READING)
    context.check_permission("read", [ADA])
    backend.add_principal_to_ace("/things/b", "read", ADA)

    assert context.fetch_shared_records("read", [ADA]) == ["a"]
    assert context.find_shared_again() == context.shared_ids == ["a", "b"]
    backend.flush()
    with pytest.raises(HTTPForbidden):
        context.find_shared_again()


def test_bound_permissions_are_asked_for_instead(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, record_id=UUID))
    backend.add_principal_to_ace("/above", "own", ADA)

    def bound(object_id: str, permission: str) -> list[tuple[str, str]]:
        return [("/above", "own")]

    assert context.check_permission("read", [ADA], bound)
    assert not context.check_permission("read", [ADA])


# What a resource asks


def test_where_nobody_was_asked_nothing_is_refused_and_nothing_shared(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, record_id=UUID))

    context.decide_again(RECORD, {"read": {"bob"}})
    context.decide_anew()

    assert context.may_read(RECORD)
    assert context.find_readable_ids() == []
    assert context.expected_permissions(RECORD) is None
    assert backend.asked == []
    with pytest.raises(HTTPForbidden):
        context.find_shared_again()


def test_who_was_let_in_for_something_else_reads_by_entries(backend: Backend) -> None:
    backend.add_principal_to_ace(RECORD, "write", ADA)
    context = RouteFactory(request_for(backend, "POST"))

    context.remember_admission(*CREATING)

    assert (context.may_read(RECORD), context.may_read("/things")) == (True, False)
    assert context.find_readable_ids() == [UUID]
    assert context.shared_ids == []


def test_the_first_question_is_what_a_request_was_let_in_for(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, "PATCH", record_id=UUID))
    backend.add_principal_to_ace(RECORD, "read", ADA)
    context.remember_admission("dynamic", Question("write", ["basicauth:bob"]))

    context.remember_admission(*READING)

    assert not context.may_read(RECORD)
    with pytest.raises(HTTPForbidden):
        context.decide_again(RECORD, {"read": {ADA}, "write": {ADA}})


def test_a_later_question_to_the_policy_changes_no_decision(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, "PATCH", record_id=UUID))
    backend.add_principal_to_ace(RECORD, "write", ADA)
    policy = AuthorizationPolicy()

    answers = [policy.permits(context, ["ada"], permission) for permission in ("dynamic", "read", "fly")]

    assert answers == [True, True, False]
    with pytest.raises(HTTPForbidden):
        context.decide_again(RECORD, {"read": {ADA}, "fly": {ADA}})


def test_a_refused_question_is_the_first_too(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, "PATCH", record_id=UUID))

    assert not AuthorizationPolicy().permits(context, ["ada"], "dynamic")
    context.remember_admission(*READING)

    with pytest.raises(HTTPForbidden):
        context.decide_again(RECORD, {"read": {ADA}})


@pytest.mark.parametrize("settings", [{}, {"thing_read_principals": ADA}])
def test_a_decision_expects_the_permissions_that_were_there(
    backend: Backend, settings: dict[str, str]
) -> None:
    context = RouteFactory(request_for(backend, record_id=UUID, **settings))
    backend.add_principal_to_ace(RECORD, "read", ADA)
    context.remember_admission(*READING)
    before = context.expected_permissions(RECORD)

    backend.flush()

    assert before == context.expected_permissions(RECORD) == {"read": {ADA}}


def test_a_changed_permission_is_decided_on_again(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, record_id=UUID))
    backend.add_principal_to_ace(RECORD, "read", ADA)
    context.remember_admission(*READING)
    context.check_permission("read", [ADA])

    context.decide_again(RECORD, {"write": {ADA}})

    assert context.permissions_of(RECORD) == {"write": {ADA}}
    with pytest.raises(HTTPForbidden):
        context.decide_again(RECORD, {"write": {"bob"}})


@pytest.mark.parametrize("principals", ["x", ADA])
def test_a_setting_decides_again_whatever_the_entries_are(backend: Backend, principals: str) -> None:
    context = RouteFactory(request_for(backend, record_id=UUID, thing_read_principals=principals))
    context.remember_admission(*READING)

    if principals == ADA:
        context.decide_again(RECORD, {})
    else:
        with pytest.raises(HTTPForbidden):
            context.decide_again(RECORD, {"read": {ADA}})


@pytest.mark.parametrize("entries", [{}, {"write": {ADA, "bob"}}])
def test_a_new_record_takes_the_place_of_nothing_or_of_what_one_may_write(
    backend: Backend, entries: dict[str, set[str]]
) -> None:
    context = RouteFactory(request_for(backend, "POST"))
    context.remember_admission(*CREATING)

    context.refuse_to_take_over(RECORD, entries)


def test_a_new_record_takes_no_entries_of_others(backend: Backend) -> None:
    context, unasked = (RouteFactory(request_for(backend, "POST")) for _ in range(2))
    context.remember_admission(*CREATING)

    unasked.refuse_to_take_over(RECORD, {"write": {"bob"}})
    with pytest.raises(HTTPForbidden):
        context.refuse_to_take_over(RECORD, {"read": {ADA}, "write": {"bob"}})


def test_to_decide_anew_looks_at_what_is_there_now(backend: Backend) -> None:
    asked: list[Any] = []

    def has_permission(permission: str, context: RouteFactory) -> bool:
        asked.append((permission, context.required_permission))
        return len(asked) == 1

    request = request_for(backend, "PUT", record_id=UUID)
    request.has_permission = has_permission
    context = RouteFactory(request)
    context.remember_admission(*CREATING)
    before = (context.required_permission, context.permission_object_id, context.allowed_principals)
    request.registry.storage.create("thing", "", {"id": UUID})
    request.registry.settings["thing_write_principals"] = "bob"

    context.decide_anew()
    context.remember_admission("dynamic", Question("write", [ADA]))

    assert before == ("create", "/things", [])
    assert (context.required_permission, context.permission_object_id) == ("write", RECORD)
    assert context.allowed_principals == ["bob"]
    with pytest.raises(HTTPForbidden):
        context.decide_anew()
    assert asked == [("dynamic", "write")] * 2


# What is deleted with a list


def sharing(backend: Backend, *principals: str, bound: Any = None) -> RouteFactory:
    """Context that was asked for the records that Ada, or one of these, may write."""
    context = RouteFactory(request_for(backend, "DELETE"))
    context.fetch_shared_records("write", [ADA, *principals], bound)
    return context


def test_records_are_still_shared_while_an_entry_shares_each_of_them(backend: Backend) -> None:
    for record_id in "abc":
        backend.add_principal_to_ace(f"/things/{record_id}", "write", ADA)
    context = sharing(backend, "group")
    own, other = {"write": {ADA, "bob"}}, {"write": {"group"}}

    assert context.shares_by_entries
    assert context.still_shares({})
    assert context.still_shares({"a": own, "b": other})
    for lost in ({}, {"write": {"bob"}}, {"read": {ADA}}):
        assert not context.still_shares({"a": own, "b": lost})


def test_a_bound_permission_may_be_what_still_shares_a_record(backend: Backend) -> None:
    def bound(object_id: str, permission: str) -> list[tuple[str, str]]:
        return [(object_id, "own"), ("/things/a*", "tend"), ("/shelf", "write")]

    for record_id in ("ab", "b"):
        backend.add_principal_to_ace(f"/things/{record_id}", "own", ADA)
    context = sharing(backend, bound=bound)

    assert context.still_shares({"ab": {"tend": {ADA}}, "b": {"own": {ADA}}})
    assert not context.still_shares({"b": {"tend": {ADA}}})
    assert not context.still_shares({"b": {"write": {ADA}}})


def test_what_was_not_found_by_entries_is_not_judged(backend: Backend) -> None:
    backend.add_principal_to_ace("/things/a", "write", ADA)
    context, unasked = sharing(backend), RouteFactory(request_for(backend, "DELETE"))

    context.shared_ids = ["a", "b"]
    unasked.shared_ids = ["b"]

    assert (context.shares_by_entries, unasked.shares_by_entries) == (False, False)
    assert context.still_shares({"b": {}})
    assert unasked.still_shares({"b": {}})
    assert not context.still_shares({"a": {}})


def test_to_decide_anew_forgets_what_was_shared(backend: Backend) -> None:
    backend.add_principal_to_ace("/things/a", "write", ADA)
    context = sharing(backend)

    context.decide_anew()

    assert (context.shared_ids, context.shares_by_entries) == ([], False)
    assert context.still_shares({"a": {}})
