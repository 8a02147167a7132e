from collections.abc import Callable
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from pyramid.interfaces import IRoutesMapper
from webtest import TestApp

RESOURCES = ("tests.resources.notes",)


def fill(app: TestApp, number: int, **data: Any) -> list[str]:
    return [app.post_json("/v1/notes", {"data": {"n": n, **data}}).json["data"]["id"] for n in range(number)]


def walk(app: TestApp, url: str, between: Callable[[], None] = lambda: None) -> list[list[str]]:
    """Ids of every page."""
    pages = []
    while url:
        response = app.get(url)
        pages.append([record["id"] for record in response.json["data"]])
        url = response.headers.get("Next-Page", "")
        between()
    return pages


def test_pages_joined_are_the_list(app: TestApp) -> None:
    ids = fill(app, 7)

    pages = walk(app, "/v1/notes?_limit=3")

    assert [len(page) for page in pages] == [3, 3, 1]
    assert list(chain(*pages)) == ids[::-1]


def test_a_page_that_ends_the_list_has_no_next(app: TestApp) -> None:
    fill(app, 6)

    assert [len(page) for page in walk(app, "/v1/notes?_limit=3")] == [3, 3]


def test_equal_and_missing_values_are_neither_skipped_nor_repeated(app: TestApp) -> None:
    ids = fill(app, 3, kind="a") + fill(app, 3) + fill(app, 3, kind=None) + fill(app, 2, kind=7)

    for sort in ("kind", "-kind", "kind,-n", "other"):
        pages = walk(app, f"/v1/notes?_limit=2&_sort={sort}")
        whole = [record["id"] for record in app.get(f"/v1/notes?_sort={sort}").json["data"]]
        assert list(chain(*pages)) == whole
        assert sorted(whole) == sorted(ids)


def test_the_next_page_is_an_absolute_url_that_keeps_the_question(app: TestApp) -> None:
    fill(app, 3)

    url = app.get("/v1/notes?_limit=1&min_n=0&_sort=n").headers["Next-Page"]

    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("http", "localhost", "/v1/notes")
    query = parse_qs(parts.query)
    assert set(query) == {"_limit", "_token", "min_n", "_sort"}
    assert query["_limit"] == ["1"]


def test_a_pregenerator_of_the_route_adds_to_the_url_of_the_next_page(
    app: TestApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_english(request: Any, elements: Any, kw: dict[str, Any]) -> Any:
        return elements, {**kw, "_query": [*kw["_query"], ("lang", "en")], "_anchor": "top"}

    routes = app.app.registry.getUtility(IRoutesMapper).get_routes()
    for route in routes:
        monkeypatch.setattr(route, "pregenerator", in_english)
    fill(app, 2)

    url = urlsplit(app.get("/v1/notes?_limit=1").headers["Next-Page"])

    assert [name for name, _ in parse_qsl(url.query)] == ["_limit", "lang", "_token"]
    assert url.fragment == "top"


@pytest.mark.parametrize("question", ["_limit=1", "_limit=1&min_n=0&_sort=n"])
def test_a_pregenerator_that_changes_nothing_makes_no_difference(
    app: TestApp, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    fill(app, 2)
    url = app.get(f"/v1/notes?{question}").headers["Next-Page"]

    for route in app.app.registry.getUtility(IRoutesMapper).get_routes():
        monkeypatch.setattr(route, "pregenerator", lambda request, elements, kw: (elements, kw))

    assert app.get(f"/v1/notes?{question}").headers["Next-Page"] == url


def test_the_same_question_gives_the_same_token(app: TestApp) -> None:
    fill(app, 3)

    first, second = (app.get("/v1/notes?_limit=1").headers["Next-Page"] for _ in range(2))

    assert first == second


def test_the_total_is_that_of_all_pages(app: TestApp) -> None:
    fill(app, 5)

    response = app.get(app.get("/v1/notes?_limit=2&min_n=1").headers["Next-Page"])

    assert response.headers["Total-Records"] == "4"


def test_a_page_past_the_end_is_empty(app: TestApp) -> None:
    fill(app, 2)
    url = app.get("/v1/notes?_limit=1").headers["Next-Page"]
    app.delete("/v1/notes")

    response = app.get(url)

    assert response.json == {"data": []}
    assert "Next-Page" not in response.headers


def test_a_page_of_none_is_empty(app: TestApp) -> None:
    fill(app, 2)

    response = app.get("/v1/notes?_limit=0")

    assert response.json == {"data": []}
    assert response.headers["Total-Records"] == "2"
    assert "Next-Page" not in response.headers


@pytest.mark.parametrize(
    ("settings", "query", "size"),
    [
        ({"paginate_by": 2}, "", 2),
        ({"paginate_by": "2"}, "?_limit=5", 2),
        ({"paginate_by": 4}, "?_limit=1", 1),
        ({"paginate_by": None}, "", 5),
        ({"storage_max_fetch_size": 3}, "", 3),
        ({"storage_max_fetch_size": 3}, "?_limit=4", 3),
        ({"storage_max_fetch_size": 3, "paginate_by": 2}, "", 2),
    ],
)
def test_settings_bound_a_page_and_lose_nothing(
    make_app: Callable[..., TestApp], settings: dict[str, Any], query: str, size: int
) -> None:
    app = make_app(**settings)
    ids = fill(app, 5)

    pages = walk(app, f"/v1/notes{query}")

    assert len(pages[0]) == size
    assert list(chain(*pages)) == ids[::-1]


def test_records_that_come_and_go_between_pages_hide_no_other(app: TestApp) -> None:
    kept = fill(app, 10)
    doomed = fill(app, 10, doomed=True)

    def disturb() -> None:
        for _ in range(min(3, len(doomed))):
            app.delete(f"/v1/notes/{doomed.pop()}")

    pages = walk(app, "/v1/notes?_limit=3", between=disturb)

    seen = list(chain(*pages))
    assert len(set(seen)) == len(seen)
    assert set(kept) <= set(seen)


def test_a_setting_may_change_on_a_running_application(app: TestApp) -> None:
    fill(app, 3)

    app.app.registry.settings["paginate_by"] = 1

    assert len(app.get("/v1/notes").json["data"]) == 1
