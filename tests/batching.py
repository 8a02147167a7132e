"""Batches that write notes and bookmarks, in applications on PostgreSQL."""

from collections.abc import Callable, Iterator
from typing import Any

from webtest import TestApp

from cliquet_like.testing.app import make_client

NOTES = "/v1/notes"
BOOKMARKS = "/v1/bookmarks"

Maker = Callable[..., TestApp]


def makers(url: str) -> Iterator[Maker]:
    """Maker of applications on a database, in whose service ``half`` the ``registry.visitors`` come by."""
    made = []

    def make_app(**settings: str) -> TestApp:
        settings = {"storage_backend": "cliquet_like.storage.postgresql", "storage_url": url, **settings}
        names = ("tests.resources.notes", "tests.resources.bookmarks", "tests.mishaps")
        app = make_client(*names, **settings)
        made.append(app)
        app.app.registry.storage.initialize_schema()
        app.app.registry.visitors = []
        return app

    yield make_app
    for app in made:
        app.app.registry.storage.database.close()


def post(text: str, path: str = NOTES, **fields: Any) -> dict[str, Any]:
    name = "url" if path == BOOKMARKS else "text"
    return {"method": "POST", "path": path, "body": {"data": {name: text, **fields}}}


def half(ending: str) -> dict[str, Any]:
    """Write a note, let the visitors come by, and end."""
    return {"method": "POST", "path": "/v1/half", "body": {"text": f"half {ending}", "then": ending}}


def batch(app: TestApp, *requests: dict[str, Any], **options: Any) -> list[Any]:
    answers: list[Any] = app.post_json("/v1/batch", {"requests": requests}, **options).json.get("responses")
    return answers


def statuses(answers: list[Any]) -> list[int]:
    return [answer["status"] for answer in answers]


def texts(app: TestApp) -> list[str]:
    """Of the notes that are stored, in the order of their timestamps."""
    return [note["text"] for note in app.get(f"{NOTES}?_sort=last_modified").json["data"]]
