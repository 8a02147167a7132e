"""A path with entries belongs to somebody, also where no record is found under it; odd paths."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from webtest import TestApp

from cliquet_like.testing.app import sign_in
from tests.sharing import EVERYBODY_CREATES, user_id

OWNS = "/v1/owns"
UUID = "00000000-0000-4000-8000-000000000001"
PATH = f"{OWNS}/{UUID}"


@pytest.fixture
def granted() -> Mapping[str, str]:
    return {**EVERYBODY_CREATES, "own_create_principals": "system.Authenticated"}


def put(client: TestApp, title: str, status: int) -> Any:
    return client.put_json(PATH, {"data": {"title": title}}, status=status)


@pytest.fixture
def ada(app: TestApp) -> Iterator[TestApp]:
    """She has a record of her own at the path: the parent is the user."""
    put(app, "Ada's", 201)
    return app


def test_nobody_takes_over_the_path_of_a_record_that_his_parent_hides(ada: TestApp, bob: TestApp) -> None:
    put(bob, "Bob's", 403)
    bob.post_json(OWNS, {"data": {"id": UUID, "title": "Bob's"}}, status=403)

    assert ada.get(PATH).json["data"]["title"] == "Ada's"
    assert list(ada.get(PATH).json["permissions"]) == ["write"]


def test_entries_that_were_left_are_taken_over_by_who_may_write_by_them(app: TestApp, bob: TestApp) -> None:
    permission = app.app.registry.permission
    permission.add_principal_to_ace(f"/owns/{UUID}", "write", user_id("ada"))
    permission.add_principal_to_ace(f"/owns/{UUID}", "read", "system.Everyone")

    put(bob, "Bob's", 403)
    created = put(app, "Ada's", 201).json

    assert created["permissions"] == {"write": [user_id("ada")]}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT", "PATCH"])
def test_a_nul_in_a_url_variable_is_the_clients_fault(app: TestApp, method: str) -> None:
    path = "/v1/shelves/%00/books" + (f"/{UUID}" if method in ("PUT", "PATCH") else "")

    response = app.request(
        path, method=method, body=b'{"data": {"title": "x"}}', content_type="application/json",
        expect_errors=True,
    )  # fmt: skip

    assert response.status_code in (400, 403)
    if response.status_code == 400:
        assert response.json["details"][0]["name"] == "shelf_id"


def test_a_nul_is_refused_where_a_setting_lets_everybody_in(app: TestApp) -> None:
    app.app.registry.settings["book_read_principals"] = "system.Everyone"

    response = app.get("/v1/shelves/%00/books", status=400)

    assert response.json["details"] == [
        {"location": "path", "name": "shelf_id", "description": "Holds a NUL character (U+0000)"}
    ]


def test_one_bad_part_fails_no_batch(app: TestApp) -> None:
    parts = [
        {"method": "POST", "path": "/shelves/%00/books", "body": {"data": {"title": "x"}}},
        {"method": "PUT", "path": f"/owns/{UUID}", "body": {"data": {"title": "x"}}},
    ]

    answers = app.post_json("/v1/batch", {"requests": parts}).json["responses"]

    assert [answer["status"] for answer in answers] == [400, 201]


def test_a_parent_that_is_too_long_is_the_clients_fault(app: TestApp) -> None:
    long = quote("é" * 800)

    response = app.post_json(f"/v1/shelves/{long}/books", {"data": {"title": "x"}}, status=400)

    assert response.json["details"][0] == {
        "location": "path", "name": "path", "description": "Is too long"
    }  # fmt: skip


def test_an_anonymous_user_has_no_path_to_take_over(ada: TestApp) -> None:
    assert sign_in(ada, None).put_json(PATH, {"data": {}}, expect_errors=True).status_code == 401
