"""Applications whose records are shared between users, on any backend; the resources of their tests."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import colander
from webtest import TestApp

from cliquet_like import Service
from cliquet_like.authorization import AuthorizationPolicy, RouteFactory
from cliquet_like.kernel.text import hmac_digest
from cliquet_like.resource import ResourceSchema, ShareableModel, ShareableResource, register
from cliquet_like.storage.generators import Generator
from cliquet_like.testing.app import MEMORY_SETTINGS, make_client
from tests.contracts import backends
from tests.resources.notes import NoteSchema

SCANNED = ("tests.resources", "tests.mishaps", "tests.sharing")
TOADSTOOLS = "/v1/toadstools"
EVERYBODY_CREATES = {
    f"{name}_create_principals": "system.Authenticated"
    for name in ("toadstool", "page", "shelve", "book", "contested", "asking")
}


class Word(Generator):
    """Any letters and digits, of any language; a dash makes no word."""

    regexp = r"\w+"

    def __call__(self) -> str:
        return "word"


class BookSchema(ResourceSchema):
    title = colander.SchemaNode(colander.String(), missing="")


@register()
class Shelf(ShareableResource):
    """Its ids are words; its permissions have any name."""

    name = "shelve"
    mapping = BookSchema()
    permissions = ()

    def __init__(self, request: Any, context: Any = None) -> None:
        super().__init__(request, context)
        self.model.id_generator = Word()


@register()
class Own(ShareableResource):
    """Each user has a collection of his own, but the paths are everybody's."""

    mapping = BookSchema()

    def get_parent_id(self, request: Any) -> str:
        return str(request.prefixed_userid)


@register(collection_path="/shelves/{{shelf_id}}/books", record_path="/shelves/{{shelf_id}}/books/{{id}}")
class Book(ShareableResource):
    """Its records belong to a shelf."""

    mapping = BookSchema()

    def __init__(self, request: Any, context: Any = None) -> None:
        super().__init__(request, context)
        self.model.id_generator = Word()

    def get_parent_id(self, request: Any) -> str:
        return f"/shelves/{request.matchdict['shelf_id']}"


@register()
class Page(ShareableResource):
    """Keeps any field."""

    mapping = NoteSchema()


@register(collection_path="/page", record_path="/page/{{id}}")
class Leaf(ShareableResource):
    """Its path is how that of the pages begins."""

    mapping = NoteSchema()


def renaming(request: Any) -> RouteFactory:
    """Context whose objects have names of their own."""
    context = RouteFactory(request)

    def name(request: Any, record_id: str | None) -> str:
        return f"folio {record_id or (request.matchdict or {}).get('id', '')}"

    context.get_permission_object_id = name  # type: ignore[method-assign,assignment]
    return context


@register(service_arguments={"factory": renaming})
class Folio(ShareableResource):
    """The ids of its objects are no paths."""

    mapping = NoteSchema()


class ContestedModel(ShareableModel):
    """Lets somebody else do something right before it writes: ``meanwhile`` of the storage, once."""

    def create_record(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._wait()
        return super().create_record(*args, **kwargs)

    def update_record(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._wait()
        return super().update_record(*args, **kwargs)

    def delete_record(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._wait()
        return super().delete_record(*args, **kwargs)

    def delete_records(self, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        self._wait()
        return super().delete_records(*args, **kwargs)

    def _wait(self) -> None:
        meanwhile = vars(self.storage).pop("meanwhile", None)
        if meanwhile is not None:
            # In a thread of its own nothing is part of our transaction.
            with ThreadPoolExecutor(1) as others:
                others.submit(meanwhile).result(timeout=20)


@register()
class Contested(ShareableResource):
    """Its records are written by somebody else too, at the worst moment."""

    mapping = NoteSchema()
    default_model = ContestedModel


@register()
class Asking(Contested):
    """Asks for another permission than the one that its request needs, before it writes."""

    def process_record(self, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
        return {**new, "readable": bool(self.request.has_permission("read", self.context))}


class LibraryPolicy(AuthorizationPolicy):
    """Who may write or read a shelf may write or read its books; reading includes no writing."""

    def get_bound_permissions(self, object_id: str, permission: str) -> list[tuple[str, str]]:
        shelf = "/".join(object_id.split("/")[:3])
        if shelf == object_id:
            return [(object_id, permission)]
        above = "write" if permission == "book:create" else permission
        return [(object_id, permission), (shelf, above)]


flush = Service(name="flush", path="/flush", factory=RouteFactory)


@flush.post(permission="flush")
def post_flush(request: Any) -> dict[str, Any]:
    """A view of no resource, with a permission of its own."""
    context = request.context
    return {
        "required": context.required_permission,
        "record": context.current_record,
        "collection": context.on_collection,
        "resource": context.resource_name,
        "allowed": context.allowed_principals,
        "shared": context.shared_ids,
        "object": context.permission_object_id,
    }


def user_id(user: str) -> str:
    """Principal of a user, as entries and hello name it."""
    return "basicauth:" + hmac_digest(MEMORY_SETTINGS["userid_hmac_secret"], f"{user}:secret")


@contextmanager
def sharing_app(backend: str, directory: Path, **settings: Any) -> Iterator[TestApp]:
    """Client, signed in as Ada, of an application whose records and permissions are on one backend."""
    with backends.new_settings(backend, directory) as storage:
        permission = {
            name.replace("storage", "permission"): value.replace("storage", "permission", 1)
            if name == "storage_backend"
            else value
            for name, value in storage.items()
        }
        client = make_client(*SCANNED, **storage, **permission, **settings)
        registry = client.app.registry
        registry.storage.initialize_schema()
        registry.permission.initialize_schema()
        try:
            yield client
        finally:
            for database in getattr(registry, "database_clients", {}).values():
                database.close()


@contextmanager
def emptied(client: TestApp, settings: Mapping[str, Any] = EVERYBODY_CREATES) -> Iterator[TestApp]:
    """The same client without records and permissions; its settings are as before afterwards."""
    registry = client.app.registry
    registry.storage.flush()
    registry.permission.flush()
    before = dict(registry.settings)
    registry.settings.update(settings)
    try:
        yield client
    finally:
        registry.settings.clear()
        registry.settings.update(before)


def allow(client: TestApp, object_id: str, permission: str, *principals: str) -> None:
    """Give principals a permission, behind the back of the HTTP API."""
    for principal in principals:
        client.app.registry.permission.add_principal_to_ace(object_id, permission, principal)


def permissions_of(client: TestApp, object_id: str) -> dict[str, set[str]]:
    """What the backend knows of an object."""
    found: dict[str, set[str]] = client.app.registry.permission.object_permissions(object_id)
    return found


def created(client: TestApp, path: str = TOADSTOOLS, /, *, name: Any = "amanita", **permissions: Any) -> str:
    """Path of a new record of the client's user."""
    body = {"data": {"name": name}, "permissions": permissions}
    record_id = client.post_json(path, body, status=201).json["data"]["id"]
    return f"{path}/{record_id}"


def names(client: TestApp, path: str = TOADSTOOLS, **options: Any) -> list[str]:
    """Names of the records of a list, in its order."""
    return [record["name"] for record in client.get(path, **options).json["data"]]
