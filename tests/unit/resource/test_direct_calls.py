"""Endpoints called without a router, on a request-like object: applications test so."""

from types import SimpleNamespace
from typing import Any

import pytest
from cornice.errors import Errors
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound, HTTPNotModified, HTTPPreconditionFailed

from cliquet_like.resource import BaseResource, Model, ResourceSchema
from cliquet_like.storage.exceptions import RecordNotFoundError, UnicityError
from cliquet_like.storage.generators import UUID4
from cliquet_like.storage.memory import Storage


class Anything(ResourceSchema):
    class Options:
        preserve_unknown = True
        unique_fields = ("url",)


class Thing(BaseResource):
    mapping = Anything()


def route_url(name: str, _query: Any = (), **variables: str) -> str:
    return f"http://localhost/{name}?" + "&".join(f"{key}={value}" for key, value in _query)


class Caller:
    """Makes request-like objects, with nothing but what the contract promises to need."""

    def __init__(self) -> None:
        self.registry = SimpleNamespace(settings={}, storage=Storage(), id_generator=UUID4())

    def thing(self, data: Any = None, *, record_id: str | None = None, **attributes: Any) -> Thing:
        request = SimpleNamespace(
            upath_info="/v0/things",
            registry=self.registry,
            GET={},
            headers={},
            errors=Errors(),
            authenticated_userid="ada",
            authn_type="basicauth",
            prefixed_userid="basicauth:ada",
            json={"data": data} if data is not None else {},
            validated={"data": dict(data)} if data is not None else {},
            matchdict={"id": record_id} if record_id else {},
            response=SimpleNamespace(headers={}, status_code=200),
            route_url=route_url,
        )
        vars(request).update(attributes)
        return Thing(request)


@pytest.fixture
def caller() -> Caller:
    return Caller()


def test_a_record_lives_through_all_endpoints(caller: Caller) -> None:
    resource = caller.thing({"a": 1})
    record = resource.collection_post()["data"]
    assert resource.request.response.status_code == 201

    assert caller.thing(record_id=record["id"]).get() == {"data": record}
    assert caller.thing().collection_get() == {"data": [record]}
    replaced = caller.thing({"a": 2}, record_id=record["id"]).put()["data"]
    changed = caller.thing({"b": 3}, record_id=record["id"]).patch()["data"]
    assert (replaced["a"], changed["a"], changed["b"]) == (2, 2, 3)
    assert caller.thing(record_id=record["id"]).delete()["data"]["deleted"] is True
    assert caller.thing().collection_delete() == {"data": []}


def test_refusals_are_http_exceptions(caller: Caller) -> None:
    record = caller.thing({}).collection_post()["data"]
    tag = {"If-None-Match": f'"{record["last_modified"]}"'}

    with pytest.raises(HTTPNotModified):
        caller.thing(headers=tag).collection_get()
    with pytest.raises(HTTPNotModified) as unchanged:
        caller.thing(record_id=record["id"], headers=tag).get()
    assert (unchanged.value.status_code, unchanged.value.etag) == (304, str(record["last_modified"]))
    assert (unchanged.value.body, unchanged.value.detail, str(unchanged.value)) == (b"", None, "")
    with pytest.raises(HTTPPreconditionFailed):
        caller.thing({}, record_id=record["id"], headers={"If-None-Match": "*"}).put()
    with pytest.raises(HTTPNotFound):
        caller.thing(record_id="00000000-0000-4000-8000-000000000001").get()
    with pytest.raises(HTTPBadRequest):
        caller.thing(GET={"_since": "abc"}).collection_get()


def test_the_next_page_is_a_url_of_the_collection(caller: Caller) -> None:
    for _ in range(2):
        caller.thing({}).collection_post()

    resource = caller.thing(GET={"_limit": "1"})
    resource.collection_get()

    assert resource.request.response.headers["Next-Page"].startswith("http://localhost/thing-collection?")


def test_a_model_can_be_used_by_hand(caller: Caller) -> None:
    resource = caller.thing()
    record = resource.model.create_record({"url": "x"}, unique_fields=["url"])

    with pytest.raises(UnicityError):
        resource.model.create_record({"url": "x"}, unique_fields=["url"])
    assert resource.postprocess(record) == {"data": record}
    assert resource.record_id is None
    assert resource.timestamp == record["last_modified"]
    resource.timestamp = 7
    assert resource.timestamp == 7


def test_a_record_that_somebody_creates_meanwhile_is_replaced(caller: Caller) -> None:
    class RacingModel(Model):
        """Somebody else creates the record right after we did not find it."""

        def get_record(self, record_id: str, parent_id: str | None = None) -> dict[str, Any]:
            try:
                return super().get_record(record_id, parent_id)
            except RecordNotFoundError:
                self.create_record({"id": record_id, "a": "theirs"})
                raise

    resource = caller.thing({"a": "ours"}, record_id="00000000-0000-4000-8000-000000000001")
    resource.model = RacingModel(caller.registry.storage, UUID4(), "thing", "basicauth:ada")

    record = resource.put()["data"]

    assert record["a"] == "ours"
    assert resource.request.response.status_code == 200


def test_on_a_request_without_route_there_is_no_id(caller: Caller) -> None:
    assert caller.thing(matchdict=None).record_id is None


def test_a_resource_may_answer_a_change_without_the_record(caller: Caller) -> None:
    class Silent(Thing):
        def postprocess(self, result: Any, *args: Any, **options: Any) -> dict[str, Any]:
            return {"done": sorted(result)}

    path = {"record_id": "00000000-0000-4000-8000-000000000001"}
    Silent(caller.thing({"a": 1}, **path).request).put()

    body = Silent(caller.thing({"b": 2}, **path).request).patch()

    assert body == {"done": ["a", "b", "id", "last_modified"]}


@pytest.mark.parametrize(
    "attributes", [{"matchdict": {"shelf": "a\0b"}}, {"prefixed_userid": "\u00e9" * 750 + "a"}]
)
def test_a_path_that_no_storage_could_keep_is_refused(caller: Caller, attributes: dict[str, Any]) -> None:
    with pytest.raises(HTTPBadRequest):
        caller.thing(**attributes)


def test_a_parent_may_be_long_and_an_id_is_looked_at_later(caller: Caller) -> None:
    resource = caller.thing(matchdict={"id": "a\0b"}, prefixed_userid="\u00e9" * 750)

    with pytest.raises(HTTPBadRequest):
        resource.get()
