"""Authorization that applications change: bound permissions, object ids, groups, the root factory."""

from typing import Any

import pytest
from pyramid.config import Configurator
from webtest import TestApp

import cliquet_like
from cliquet_like.authorization import RouteFactory, groupfinder
from cliquet_like.testing.app import MEMORY_SETTINGS, make_client, sign_in
from tests.sharing import SCANNED, allow, created, permissions_of, user_id

ADA, BOB = user_id("ada"), user_id("bob")
SHELF, BOOKS, BOOK = "/v1/shelves/a", "/v1/shelves/a/books", "/v1/shelves/a/books/x"
DATA: dict[str, Any] = {"data": {}}


@pytest.fixture(scope="module")
def service_settings() -> dict[str, str]:
    return {"multiauth.authorization_policy": "tests.sharing.LibraryPolicy"}


@pytest.fixture
def granted() -> dict[str, str]:
    return {"shelve_create_principals": ADA}


@pytest.fixture
def app(app: TestApp) -> TestApp:
    """On which Ada has a shelf with one book."""
    app.put_json(SHELF, DATA, status=201)
    app.put_json(BOOK, DATA, status=201)
    return app


def test_who_may_write_a_shelf_may_write_its_books(app: TestApp, bob: TestApp) -> None:
    app.patch_json(SHELF, {"permissions": {"write": [BOB]}})

    bob.patch_json(BOOK, {"data": {"title": "a"}}, status=200)
    bob.put_json("/v1/shelves/a/books/y", DATA, status=201)
    bob.post_json(BOOKS, DATA, status=201)
    bob.post_json("/v1/shelves/b/books", DATA, status=403)


def test_who_may_read_a_shelf_reads_all_of_its_books(app: TestApp, bob: TestApp) -> None:
    app.patch_json(SHELF, {"permissions": {"read": [BOB]}})
    app.put_json("/v1/shelves/b/books/y", DATA, status=403)

    response = bob.get(BOOKS)

    assert [book["id"] for book in response.json["data"]] == ["x"]
    bob.get(BOOKS, headers={"If-None-Match": response.headers["ETag"]}, status=304)
    bob.get(BOOK, status=200)
    bob.delete(BOOK, status=403)
    bob.get("/v1/shelves/a/books/z", status=404)


def test_writing_includes_reading_only_where_the_policy_says_so(app: TestApp, bob: TestApp) -> None:
    allow(app, BOOK[3:], "write", BOB)

    bob.get(BOOK, status=403)
    bob.get(BOOKS, status=403)
    bob.delete(BOOK, status=200)


def test_a_book_may_be_shared_by_itself(app: TestApp, bob: TestApp) -> None:
    allow(app, BOOK[3:], "read", BOB)
    app.put_json("/v1/shelves/a/books/y", DATA, status=201)

    assert [book["id"] for book in bob.get(BOOKS).json["data"]] == ["x"]
    bob.get(SHELF, status=403)


def test_of_the_books_of_a_shelf_those_are_deleted_that_are_shared(app: TestApp, bob: TestApp) -> None:
    allow(app, BOOK[3:], "write", BOB)
    app.put_json("/v1/shelves/a/books/y", DATA, status=201)

    deleted = bob.delete(BOOKS).json["data"]

    assert [tombstone["id"] for tombstone in deleted] == ["x"]
    assert permissions_of(app, BOOK[3:]) == {}
    assert permissions_of(app, "/shelves/a/books/y") == {"write": {ADA}}


def test_a_conflict_shows_what_may_be_read_by_a_bound_permission(app: TestApp, bob: TestApp) -> None:
    sent = {"data": {"id": "x", "title": "other"}}
    allow(app, BOOKS[3:], "book:create", BOB)
    hidden = bob.post_json(BOOKS, sent, status=403)
    app.patch_json(SHELF, {"permissions": {"read": [BOB]}})

    shown = bob.post_json(BOOKS, sent, status=200)

    assert (hidden.json["errno"], shown.json["data"]["id"]) == (121, "x")


# Other ways in


def nobody_else(userid: str, request: Any) -> list[str] | None:
    """Groupfinder that knows Ada only."""
    groups = groupfinder(userid, request)
    return [*groups, "group:ours"] if request.prefixed_userid == ADA else None


def test_a_groupfinder_may_refuse_users_and_add_groups() -> None:
    finder = {"multiauth.groupfinder": f"{__name__}.nobody_else"}
    app = make_client(*SCANNED, page_create_principals="group:ours", **finder)
    app.app.registry.permission.add_user_principal(ADA, "group:kept")

    body = app.post_json("/v1/pages", {"data": {}, "permissions": {"read": ["group:kept"]}}).json

    allow(app, "/pages", "read", "group:kept")
    assert app.get("/v1/pages").json["data"] == [body["data"]]
    sign_in(app, "bob").get("/v1/pages", status=401)


def test_objects_may_have_other_ids_than_paths() -> None:
    app = make_client(*SCANNED, folio_create_principals="system.Authenticated")
    bob = sign_in(app, "bob")

    path = created(app, "/v1/folios", read=[BOB])

    record_id = path.rpartition("/")[2]
    assert permissions_of(app, f"folio {record_id}") == {"read": {BOB}, "write": {ADA}}
    assert permissions_of(app, path[3:]) == {}
    assert bob.get(path).json["permissions"] == {"read": [BOB], "write": [ADA]}
    assert [folio["id"] for folio in bob.get("/v1/folios").json["data"]] == [record_id]
    bob.patch_json(path, DATA, status=403)


def test_the_context_may_be_the_root_of_an_application() -> None:
    config = Configurator(settings=MEMORY_SETTINGS, root_factory=RouteFactory)
    cliquet_like.initialize(config, version="1.0")
    for module in SCANNED:
        config.scan(module)
    app = sign_in(TestApp(config.make_wsgi_app()), "ada")
    allow(app, "/flush", "flush", ADA)

    app.get("/v1/", status=200)
    app.get("/v1/nothing", status=404)
    app.post_json("/v1/notes", DATA, status=201)
    app.post("/v1/flush", status=200)
    app.post_json("/v1/pages", DATA, status=403)
