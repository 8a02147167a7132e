"""The same service on kinto.core: a resource whose records everybody who signs in may read and write."""

# The peer is in an environment of its own.
# mypy: disable-error-code="import-not-found"

import json
from typing import Any

import colander
import kinto.core
from kinto.core import resource
from pyramid.config import Configurator

from benchmarks.client import call
from benchmarks.dataset import HMAC_SECRET, PROJECT_NAME, fields_of, id_of
from benchmarks.workloads import Service as Service

KINDS = ("storage", "permission", "cache")
IN_A_BATCH = 200


class BookmarkSchema(resource.ResourceSchema):
    url = colander.SchemaNode(colander.String(), validator=colander.url)
    title = colander.SchemaNode(colander.String(), missing="")
    status = colander.SchemaNode(colander.String(), missing="")


@resource.register()
class Bookmark(resource.Resource):
    schema = BookmarkSchema


def make_app(url: str) -> Any:
    """WSGI application, whose tables may not be there yet."""
    settings = {
        "project_name": PROJECT_NAME,
        "multiauth.policies": "basicauth",
        "userid_hmac_secret": HMAC_SECRET,
        "batch_max_requests": IN_A_BATCH,
        **{f"bookmark_{what}_principals": "system.Authenticated" for what in ("create", "read", "write")},
    }
    for kind in KINDS:
        settings[f"{kind}_backend"] = f"kinto.core.{kind}.postgresql"
        settings[f"{kind}_url"] = url
    config = Configurator(settings=settings)
    kinto.core.initialize(config, version="1.0")
    config.scan("benchmarks.peers.kinto_core")
    return config.make_wsgi_app()


def fill(app: Any, size: int) -> None:
    """Make the tables, with so many records."""
    for kind in KINDS:
        getattr(app.registry, kind).initialize_schema()
    for first in range(1, size + 1, IN_A_BATCH):
        items = [
            {"path": f"/v1/bookmarks/{id_of(number)}", "body": {"data": fields_of(number, size)}}
            for number in range(first, min(first + IN_A_BATCH, size + 1))
        ]
        batch = {"defaults": {"method": "PUT"}, "requests": items}
        answer = call(app, "POST", "/v1/batch", json.dumps(batch).encode())
        if answer.status != 200:
            raise RuntimeError(answer.body)


def close(app: Any) -> None:
    """Nothing of it can be closed from outside: the process ends anyway."""
