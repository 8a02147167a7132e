"""Applications whose events are heard, and a resource that alters its answers."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from webtest import TestApp

from cliquet_like.events import ACTIONS
from cliquet_like.resource import BaseResource, register
from cliquet_like.testing.app import make_client
from tests.resources.notes import NoteSchema


@register()
class Decorated(BaseResource):
    """Its answers hold more than its records."""

    mapping = NoteSchema()

    def postprocess(self, result: Any, action: ACTIONS = ACTIONS.READ, old: Any = None) -> dict[str, Any]:
        body = super().postprocess(result, action=action, old=old)
        if isinstance(result, dict):
            body["data"]["link"] = "/here"
            body["data"].setdefault("tags", []).append("answered")
        return body


@contextmanager
def listened_app(settings: Mapping[str, Any], *resources: str) -> Iterator[TestApp]:
    """Client of a new application on tables that are emptied; all resources when none are named."""
    scanned = resources or ("tests.resources", "tests.listening")
    app = make_client(*scanned, "tests.mishaps", **settings)
    registry = app.app.registry
    registry.storage.initialize_schema()
    registry.storage.flush()
    yield app
    for client in getattr(registry, "database_clients", {}).values():
        client.close()


def subscribe(app: TestApp, subscriber: Callable[[Any], Any], *events: type) -> None:
    """Let a function be called with events of these classes."""
    for event in events:
        app.app.registry.registerHandler(subscriber, (event,))


def hear(app: TestApp, *events: type) -> list[Any]:
    """List to which each event of these classes is added."""
    heard: list[Any] = []
    subscribe(app, heard.append, *events)
    return heard


def names_of(heard: list[Any]) -> list[tuple[str, str]]:
    """Resource and action of each event."""
    return [(event.payload["resource_name"], event.payload["action"]) for event in heard]


def post(path: str, **fields: Any) -> dict[str, Any]:
    """Item of a batch."""
    return {"method": "POST", "path": path, "body": {"data": fields}}


def texts(app: TestApp) -> set[str]:
    """Texts of the notes that are stored."""
    return {note["text"] for note in app.get("/v1/notes").json["data"]}
