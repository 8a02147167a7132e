"""The same service on Django REST framework: a model with columns, a serializer, a view set, basic auth.

It has the fields of a record without the envelope ``data``, and no ETags, conditions or batches.
"""

# The peer is in an environment of its own.
# mypy: disable-error-code="import-not-found"

import json
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection

from benchmarks.client import Answer
from benchmarks.dataset import CREDENTIALS, fields_of, id_of, owner_of, stamp_of
from benchmarks.workloads import Service as OwnService


class Service(OwnService):
    lacks = frozenset({"GET one, 304", "batch of 25 POST"})

    def filtered(self, status: str) -> str:
        return f"{self.newest}&status={status}&ordering=title"

    def next_page(self, answer: Answer) -> str | None:
        url = json.loads(answer.body)["next"]
        if url is None:
            return None
        parts = urlsplit(url)
        return f"{parts.path}?{parts.query}"

    def body(self, fields: dict[str, Any]) -> bytes:
        return json.dumps(fields).encode()

    def records(self, answer: Answer) -> list[dict[str, Any]]:
        value = json.loads(answer.body)
        found: list[dict[str, Any]] = value.get("results", [value])
        return found


def make_app(url: str) -> Any:
    """WSGI application, whose table may not be there yet."""
    parts = urlsplit(url)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": parts.username,
        "PASSWORD": parts.password or "",
        "HOST": parts.hostname,
        "PORT": parts.port,
        "CONN_MAX_AGE": None,
    }
    settings.configure(
        DATABASES={"default": database},
        SECRET_KEY="of the benchmarks",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="benchmarks.peers.django_urls",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        APPEND_SLASH=False,
        USE_TZ=True,
        REST_FRAMEWORK={"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
    )
    django.setup()
    return get_wsgi_application()


def fill(app: Any, size: int) -> None:
    """Make the table, with so many records of the user."""
    from benchmarks.peers.django_urls import Bookmark

    with connection.schema_editor() as editor:
        editor.create_model(Bookmark)
    owner = owner_of(CREDENTIALS)
    Bookmark.objects.bulk_create(
        (
            Bookmark(id=id_of(number), owner=owner, last_modified=stamp_of(number), **fields_of(number, size))
            for number in range(1, size + 1)
        ),
        batch_size=1_000,
    )


def close(app: Any) -> None:
    """Leave no connection."""
    connection.close()
