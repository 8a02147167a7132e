"""Endpoints of shared records called without a router, on a request-like object: applications test so."""

from types import SimpleNamespace
from typing import Any

import pytest
from cornice.errors import Errors
from pyramid.httpexceptions import HTTPConflict, HTTPForbidden, HTTPNotFound, HTTPPreconditionFailed

from cliquet_like.authorization import RouteFactory
from cliquet_like.authorization.decision import Question
from cliquet_like.events import ACTIONS
from cliquet_like.permission.memory import Permission
from cliquet_like.resource import ResourceSchema, ShareableResource
from cliquet_like.storage.exceptions import UnicityError
from cliquet_like.storage.generators import UUID4
from cliquet_like.storage.memory import Storage
from tests import meddling

ADA = "basicauth:ada"
UUID = "00000000-0000-4000-8000-000000000001"
OTHER = "00000000-0000-4000-8000-000000000002"


class Anything(ResourceSchema):
    class Options:
        preserve_unknown = True
        unique_fields = ("url",)


class Thing(ShareableResource):
    mapping = Anything()


class Caller:
    """Makes request-like objects, with nothing but what the contract promises to need."""

    def __init__(self, *, factory: Any) -> None:
        self.registry = SimpleNamespace(
            settings={}, storage=Storage(), permission=Permission(), id_generator=UUID4()
        )
        self.factory = factory

    def request(self, data: Any, permissions: Any, record_id: str | None, **attributes: Any) -> Any:
        sent = {
            name: value for name, value in (("data", data), ("permissions", permissions)) if value is not None
        }
        request = SimpleNamespace(
            upath_info="/v0/things" + (f"/{record_id}" if record_id else ""),
            registry=self.registry,
            GET={},
            headers={},
            errors=Errors(),
            authenticated_userid="ada",
            authn_type="basicauth",
            prefixed_userid=ADA,
            json=sent,
            validated=dict(sent),
            matchdict={"id": record_id} if record_id else {},
            response=SimpleNamespace(headers={}, status_code=200),
            route_url=lambda name, **options: f"http://localhost/{name}",
            follow_subrequest=None,
        )
        vars(request).update(attributes)
        return request

    def thing(
        self, data: Any = None, permissions: Any = None, *, record_id: str | None = None, **attributes: Any
    ) -> Thing:
        request = self.request(data, permissions, record_id, **attributes)
        return Thing(request, context=self.factory(request))

    def kept(self, record_id: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = self.registry.permission.object_permissions(f"/things/{record_id}")
        return found


@pytest.fixture(params=[RouteFactory, lambda request: None], ids=["RouteFactory", "no context"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(factory=request.param)


def test_a_record_lives_through_all_endpoints(caller: Caller) -> None:
    resource = caller.thing({"a": 1}, {"read": ["bob"]})
    body = resource.collection_post()
    assert resource.request.response.status_code == 201
    assert body["permissions"] == {"read": ["bob"], "write": [ADA]}
    record_id = body["data"]["id"]

    assert caller.thing(record_id=record_id).get() == body
    assert caller.thing().collection_get() == {"data": [body["data"]]}
    replaced = caller.thing({"a": 2}, {"write": ["eve"]}, record_id=record_id).put()
    assert replaced["permissions"] == {"read": [], "write": [ADA, "eve"]}
    changed = caller.thing({}, {"read": ["carl"]}, record_id=record_id).patch()
    assert changed["permissions"] == {"read": ["carl"], "write": [ADA, "eve"]}
    assert changed["data"]["a"] == 2
    assert set(caller.thing(record_id=record_id).delete()) == {"data"}
    assert caller.kept(record_id) == {}
    assert caller.thing().collection_delete() == {"data": []}


def test_a_put_creates_what_is_not_there(caller: Caller) -> None:
    resource = caller.thing({"a": 1}, record_id=UUID)

    body = resource.put()

    assert resource.request.response.status_code == 201
    assert body["permissions"] == {"write": [ADA]}
    assert caller.kept(UUID) == {"write": {ADA}}


def test_refusals_are_http_exceptions(caller: Caller) -> None:
    caller.thing({"url": "x"}, record_id=UUID).put()

    with pytest.raises(HTTPPreconditionFailed):
        caller.thing({}, record_id=UUID, headers={"If-Match": '"1"'}).patch()
    with pytest.raises(HTTPPreconditionFailed):
        caller.thing({}, headers={"If-Match": '"1"'}).collection_post()
    with pytest.raises(HTTPPreconditionFailed):
        caller.thing({}, record_id=OTHER, headers={"If-Match": '"1"'}).put()
    with pytest.raises(HTTPConflict):
        caller.thing({"url": "x"}, record_id=OTHER).put()
    with pytest.raises(HTTPNotFound):
        caller.thing(record_id=OTHER).get()


def test_a_post_of_what_exists_answers_it(caller: Caller) -> None:
    first = caller.thing({"id": UUID}, {"read": ["bob"]}).collection_post()

    resource = caller.thing({"id": UUID})
    again = resource.collection_post()

    assert again == first
    assert resource.request.response.status_code == 200


def test_records_of_a_list_are_deleted_with_their_permissions(caller: Caller) -> None:
    caller.thing({}, record_id=UUID).put()

    deleted = caller.thing().collection_delete()["data"]

    assert [tombstone["id"] for tombstone in deleted] == [UUID]
    assert caller.kept(UUID) == {}


def test_a_change_that_comes_first_is_kept(caller: Caller) -> None:
    storage = caller.registry.storage = meddling.Storage()
    caller.thing({"theirs": 0}, record_id=UUID).put()
    storage.before_next_write(lambda: caller.thing({"theirs": 1}, record_id=UUID).patch())

    body = caller.thing({"mine": 1}, record_id=UUID).patch()

    assert (body["data"]["theirs"], body["data"]["mine"]) == (1, 1)


def test_a_model_can_be_used_by_hand(caller: Caller) -> None:
    resource = caller.thing()
    record = resource.model.create_record({"url": "x"}, unique_fields=["url"])

    with pytest.raises(UnicityError):
        resource.model.create_record({"url": "x"}, unique_fields=["url"])
    body = resource.postprocess(dict(record), action=ACTIONS.CREATE)
    assert body["permissions"] == {"write": [ADA]}
    assert "__permissions__" not in body["data"]


def test_what_was_before_has_no_permissions_for_events(caller: Caller) -> None:
    told = []
    resource = caller.thing(notify_resource_event=lambda **facts: told.append(facts))
    old, new = ({"id": UUID, "last_modified": n, "__permissions__": {"read": {"x"}}} for n in (1, 2))

    resource.postprocess(new, action=ACTIONS.UPDATE, old=old)

    bare = [{"id": UUID, "last_modified": n} for n in (1, 2)]
    assert [told[0]["old"], told[0]["data"]] == bare


def test_an_anonymous_user_is_given_nothing(caller: Caller) -> None:
    body = caller.thing({}, prefixed_userid=None).collection_post()

    assert body["permissions"] == {}


def test_without_route_the_context_knows_nothing_of_the_request() -> None:
    context = RouteFactory(Caller(factory=RouteFactory).request(None, None, UUID))

    facts = (context.required_permission, context.current_record, context.resource_name)
    assert facts == (None, None, None)
    assert (context.on_collection, context.shared_ids, context.allowed_principals) == (False, [], [])
    assert context.permission_object_id == f"/things/{UUID}"
    assert context.get_prefixed_userid() == ADA


class Known:
    """A context of an application, with what the resource uses."""

    def __init__(self, **facts: Any) -> None:
        self.shared_ids: list[str] = []
        self.current_record: Any = None
        vars(self).update(facts)

    def get_permission_object_id(self, request: Any, record_id: str | None = None) -> str:
        return f"thing {record_id}"


def test_a_context_of_the_application_says_which_records_are_shared() -> None:
    caller = Caller(factory=lambda request: Known(shared_ids=[UUID]))
    for record_id in (UUID, OTHER):
        caller.registry.storage.create("thing", "", {"id": record_id})

    resource = caller.thing()
    listed = resource.collection_get()["data"]

    assert [record["id"] for record in listed] == [UUID]
    assert resource.request.response.headers["Total-Records"] == "1"
    assert [tombstone["id"] for tombstone in caller.thing().collection_delete()["data"]] == [UUID]


def test_a_context_of_the_application_names_objects_and_knows_the_record() -> None:
    caller = Caller(factory=lambda request: Known())
    record = caller.thing({"a": 1}, record_id=UUID).put()["data"]
    found = {**record, "__permissions__": {"read": {"bob"}}}
    caller.factory = lambda request: Known(current_record=found)

    body = caller.thing(record_id=UUID).get()

    assert body == {"data": record, "permissions": {"read": ["bob"]}}
    assert caller.registry.permission.object_permissions(f"thing {UUID}") == {"write": {ADA}}


def test_a_context_that_was_asked_refuses_what_may_not_be_read() -> None:
    caller = Caller(factory=lambda request: None)
    caller.thing({"url": "x"}, record_id=UUID).put()

    def asked(request: Any) -> RouteFactory:
        context = RouteFactory(request)
        context.remember_admission("dynamic", Question("thing:create", ["basicauth:eve"]))
        return context

    caller.factory = asked

    with pytest.raises(HTTPForbidden):
        caller.thing({"url": "x"}).collection_post()
    with pytest.raises(HTTPConflict) as refused:
        caller.thing({"url": "x"}, record_id=OTHER).put()
    assert "existing" not in refused.value.json["details"]
