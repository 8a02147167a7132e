"""Batches where ``bound_data`` was left out of the start-up: the outermost request knows what they share."""

import pytest
from pyramid.config import Configurator
from webtest import TestApp

import cliquet_like
from cliquet_like.events import AfterResourceChanged, ResourceChanged
from cliquet_like.testing.app import MEMORY_SETTINGS, basic_auth
from tests.asking import Backend
from tests.listening import hear, names_of, post
from tests.sharing import EVERYBODY_CREATES

STEP = "cliquet_like.initialization.setup_request_bound_data"


@pytest.fixture
def app() -> TestApp:
    steps = [step for step in cliquet_like.DEFAULT_SETTINGS["initialization_sequence"] if step != STEP]
    config = Configurator(settings={**MEMORY_SETTINGS, **EVERYBODY_CREATES, "initialization_sequence": steps})
    cliquet_like.initialize(config, version="1.0")
    config.registry.permission = Backend()
    config.scan("tests.resources")
    return TestApp(config.make_wsgi_app(), extra_environ={"HTTP_AUTHORIZATION": basic_auth("ada")})


def test_a_batch_tells_of_each_resource_and_action_once(app: TestApp) -> None:
    heard = hear(app, ResourceChanged, AfterResourceChanged)
    requests = [post("/notes", text="a"), post("/bookmarks", url="http://a/"), post("/notes", text="b")]

    app.post_json("/v1/batch", {"requests": requests})
    first = list(heard)
    app.post_json("/v1/batch", {"requests": requests[:1]})

    assert names_of(first) == [("note", "create"), ("bookmark", "create")] * 2
    assert [change["new"]["text"] for change in first[0].impacted_records] == ["a", "b"]
    assert names_of(heard[len(first) :]) == [("note", "create")] * 2


def test_what_is_refused_in_a_batch_is_not_told(app: TestApp) -> None:
    heard = hear(app, ResourceChanged)
    refused = {**post("/notes", text="b"), "headers": {"If-Match": '"1"'}}

    app.post_json("/v1/batch", {"requests": [refused, post("/notes", text="a"), refused]})

    assert [change["new"]["text"] for change in heard[0].impacted_records] == ["a"]


def test_groups_are_asked_for_once_a_batch_and_user(app: TestApp) -> None:
    backend = app.app.registry.permission
    path, users = "/toadstools/00000000-0000-4000-8000-000000000001", ["ada", "bob", "ada"]
    headers = [{"Authorization": basic_auth(user)} for user in users]
    requests = [{"path": path, "headers": header} for header in headers]

    answers = app.post_json("/v1/batch", {"requests": requests}).json["responses"]
    asked = list(backend.users)
    app.get(f"/v1{path}", status=403)

    assert [answer["status"] for answer in answers] == [403] * 3
    assert (len(asked), len(set(asked))) == (2, 2)
    assert backend.users == [*asked, asked[0]]
