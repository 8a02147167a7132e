"""The example service over HTTP."""

from typing import Any

import pytest
from webtest import TestApp

ADA = {"Authorization": "Basic YWRhOnNlY3JldA=="}
GRACE = {"Authorization": "Basic Z3JhY2U6c2VjcmV0"}
URL = "https://example.org/"


@pytest.fixture
def app(example_application: Any) -> TestApp:
    return TestApp(example_application)


def create(app: TestApp, agent: str | None = "Phone", **data: str) -> dict[str, Any]:
    """The record made from the data, sent by Ada."""
    headers = dict(ADA) if agent is None else {**ADA, "User-Agent": agent}
    return app.post_json("/v1/bookmarks", {"data": {"url": URL, **data}}, headers=headers).json["data"]


def test_a_bookmark_is_stored_with_its_title(app: TestApp) -> None:
    created = create(app, title="Example")

    stored = app.get(f"/v1/bookmarks/{created['id']}", headers=ADA).json["data"]
    assert stored == created
    assert (stored["url"], stored["title"]) == (URL, "Example")


@pytest.mark.parametrize("data", [{}, {"title": ""}])
def test_a_title_may_be_empty(app: TestApp, data: dict[str, str]) -> None:
    assert create(app, **data)["title"] == ""


@pytest.mark.parametrize("url", ["javascript:alert(1)", "today.html", ""])
def test_an_address_that_leads_nowhere_is_refused(app: TestApp, url: str) -> None:
    response = app.post_json("/v1/bookmarks", {"data": {"url": url}}, headers=ADA, status=400)

    assert response.json["details"][0]["name"] == "data.url"


def test_the_device_is_the_one_that_created_the_bookmark(app: TestApp) -> None:
    assert create(app, agent="Phone")["device"] == "Phone"


def test_the_device_is_not_the_word_of_the_client(app: TestApp) -> None:
    assert create(app, agent="Phone", device="Toaster")["device"] == "Phone"


def test_a_client_without_a_name_leaves_the_device_empty(app: TestApp) -> None:
    assert create(app, agent=None)["device"] == ""


def test_a_put_that_creates_sets_the_device(app: TestApp) -> None:
    path = "/v1/bookmarks/cc103eb5-0c80-40ec-b6f5-dad12e7d975e"

    created = app.put_json(path, {"data": {"url": URL}}, headers={**ADA, "User-Agent": "Laptop"}, status=201)

    assert created.json["data"]["device"] == "Laptop"


@pytest.mark.parametrize("method", ["put_json", "patch_json"])
def test_another_device_may_change_the_title_and_the_first_one_stays(app: TestApp, method: str) -> None:
    path = f"/v1/bookmarks/{create(app, agent='Phone')['id']}"
    body = {"data": {"url": URL, "title": "New"}}

    changed = getattr(app, method)(path, body, headers={**ADA, "User-Agent": "Laptop"}).json["data"]

    assert (changed["title"], changed["device"]) == ("New", "Phone")


def test_the_device_cannot_be_changed(app: TestApp) -> None:
    path = f"/v1/bookmarks/{create(app)['id']}"

    response = app.patch_json(path, {"data": {"device": "Toaster"}}, headers=ADA, status=400)

    assert "Cannot modify device" in response.json["message"]


def test_an_address_is_stored_once_per_user(app: TestApp) -> None:
    first = create(app, title="First")

    again = app.post_json("/v1/bookmarks", {"data": {"url": URL, "title": "Again"}}, headers=ADA, status=200)
    others = app.post_json("/v1/bookmarks", {"data": {"url": URL}}, headers=GRACE, status=201)

    assert again.json["data"] == first
    assert others.json["data"]["id"] != first["id"]


def test_taking_the_address_of_another_bookmark_is_a_conflict(app: TestApp) -> None:
    first = create(app)
    second = create(app, url="https://example.net/")

    response = app.patch_json(
        f"/v1/bookmarks/{second['id']}", {"data": {"url": URL}}, headers=ADA, status=409
    )

    assert response.json["details"] == {"field": "url", "existing": first}


def test_the_second_address_shows_the_same_bookmarks(app: TestApp) -> None:
    created = create(app)

    listed = app.get("/v1/user/bookmarks", headers=ADA).json["data"]
    one = app.get(f"/v1/user/bookmarks/{created['id']}", headers=ADA).json["data"]

    assert listed == [created]
    assert one == created


def test_the_second_address_is_for_reading_only(app: TestApp) -> None:
    path = f"/v1/user/bookmarks/{create(app)['id']}"

    app.post_json("/v1/user/bookmarks", {"data": {"url": URL}}, headers=ADA, status=405)
    app.delete(path, headers=ADA, status=405)


def test_nobody_sees_the_bookmarks_of_another(app: TestApp) -> None:
    create(app)

    assert app.get("/v1/bookmarks", headers=GRACE).json == {"data": []}
    app.get("/v1/bookmarks", status=401)
    app.get("/v1/user/bookmarks", status=401)


def test_a_score_is_stored_for_its_game_and_user(app: TestApp) -> None:
    score = app.post_json("/v1/score/tetris", {"score": 1200}, headers=ADA, status=201).json

    user_id = app.get("/v1/", headers=ADA).json["user"]["id"]
    stored, total = app.app.registry.storage.get_all("scores-tetris", user_id)
    assert stored == [score]
    assert (score["score"], total) == (1200, 1)


def test_games_do_not_mix(app: TestApp) -> None:
    app.post_json("/v1/score/tetris", {"score": 1}, headers=ADA)

    user_id = app.get("/v1/", headers=ADA).json["user"]["id"]
    assert app.app.registry.storage.get_all("scores-chess", user_id) == ([], 0)


def test_a_score_needs_a_user(app: TestApp) -> None:
    response = app.post_json("/v1/score/tetris", {"score": 1}, status=401)

    assert response.json["errno"] == 104


@pytest.mark.parametrize("body", [{}, {"score": -1}, {"score": "many"}, {"score": 1.5}, {"score": 2**31}])
def test_a_score_is_a_number_that_fits(app: TestApp, body: dict[str, Any]) -> None:
    response = app.post_json("/v1/score/tetris", body, headers=ADA, status=400)

    assert response.json["details"][0]["name"] == "score"


@pytest.mark.parametrize("game", ["caf%C3%A9", "a.b", "a" * 65])
def test_a_game_has_a_short_and_plain_name(app: TestApp, game: str) -> None:
    app.post_json(f"/v1/score/{game}", {"score": 1}, headers=ADA, status=404)


def test_a_score_comes_as_json(app: TestApp) -> None:
    app.post("/v1/score/tetris", "score=1", headers=ADA, status=415)
