"""The service on this library, as an application would write it."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import colander

from benchmarks.dataset import CREDENTIALS, HMAC_SECRET, PROJECT_NAME, fields_of, id_of, owner_of, stamp_of
from benchmarks.workloads import Service as Service
from cliquet_like.initialization.schema_check import without_schema_check
from cliquet_like.resource import BaseResource, ResourceSchema, register
from cliquet_like.resource.schema import URL
from cliquet_like.storage.indexes import IndexedStorage
from cliquet_like.testing.app import make_wsgi_app

KINDS = ("storage", "permission", "cache")


class BookmarkSchema(ResourceSchema):
    url = URL()
    title = colander.SchemaNode(colander.String(), missing="")
    status = colander.SchemaNode(colander.String(), missing="")

    class Options:
        indexed_fields = (("status", "title"),)


@register()
class Bookmark(BaseResource):
    mapping = BookmarkSchema()


def settings_of(url: str, backend: str) -> Mapping[str, str]:
    """Settings of an application whose three backends are of one kind."""
    chosen = {f"{kind}_backend": f"cliquet_like.{kind}.{backend}" for kind in KINDS}
    places = {f"{kind}_url": url for kind in KINDS}
    return {**chosen, **places, "userid_hmac_secret": HMAC_SECRET, "project_name": PROJECT_NAME}


def make_app(url: str = "", backend: str = "memory") -> Any:
    """WSGI application, whose tables may not be there yet."""
    with without_schema_check():
        return make_wsgi_app("benchmarks.ours", settings=settings_of(url, backend))


def fill(app: Any, size: int) -> None:
    """Make the tables and indexes, and so many records of the user; those that were there are gone."""
    registry, owner = app.registry, owner_of(CREDENTIALS)
    for kind in KINDS:
        getattr(registry, kind).initialize_schema()
    storage = registry.storage
    storage.flush()
    for number in range(1, size + 1):
        own = {"id": id_of(number), "last_modified": stamp_of(number)}
        storage.create("bookmark", owner, {**fields_of(number, size), **own})
    if isinstance(storage, IndexedStorage):
        existing = storage.existing_indexes()
        for index in chain.from_iterable(registry.indexed_fields.values()):
            if index.name not in existing:
                storage.create_index(index)


def close(app: Any) -> None:
    """Leave no connection."""
    for kind in KINDS:
        database = getattr(getattr(app.registry, kind), "database", None)
        if database is not None:
            database.close()
