"""A list leaves as the texts of the database only where nothing of the application looks at it."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyramid.config import Configurator
from webtest import TestApp

from cliquet_like import DEFAULT_SETTINGS
from cliquet_like.events import ACTIONS, AfterResourceRead, ResourceRead
from cliquet_like.initialization.bootstrap import initialize
from cliquet_like.resource import BaseResource, Model, ResourceSchema, register
from cliquet_like.storage.query import Page, Record
from cliquet_like.testing.app import MEMORY_SETTINGS, basic_auth

pytestmark = pytest.mark.once

NUMBERS = {"huge": [1e308] * 50, "tiny": [5e-324] * 50, "exact": 0.1 + 0.2, "whole": 2**63 - 1}
SENT = {"float": 1.0, "large": 2**63 - 1, "small": 1e-9, "text": 'ä"\n', "inside": {"b": [None, True]}}


class Anything(ResourceSchema):
    class Options:
        preserve_unknown = True


@register()
class Plain(BaseResource):
    mapping = Anything()


@register()
class Reading(BaseResource):
    """Sees the list before it leaves."""

    mapping = Anything()

    def postprocess(self, result: Any, action: ACTIONS = ACTIONS.READ, old: Any = None) -> dict[str, Any]:
        body = super().postprocess(result, action=action, old=old)
        return {**body, "kind": type(result).__name__}


@register()
class Listing(BaseResource):
    """Changes the list on its way out."""

    mapping = Anything()

    def collection_get(self) -> dict[str, Any]:
        body = super().collection_get()
        body["data"].reverse()
        return body


class Shouting(Model):
    def get_records(self, *args: Any, **criteria: Any) -> tuple[list[Record], int]:
        records, total = super().get_records(*args, **criteria)
        return [{**record, "text": "HELLO"} for record in records], total


@register()
class Modelled(BaseResource):
    mapping = Anything()
    default_model = Shouting


@register()
class Held(BaseResource):
    """Decides in each request who looks at its list, and holds what it will answer with."""

    mapping = Anything()

    def __init__(self, request: Any, context: Any = None) -> None:
        super().__init__(request, context)
        self.headers = request.response.headers
        if "own" in request.GET:
            self.postprocess = self.count  # type: ignore[method-assign]

    def count(self, result: Any, action: ACTIONS = ACTIONS.READ, old: Any = None) -> dict[str, Any]:
        self.headers["X-Kind"] = type(result).__name__
        return {"data": len(result)}


class Bare:
    """No subclass of ours, with what a list needs."""

    id_field, modified_field, deleted_field = "id", "last_modified", "deleted"
    id_generator = None

    def __init__(self, **given: Any) -> None:
        self._model = Model(**given)
        self.parent_id = self._model.parent_id

    def get_page(self, **criteria: Any) -> Page:
        return self._model.get_page(**criteria)


@register()
class Exchanged(BaseResource):
    mapping = Anything()
    default_model = Bare  # type: ignore[assignment]


def keep(event: Any) -> None:
    event.request.registry.told.append(event)


class Service:
    """An application on PostgreSQL, and its client."""

    def __init__(self, url: str, **others: Any) -> None:
        settings = {"storage_backend": "cliquet_like.storage.postgresql", "storage_url": url, **others}
        config = Configurator(settings={**MEMORY_SETTINGS, **settings})
        initialize(config, version="1.0")
        config.scan(__name__)
        config.registry.told = self.told = []
        self.config = config

    def start(self) -> TestApp:
        client = TestApp(self.config.make_wsgi_app())
        client.extra_environ["HTTP_AUTHORIZATION"] = basic_auth("ada")
        self.config.registry.storage.initialize_schema()
        self.config.registry.storage.flush()
        return client


@pytest.fixture
def service(postgresql_url: str) -> Iterator[Service]:
    made = Service(postgresql_url)
    yield made
    made.config.registry.storage.database.close()


@pytest.mark.parametrize("name", ["plains", "readings"])
def test_a_list_shows_each_record_as_it_was_answered_before(service: Service, name: str) -> None:
    client = service.start()
    created = [client.post_json(f"/v1/{name}", {"data": data}).json["data"] for data in ({}, SENT)]

    answer = client.get(f"/v1/{name}")

    assert answer.json["data"] == created[::-1]
    assert answer.headers["Total-Records"] == "2"
    assert answer.headers["ETag"] == f'"{created[1]["last_modified"]}"'
    assert answer.headers["Content-Type"] == "application/json"


def test_pages_go_on_where_the_last_one_ended(service: Service) -> None:
    client = service.start()
    for number in range(5):
        client.post_json("/v1/plains", {"data": {"n": number, "odd": "?>~"}})

    seen, url = [], "/v1/plains?_sort=odd,-n&_limit=2&odd=?>~"
    while url:
        answer = client.get(url)
        seen.append([record["n"] for record in answer.json["data"]])
        url = answer.headers.get("Next-Page", "")

    assert seen == [[4, 3], [2, 1], [0]]


def test_a_projection_shows_some_fields(service: Service) -> None:
    client = service.start()
    created = client.post_json("/v1/plains", {"data": SENT}).json["data"]

    (shown,) = client.get("/v1/plains?_fields=text").json["data"]

    assert shown == {name: created[name] for name in ("id", "last_modified", "text")}


def test_hooks_of_an_application_see_records(service: Service) -> None:
    client = service.start()
    for name in ("readings", "listings", "modelleds"):
        for number in range(2):
            client.post_json(f"/v1/{name}", {"data": {"n": number}})

    answers = {name: client.get(f"/v1/{name}").json for name in ("readings", "listings", "modelleds")}

    assert answers["readings"]["kind"] == "list"
    assert [record["n"] for record in answers["listings"]["data"]] == [0, 1]
    assert [record["text"] for record in answers["modelleds"]["data"]] == ["HELLO", "HELLO"]


def test_hooks_that_a_request_brings_see_records(service: Service) -> None:
    client = service.start()
    client.post_json("/v1/helds", {"data": SENT})

    plain, own = client.get("/v1/helds"), client.get("/v1/helds?own=1")

    assert (len(plain.json["data"]), own.json["data"]) == (1, 0)
    assert ("X-Kind" in plain.headers, own.headers["X-Kind"]) == (False, "list")
    assert own.headers["Total-Records"] == "0"


def test_methods_that_are_replaced_after_the_start_are_called(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = service.start()

    monkeypatch.setattr(Plain, "postprocess", lambda *_, **__: {"data": "replaced"})
    shown = client.get("/v1/plains").json["data"]
    monkeypatch.setattr(Plain, "collection_get", lambda _: {"data": "whole"})
    listed = client.get("/v1/plains").json["data"]

    assert (shown, listed) == ("replaced", "whole")


def test_numbers_of_a_list_are_those_of_its_records(service: Service) -> None:
    client = service.start()
    path = f"/v1/plains/{client.post_json('/v1/plains', {'data': NUMBERS}).json['data']['id']}"

    listed, shown = client.get("/v1/plains"), client.get(path)

    assert listed.json["data"] == [shown.json["data"]]
    assert abs(len(listed.body) - len(shown.body)) < 20


def test_a_model_of_another_kind_is_asked_as_ever(service: Service) -> None:
    client = service.start()

    assert client.get("/v1/exchangeds").json == {"data": []}


def test_subscribers_are_told_of_records(service: Service) -> None:
    service.config.add_subscriber(keep, ResourceRead)
    service.config.add_subscriber(keep, AfterResourceRead)
    client = service.start()
    created = client.post_json("/v1/plains", {"data": SENT}).json["data"]

    client.get("/v1/plains")

    assert [type(event) for event in service.told] == [ResourceRead, AfterResourceRead]
    assert [event.read_records for event in service.told] == [[created], [created]]
    assert service.told[0].payload["timestamp"] == created["last_modified"]


def test_another_way_to_be_told_is_given_records(postgresql_url: str) -> None:
    def notify(request: Any, **options: Any) -> None:
        request.registry.told.append(options)

    service = Service(postgresql_url)
    service.config.commit()
    service.config.add_request_method(notify, name="notify_resource_event")
    client = service.start()
    created = client.post_json("/v1/plains", {"data": SENT}).json["data"]

    client.get("/v1/plains")

    service.config.registry.storage.database.close()
    assert service.told[-1]["data"] == [created]


def test_where_nobody_can_be_told_of_records_they_are_listed_all_the_same(postgresql_url: str) -> None:
    steps = [step for step in DEFAULT_SETTINGS["initialization_sequence"] if "transaction_hook" not in step]
    service = Service(postgresql_url, initialization_sequence=steps)
    client = service.start()
    created = client.post_json("/v1/plains", {"data": SENT}).json["data"]

    answer = client.get("/v1/plains")

    service.config.registry.storage.database.close()
    assert answer.json == {"data": [created]}
