"""Which endpoints a resource has, where they are, and how applications change them."""

from types import ModuleType
from typing import Any

import pytest
from cornice.service import SERVICES
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from webtest import TestApp

import cliquet_like
from cliquet_like import Service
from cliquet_like.events import ACTIONS
from cliquet_like.resource import (
    BaseResource,
    ResourceSchema,
    UserResource,
    ViewSet,
    register,
    register_resource,
)
from cliquet_like.testing.app import MEMORY_SETTINGS, make_client, sign_in


class Anything(ResourceSchema):
    class Options:
        preserve_unknown = True


@pytest.fixture
def module() -> ModuleType:
    """A module of an application, empty; it has our name, because here its classes are decorated."""
    return ModuleType(__name__)


def serve(module: ModuleType, resource_cls: type, **settings: Any) -> TestApp:
    """Client of an application that scans a module with this resource."""
    setattr(module, resource_cls.__name__, resource_cls)
    return make_client(module, **settings)


def test_a_method_that_is_not_declared_is_refused(module: ModuleType) -> None:
    @register(collection_methods=("GET",), record_methods=("PUT", "DELETE"))
    class Thing(BaseResource):
        mapping = Anything()

    app = serve(module, Thing)

    assert app.get("/v1/things").json == {"data": []}
    response = app.post_json("/v1/things", {"data": {}}, status=405)
    assert set(response.headers["Allow"].split(", ")) >= {"GET", "HEAD"}
    assert response.json["errno"] == 115
    app.get("/v1/things/abc", status=405)


def test_paths_may_be_anywhere_and_hold_variables(module: ModuleType) -> None:
    @register(
        name="leaf", collection_path="/trees/{{tree}}/leaves", record_path="/trees/{{tree}}/leaves/{{id}}"
    )
    class Thing(BaseResource):
        mapping = Anything()

        def get_parent_id(self, request: Any) -> str:
            return f"{request.prefixed_userid}/{request.matchdict['tree']}"

    app = serve(module, Thing)
    record = app.post_json("/v1/trees/oak/leaves", {"data": {}}).json["data"]
    app.post_json("/v1/trees/oak/leaves", {"data": {}})

    assert app.get(f"/v1/trees/oak/leaves/{record['id']}").json["data"] == record
    app.get(f"/v1/trees/elm/leaves/{record['id']}", status=404)
    next_page = app.get("/v1/trees/oak/leaves?_limit=1").headers["Next-Page"]
    assert next_page.startswith("http://localhost/v1/trees/oak/leaves?")


@pytest.mark.parametrize("readonly", [True, "true"])
def test_in_read_only_mode_nothing_is_written(make_app: Any, readonly: Any) -> None:
    app = make_app(readonly=readonly)

    assert app.get("/v1/notes").json == {"data": []}
    app.head("/v1/notes")
    app.post_json("/v1/notes", {"data": {}}, status=405)
    app.delete("/v1/notes", status=405)
    app.put_json("/v1/notes/abc", {"data": {}}, status=405)


def test_a_setting_takes_one_endpoint_away(make_app: Any) -> None:
    app = make_app(collection_note_delete_enabled="false", record_note_get_enabled=False)

    record = app.post_json("/v1/notes", {"data": {}}).json["data"]

    app.delete("/v1/notes", status=405)
    app.get(f"/v1/notes/{record['id']}", status=405)
    app.delete(f"/v1/notes/{record['id']}", status=200)


def test_given_settings_replace_those_of_the_application(module: ModuleType) -> None:
    class Thing(BaseResource):
        mapping = Anything()

    register_resource(Thing, settings={"collection_thing_post_enabled": False})
    app = serve(module, Thing)

    app.post_json("/v1/things", {"data": {}}, status=405)


def test_a_view_set_can_be_given(module: ModuleType) -> None:
    class Thing(BaseResource):
        mapping = Anything()

    viewset = ViewSet(service_arguments={})
    register_resource(Thing, viewset=viewset, name="gadget")
    app = serve(module, Thing)

    assert app.get("/v1/gadgets").json == {"data": []}


def test_services_say_what_they_serve(app: TestApp) -> None:
    services = app.app.registry.cornice_services

    collection, record = services["v1/notes"], services["v1/notes/{id}"]
    assert (collection.name, record.name) == ("note-collection", "note-record")
    assert (collection.type, record.type) == ("collection", "record")
    assert collection.resource is record.resource
    assert record.collection_path == "/notes"
    assert collection.record_path == "/notes/{id}"
    assert isinstance(record.viewset, ViewSet)


def test_without_storage_a_resource_cannot_be_registered() -> None:
    config = Configurator(settings={})
    cliquet_like.initialize(config, version="1.0", project_name="x")

    with pytest.raises(ConfigurationError, match="storage backend is missing"):
        config.scan("tests.resources")


def test_without_permissions_a_shareable_resource_cannot_be_registered() -> None:
    config = Configurator(settings={**MEMORY_SETTINGS, "permission_backend": ""})
    cliquet_like.initialize(config, version="1.0", project_name="x")

    with pytest.raises(ConfigurationError, match=r"set permission_backend to register Toadstool"):
        config.scan("tests.resources")


@pytest.mark.parametrize("path", ["/things/{id}", "/things/{{id}"])
def test_a_path_that_is_no_pattern_is_refused_at_start(module: ModuleType, path: str) -> None:
    @register(record_path=path)
    class Thing(BaseResource):
        mapping = Anything()

    with pytest.raises(ConfigurationError, match=r"Thing cannot be registered.*\{\{id\}\}"):
        serve(module, Thing)


def test_a_service_that_cannot_be_registered_stops_the_start() -> None:
    config = Configurator(settings=dict(MEMORY_SETTINGS))
    cliquet_like.initialize(config, version="1.0")
    config.registry.settings["cors_max_age_seconds"] = "soon"

    with pytest.raises(ConfigurationError, match="Service broken cannot be registered"):
        config.add_cornice_service(Service(name="broken", path="/broken"))


def test_an_application_leaves_nothing_in_the_process() -> None:
    before = len(SERVICES)

    make_client("tests.resources")

    assert len(SERVICES) == before


def test_the_environment_sets_what_is_named_after_a_resource(
    make_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIQUET_LIKE_COLLECTION_NOTE_GET_ENABLED", "false")
    monkeypatch.setenv("CLIQUET_LIKE_MUSHROOM_CACHE_EXPIRES_SECONDS", "60")
    app = make_app(user=None)

    app.get("/v1/notes", status=405)
    assert app.get("/v1/public/mushrooms").headers["Cache-Control"] == "max-age=60"


def test_answers_and_fields_can_be_changed_by_hooks(module: ModuleType) -> None:
    @register()
    class Thing(UserResource):
        mapping = ResourceSchema()

        def is_known_field(self, field: str) -> bool:
            return field == "secret" or super().is_known_field(field)

        def process_record(self, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
            return {**new, "secret": 7}

        def postprocess(self, result: Any, action: ACTIONS = ACTIONS.READ, old: Any = None) -> dict[str, Any]:
            return {**super().postprocess(result, action, old), "action": action.value}

    app = serve(module, Thing)
    created = app.post("/v1/things", b"", content_type="application/json")
    path = f"/v1/things/{created.json['data']['id']}"

    assert created.json["action"] == "create"
    assert created.json["data"]["secret"] == 7
    assert app.get("/v1/things?secret=7").json["action"] == "read"
    assert app.put_json(path, {"data": {}}).json["action"] == "update"
    assert app.delete(path).json["action"] == "delete"
    app.get("/v1/things?other=7", status=400)


def test_a_model_may_choose_its_ids(module: ModuleType) -> None:
    class Digits:
        def __call__(self) -> str:
            return "7"

        def match(self, object_id: Any) -> bool:
            return isinstance(object_id, str) and object_id.isdecimal()

    @register()
    class Thing(BaseResource):
        mapping = Anything()

        def __init__(self, request: Any, context: Any = None) -> None:
            super().__init__(request, context)
            self.model.id_generator = Digits()  # type: ignore[assignment]

    app = serve(module, Thing)

    assert app.post_json("/v1/things", {"data": {}}).json["data"]["id"] == "7"
    app.get("/v1/things/7")
    app.get("/v1/things/abc", status=400)
    app.put_json("/v1/things/abc", {"data": {}}, status=400)


def test_without_a_generator_any_id_will_do(module: ModuleType) -> None:
    @register()
    class Thing(BaseResource):
        mapping = Anything()

        def __init__(self, request: Any, context: Any = None) -> None:
            super().__init__(request, context)
            self.model.id_generator = None

    app = serve(module, Thing)

    app.put_json("/v1/things/any.id", {"data": {}}, status=201)


def test_the_old_name_of_the_model_warns(app: TestApp, module: ModuleType) -> None:
    @register()
    class Thing(BaseResource):
        mapping = Anything()

        def postprocess(self, result: Any, action: ACTIONS = ACTIONS.READ, old: Any = None) -> dict[str, Any]:
            with pytest.warns(DeprecationWarning, match=r"use resource\.model"):
                assert self.collection is self.model
            return {"data": self.timestamp}

    app = serve(module, Thing)

    assert app.get("/v1/things").json["data"] > 0


def test_two_applications_in_one_process_do_not_meet() -> None:
    first = make_client("tests.resources", paginate_by=1)
    second = make_client("tests.resources", paginate_by=2, readonly=True, userid_hmac_secret="other")

    for _ in range(3):
        first.post_json("/v1/notes", {"data": {}})

    assert len(first.get("/v1/notes").json["data"]) == 1
    assert second.get("/v1/notes").json["data"] == []
    second.post_json("/v1/notes", {"data": {}}, status=405)
    assert first.get("/v1/").json["user"] != second.get("/v1/").json["user"]


def test_nobody_sees_a_private_list_without_signing_in(app: TestApp) -> None:
    nobody = sign_in(app, None)

    for path in ("/v1/notes", "/v1/notes/abc"):
        response = nobody.get(path, status=401)
        assert response.json["errno"] == 104
        assert "WWW-Authenticate" in response.headers


def test_the_memory_settings_name_memory_backends() -> None:
    assert MEMORY_SETTINGS["storage_backend"] == "cliquet_like.storage.memory"
