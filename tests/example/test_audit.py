"""The audit trail over HTTP: an entry for each change, kept and undone with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyramid.events import subscriber
from pyramid.httpexceptions import HTTPConflict
from webtest import TestApp

from cliquet_like.events import ResourceChanged
from cliquet_like.testing.app import make_client, sign_in

BOOKMARKS = "/v1/bookmarks"
UUID = "cc103eb5-0c80-40ec-b6f5-dad12e7d975e"
ORIGIN = {"Origin": "https://notebook.example"}


@subscriber(ResourceChanged, for_resources=("bookmark",))
def refuse_the_forbidden(event: Any) -> None:
    """Called after the plugin, whose entry is there by then."""
    if any(change.get("new", {}).get("title") == "Forbidden" for change in event.impacted_records):
        raise HTTPConflict("This title is forbidden.")


@pytest.fixture(params=["memory", "sqlite"])
def ada(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestApp]:
    settings = {}
    for kind in ("storage", "permission"):
        settings[f"{kind}_backend"] = f"cliquet_like.{kind}.{request.param}"
        settings[f"{kind}_url"] = f"sqlite:///{tmp_path}/audit.db" if request.param == "sqlite" else ""
    client = make_client("example.bookmarks", __name__, includes="example.audit", **settings)
    registry = client.app.registry
    registry.storage.initialize_schema()
    registry.permission.initialize_schema()
    yield client
    for database in getattr(registry, "database_clients", {}).values():
        database.close()


def user_id(client: TestApp) -> str:
    name: str = client.get("/v1/").json["user"]["id"]
    return name


def auditor(client: TestApp) -> TestApp:
    """Client of somebody who may read the whole trail."""
    grace = sign_in(client, "grace")
    client.app.registry.permission.add_principal_to_ace("/audit", "read", user_id(grace))
    return grace


def trail(client: TestApp, query: str = "") -> list[dict[str, Any]]:
    """The entries, the oldest first."""
    entries: list[dict[str, Any]] = auditor(client).get(f"/v1/audit?_sort=last_modified{query}").json["data"]
    return entries


def create(client: TestApp, title: str = "", **options: Any) -> dict[str, Any]:
    body = {"data": {"url": f"https://example.org/{title}", "title": title}}
    record: dict[str, Any] = client.post_json(BOOKMARKS, body, **options).json.get("data")
    return record


def test_each_change_leaves_an_entry(ada: TestApp) -> None:
    first = create(ada, "A")
    ada.patch_json(f"{BOOKMARKS}/{first['id']}", {"data": {"title": "B"}})
    ada.delete(f"{BOOKMARKS}/{first['id']}")

    entries = trail(ada)

    assert [entry["action"] for entry in entries] == ["create", "update", "delete"]
    assert [entry["uri"] for entry in entries] == ["/bookmarks", *[f"/bookmarks/{first['id']}"] * 2]
    assert {entry["user_id"] for entry in entries} == {user_id(ada)}
    assert {entry["resource_name"] for entry in entries} == {"bookmark"}
    assert all(entry["records"] == [first["id"]] for entry in entries)


def test_a_deletion_of_many_is_one_entry_with_all_of_them(ada: TestApp) -> None:
    ids = {create(ada, title)["id"] for title in "AB"}

    ada.delete(BOOKMARKS)

    assert set(trail(ada)[-1]["records"]) == ids


def test_what_is_only_read_leaves_none(ada: TestApp) -> None:
    ada.get(BOOKMARKS)

    assert trail(ada) == []


def test_a_refused_request_leaves_no_entry(ada: TestApp) -> None:
    create(ada, "A")

    ada.post_json(BOOKMARKS, {"data": {"url": "nowhere"}}, status=400)

    assert len(trail(ada)) == 1


def test_the_entry_of_a_change_that_is_undone_goes_with_it(ada: TestApp) -> None:
    create(ada, "Forbidden", status=409)

    # Memory has no transactions: both are there.
    kept = len(ada.get(BOOKMARKS).json["data"])
    assert len(trail(ada)) == kept
    assert kept == (0 if hasattr(ada.app.registry.storage, "database") else 1)


def test_a_batch_is_one_entry_for_each_action(ada: TestApp) -> None:
    urls = ("https://example.org/a", "https://example.org/b", "nowhere")
    posts = [{"method": "POST", "path": "/bookmarks", "body": {"data": {"url": url}}} for url in urls]
    put = {"method": "PUT", "path": f"/bookmarks/{UUID}", "body": {"data": {"url": urls[0] + "c"}}}

    answers = ada.post_json("/v1/batch", {"requests": [*posts, put, {**put, "method": "DELETE", "body": {}}]})

    responses = answers.json["responses"]
    created = [answer["body"]["data"]["id"] for answer in responses if answer["status"] == 201]
    assert [answer["status"] for answer in responses] == [201, 201, 400, 201, 200]
    assert [(entry["action"], entry["records"]) for entry in trail(ada)] == [
        ("create", created),
        ("delete", [UUID]),
    ]


def test_the_trail_can_be_filtered_and_paged(ada: TestApp) -> None:
    create(ada, "A")
    create(sign_in(ada, "bob"), "A")
    create(ada, "B")

    mine = trail(ada, f"&user_id={user_id(ada)}")
    page = auditor(ada).get("/v1/audit?_limit=2")

    assert len(mine) == 2
    assert len(page.json["data"]) == 2
    assert "Next-Page" in page.headers


def test_nobody_reads_it_without_permission(ada: TestApp) -> None:
    create(ada, "A")

    refused = ada.get("/v1/audit", status=403)
    anonymous = sign_in(ada, None).get("/v1/audit", status=401)

    assert (refused.json["errno"], anonymous.json["errno"]) == (121, 104)


def test_a_setting_says_who_reads_it(ada: TestApp) -> None:
    create(ada, "A")

    ada.app.registry.settings["audit_read_principals"] = user_id(ada)

    assert len(ada.get("/v1/audit").json["data"]) == 1
    sign_in(ada, "bob").get("/v1/audit", status=403)


def test_one_entry_may_be_read_by_its_id(ada: TestApp) -> None:
    create(ada, "A")
    (entry,) = trail(ada)
    ada.app.registry.settings["audit_read_principals"] = "system.Authenticated"

    answer = ada.get(f"/v1/audit/{entry['id']}")

    assert answer.json["data"] == entry
    assert answer.headers["ETag"] == f'"{entry["last_modified"]}"'


@pytest.mark.parametrize("path", ["/v1/audit", f"/v1/audit/{UUID}"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_nobody_writes_it(ada: TestApp, path: str, method: str) -> None:
    answer = auditor(ada).request(path, method=method, status=405)

    assert answer.json["errno"] == 115


def test_errors_are_those_of_the_protocol(ada: TestApp) -> None:
    grace = auditor(ada)

    unknown = grace.get(f"/v1/audit/{UUID}", status=403)
    grace.app.registry.settings["audit_read_principals"] = user_id(grace)
    missing = grace.get(f"/v1/audit/{UUID}", status=404)
    below = grace.get("/v1/audit/a/b", status=404)
    wrong = grace.get("/v1/audit?color=red", status=400)

    found = [answer.json["errno"] for answer in (unknown, missing, below, wrong)]
    assert found == [121, 110, 111, 107]


def test_other_origins_may_read_it(ada: TestApp) -> None:
    answer = auditor(ada).get("/v1/audit", headers=ORIGIN)
    refused = ada.get("/v1/audit", headers=ORIGIN, status=403)
    preflight = ada.options("/v1/audit", headers={**ORIGIN, "Access-Control-Request-Method": "GET"})

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Total-Records" in answer.headers["Access-Control-Expose-Headers"]
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert preflight.headers["Access-Control-Max-Age"] == "3600"


def test_it_lies_below_the_version_of_the_service(ada: TestApp) -> None:
    answer = auditor(ada).get("/audit", status=307)

    assert answer.location.endswith("/v1/audit")


def test_the_hello_view_tells_of_it(ada: TestApp) -> None:
    assert list(ada.get("/v1/").json["capabilities"]) == ["audit"]
