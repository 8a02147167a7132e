"""The context of a request made by hand, and what it asks a backend."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from pyramid.httpexceptions import HTTPForbidden

from cliquet_like.authorization import RouteFactory
from cliquet_like.authorization.principals import Principals
from cliquet_like.permission.access import Access, SharedQuestion
from cliquet_like.permission.memory import Permission
from cliquet_like.resource import ShareableResource, ShareableViewSet
from cliquet_like.storage.generators import UUID4
from cliquet_like.storage.memory import Storage

ADA = "basicauth:ada"
UUID = "00000000-0000-4000-8000-000000000001"
RECORD = f"/things/{UUID}"


class Thing(ShareableResource):
    """Anything."""


class Backend(Permission):
    """Keeps what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[Sequence[str], str | None, SharedQuestion | None]] = []

    def read_access(
        self, object_ids: Sequence[str], *, user_id: str | None = None, shared: SharedQuestion | None = None
    ) -> Access:
        self.asked.append((object_ids, user_id, shared))
        return super().read_access(object_ids, user_id=user_id, shared=shared)


@pytest.fixture
def backend() -> Backend:
    return Backend()


def request_for(
    backend: Backend | None, method: str = "GET", *, record_id: str | None = None, **settings: str
) -> Any:
    """Request that was routed to the things."""
    kind = "record" if record_id else "collection"
    service = SimpleNamespace(
        viewset=ShareableViewSet(),
        resource=Thing,
        type=kind,
        collection_path="/things",
        record_path="/things/{id}",
    )
    registry = SimpleNamespace(
        cornice_services={kind: service}, settings=settings, storage=Storage(), id_generator=UUID4()
    )
    if backend is not None:
        registry.permission = backend
    return SimpleNamespace(
        method=method,
        headers={},
        upath_info="/v1/things" + (f"/{record_id}" if record_id else ""),
        matchdict={"id": record_id} if record_id else {},
        matched_route=SimpleNamespace(pattern=kind, name=kind),
        registry=registry,
        prefixed_userid=ADA,
        current_resource_name="thing",
        bound_data={},
        has_permission=lambda permission, context: False,
    )


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


@pytest.mark.parametrize("text", [None, "", " a  b\n", "a b"])
def test_principals_of_the_settings_are_separated_by_blanks(backend: Backend, text: str | None) -> None:
    settings = {} if text is None else {"thing_read_principals": text}

    context = RouteFactory(request_for(backend, **settings))

    assert context.allowed_principals == (text.split() if text else [])


def test_a_record_is_one_question(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, record_id=UUID))
    backend.add_user_principal(ADA, "group")
    backend.add_principal_to_ace(RECORD, "read", "group")

    principals = Principals([ADA], lambda: context._request.bound_data["groups"][ADA])

    assert context.check_permission("read", principals)
    assert context.permissions_of(RECORD) == {"read": {"group"}}
    assert context.expected_permissions(RECORD) == {"read": {"group"}}
    assert backend.asked == [([RECORD], ADA, None)]


def test_groups_that_are_known_are_not_asked_for(backend: Backend) -> None:
    request = request_for(backend, record_id=UUID)
    request.bound_data["groups"] = {ADA: ["group"]}
    context = RouteFactory(request)

    context.check_permission("read", Principals([ADA], lambda: ["group"]))

    assert backend.asked == [([RECORD], None, None)]


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
    context.check_permission("read", [ADA])
    backend.add_principal_to_ace("/things/b", "read", ADA)

    assert context.fetch_shared_records("read", [ADA]) == ["a"]
    assert context.find_shared_again() == context.shared_ids == ["a", "b"]
    backend.flush()
    with pytest.raises(HTTPForbidden):
        context.find_shared_again()


def test_where_nobody_was_asked_nothing_is_shared(backend: Backend) -> None:
    with pytest.raises(HTTPForbidden):
        RouteFactory(request_for(backend)).find_shared_again()


def test_bound_permissions_are_asked_for_instead(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, record_id=UUID))
    backend.add_principal_to_ace("/above", "own", ADA)

    def bound(object_id: str, permission: str) -> list[tuple[str, str]]:
        return [("/above", "own")]

    assert context.check_permission("read", [ADA], bound)
    assert not context.check_permission("read", [ADA])


def test_without_backend_nobody_has_anything() -> None:
    context = RouteFactory(request_for(None))

    assert not context.check_permission("read", [ADA])
    assert context.fetch_shared_records("read", [ADA]) == []
    assert context.expected_permissions("/things") is None


def test_whoever_was_not_asked_may_read(backend: Backend) -> None:
    context = RouteFactory(request_for(backend))

    assert context.may_read(RECORD)
    assert backend.asked == []
    context.remember_question("thing:create", [ADA], None)
    assert not context.may_read(RECORD)


def test_who_may_read_by_a_setting_may_read_any_object(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, thing_read_principals=ADA))

    context.remember_question("thing:create", [ADA], None)

    assert context.may_read(RECORD)
    assert backend.asked == []


def test_a_decision_by_a_setting_expects_no_permissions(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, record_id=UUID, thing_read_principals=ADA))
    context.permissions_of(RECORD)
    context.remember_question("read", [ADA], None)

    assert context.expected_permissions(RECORD) is None


def test_a_changed_permission_is_decided_on_again(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, record_id=UUID))
    backend.add_principal_to_ace(RECORD, "read", ADA)
    context.check_permission("read", [ADA])

    context.decide_again(RECORD, {"write": {ADA}})
    with pytest.raises(HTTPForbidden):
        context.decide_again(RECORD, {"write": {"bob"}})


def test_where_nothing_was_decided_nothing_is_decided_again(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, record_id=UUID))

    context.decide_again(RECORD, {"read": {"bob"}})
    context.forget_record()

    assert context.expected_permissions(RECORD) is None


def test_who_has_not_the_permission_that_is_needed_now_is_refused(backend: Backend) -> None:
    context = RouteFactory(request_for(backend, "PUT", record_id=UUID))
    context.remember_question("create", [ADA], None)

    with pytest.raises(HTTPForbidden):
        context.forget_record()


def test_without_bound_data_groups_are_asked_for_by_each_context(backend: Backend) -> None:
    request = request_for(backend, record_id=UUID)
    del request.bound_data

    for _ in range(2):
        assert RouteFactory(request).permissions_of(RECORD) == {}

    assert backend.asked == [([RECORD], ADA, None)] * 2


def test_an_anonymous_user_has_no_groups(backend: Backend) -> None:
    request = request_for(backend, record_id=UUID)
    request.prefixed_userid = None

    RouteFactory(request).permissions_of(RECORD)

    assert backend.asked == [([RECORD], None, None)]
