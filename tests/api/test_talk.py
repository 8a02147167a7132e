"""The code that Cliquet was presented with, with the import's name changed."""

from types import ModuleType
from typing import Any

import pytest
from webtest import TestApp

from cliquet_like.testing.app import MEMORY_SETTINGS

MAIN = """
import cliquet_like
from pyramid.config import Configurator

def main(global_config, **settings):
    config = Configurator(settings=settings)

    cliquet_like.initialize(config, version='1.0')
    config.scan(module)
    return config.make_wsgi_app()
"""

SCORE = """
import colander
from cliquet_like import Service

class ScoreSchema(colander.MappingSchema):
    points = colander.SchemaNode(colander.Integer())

score = Service(name="score",
                path='/score/{game}',
                description="Store game score")

@score.post(schema=ScoreSchema)
def post_score(request):
    collection_id = 'scores-' + request.match_dict['game']
    user_id = request.authenticated_userid
    value = request.validated  # c.f. Cornice.

    storage = request.registry.storage
    record = storage.create(collection_id, user_id, value)
    return record
"""

BOOKMARK = """
from cliquet_like import resource, schema

class BookmarkSchema(schema.ResourceSchema):
    url = schema.URL()

@resource.register()
class Bookmark(resource.BaseResource):
    mapping = BookmarkSchema()
"""

CONTROL = """
import colander
from cliquet_like import resource, schema

class BookmarkSchema(resource.ResourceSchema):
    url = schema.URL()
    title = colander.SchemaNode(colander.String())
    device = colander.SchemaNode(colander.String(), missing='')

    class Options:
        readonly_fields = ('device',)
        unique_fields = ('url',)

@resource.register(collection_path='/user/bookmarks',
                   record_path='/user/bookmarks/{{id}}',
                   collection_methods=('GET',))
class Bookmark(resource.BaseResource):
    mapping = BookmarkSchema()

    def process_record(self, new, old=None):
        if old and new['device'] != old['device']:
            device = self.request.headers.get('User-Agent')
            new['device'] = device
        return new
"""

PROFILING = """
import cliquet_like
from pyramid.config import Configurator

__version__ = '1.0'

def main(global_config, **settings):
    config = Configurator(settings=settings)
    cliquet_like.initialize(config, __version__)
    app = config.make_wsgi_app()
    return cliquet_like.install_middlewares(app)
"""

RECORD = "/v1/user/bookmarks/00000000-0000-4000-8000-000000000001"
SETTINGS = {f"cliquet_like.{name}": value for name, value in MEMORY_SETTINGS.items()}


def run(code: str, name: str = __name__, **names: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(names)
    exec(code, vars(module))
    return module


def serve(code: str) -> TestApp:
    app = TestApp(run(MAIN, module=run(code)).main({}, **SETTINGS))
    app.authorization = ("Basic", ("ada", "secret"))
    return app


def test_the_toolkit_is_enabled_in_one_line() -> None:
    app = serve("")

    assert app.get("/v1/__heartbeat__").json == {"storage": True, "cache": True, "permission": True}


def test_a_custom_view_writes_through_the_storage() -> None:
    app = serve(SCORE)

    record = app.post_json("/v1/score/chess", {"points": 3}).json
    refused = app.post_json("/v1/score/chess", {"points": "many"}, status=400)

    assert (record["points"], set(record)) == (3, {"points", "id", "last_modified"})
    assert refused.json["details"][0]["name"] == "points"


def test_a_resource_is_five_lines() -> None:
    app = serve(BOOKMARK)

    created = app.post_json("/v1/bookmarks", {"data": {"url": "http://cliquet.readthedocs.org"}}).json["data"]

    assert app.get("/v1/bookmarks").json == {"data": [created]}
    assert set(created) == {"url", "id", "last_modified"}


def test_endpoints_and_behaviour_are_under_control() -> None:
    app = serve(CONTROL)
    data = {"url": "http://x/", "title": "a", "device": "phone"}

    created = app.put_json(RECORD, {"data": data}, status=201).json["data"]

    assert app.get("/v1/user/bookmarks").json == {"data": [created]}
    app.post_json("/v1/user/bookmarks", {"data": data}, status=405)
    app.patch_json(RECORD, {"data": {"device": "desk"}}, status=400)
    app.patch_json(RECORD, {"data": {"title": "b"}}, headers={"User-Agent": "curl"}, status=200)
    app.get("/v1/bookmarks", status=404)


def test_middlewares_are_installed_around_the_application() -> None:
    app = TestApp(run(PROFILING).main({}, **SETTINGS))

    assert app.get("/v1/").json["project_version"] == "1.0"


@pytest.mark.parametrize("body", [b"", b"[]", b"{"])
def test_a_custom_view_refuses_what_is_no_object(body: bytes) -> None:
    app = serve(SCORE)

    assert app.post("/v1/score/chess", body, content_type="application/json", status=400).json["errno"] == 107
