import pytest
from webtest import TestApp


@pytest.mark.parametrize(
    ("behavior", "shown"),
    [
        (None, {"id", "last_modified", "url", "title", "device", "added"}),
        ("full", {"id", "last_modified", "url", "title", "device", "added"}),
        ("Light", {"title", "url"}),
        ("DIFF", {"url"}),
    ],
)
def test_an_answer_shows_what_the_client_asks_for(
    app: TestApp, behavior: str | None, shown: set[str]
) -> None:
    record = app.post_json("/v1/bookmarks", {"data": {"url": "http://a/"}}).json["data"]
    headers = {"Response-Behavior": behavior} if behavior else {}
    changes = {"url": " http://b/ ", "title": "x", "device": ""}

    response = app.patch_json(f"/v1/bookmarks/{record['id']}", {"data": changes}, headers=headers)

    assert set(response.json["data"]) == shown
    assert response.headers["ETag"] > f'"{record["last_modified"]}"'
