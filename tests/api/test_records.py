import uuid
from typing import Any

import pytest
from webtest import TestApp

from cliquet_like.kernel.clock import msec_time
from cliquet_like.testing.app import sign_in

URL = "http://example.org/"


def create(app: TestApp, path: str = "/v1/bookmarks", **data: Any) -> dict[str, Any]:
    record: dict[str, Any] = app.post_json(path, {"data": data}, status=201).json["data"]
    return record


def test_a_record_is_created_with_id_timestamp_and_defaults(app: TestApp) -> None:
    response = app.post_json("/v1/bookmarks", {"data": {"url": f" {URL} ", "unknown": 1}})

    record = response.json["data"]
    assert response.status_code == 201
    assert str(uuid.UUID(record["id"])) == record["id"]
    assert set(record) == {"id", "last_modified", "url", "title", "device", "added"}
    assert record["url"] == URL
    assert response.headers["ETag"] == f'"{record["last_modified"]}"'
    assert response.headers["Content-Type"] == "application/json"


def test_a_record_is_read_with_its_headers(app: TestApp) -> None:
    record = create(app, url=URL)

    response = app.get(f"/v1/bookmarks/{record['id']}")

    assert response.json == {"data": record}
    assert response.headers["ETag"] == f'"{record["last_modified"]}"'
    assert response.headers["Last-Modified"].endswith("GMT")
    assert response.headers["Cache-Control"] == "no-cache"
    assert "Expires" not in response.headers


def test_a_record_of_somebody_else_looks_missing(app: TestApp) -> None:
    record = create(app, url=URL)
    bob = sign_in(app, "bob")

    answers = [bob.get(f"/v1/bookmarks/{id_}", status=404).body for id_ in (record["id"], str(uuid.uuid4()))]

    assert answers[0] == answers[1]
    assert bob.get("/v1/bookmarks").json == {"data": []}


def test_a_missing_record_is_404_without_message(app: TestApp) -> None:
    path = f"/v1/bookmarks/{uuid.uuid4()}"

    for response in (
        app.get(path, status=404),
        app.patch_json(path, {"data": {"title": "x"}}, status=404),
        app.delete(path, status=404),
    ):
        assert response.json == {"code": 404, "errno": 110, "error": "Not Found"}


@pytest.mark.parametrize("record_id", ["abc", "a%00b", "..%2fa", "%C3%A9", "%ff", "a" * 3000])
def test_an_id_that_cannot_exist_is_refused(app: TestApp, record_id: str) -> None:
    response = app.get(f"/v1/bookmarks/{record_id}", status="*")

    assert response.status_code in (400, 404)
    assert response.json["code"] == response.status_code


def test_a_post_with_an_id_keeps_it(app: TestApp) -> None:
    record_id = str(uuid.uuid4())

    assert create(app, url=URL, id=record_id)["id"] == record_id


@pytest.mark.parametrize(
    "record_id", [3.14, None, {"a": 1}, "abc", "", "00000000-0000-4000-8000-000000000001\n"]
)
def test_a_post_with_a_bad_id_is_refused(app: TestApp, record_id: Any) -> None:
    response = app.post_json("/v1/bookmarks", {"data": {"url": URL, "id": record_id}}, status=400)

    assert response.json["details"][0]["name"] == "data.id"


def test_a_post_of_an_existing_id_answers_the_existing_record(app: TestApp) -> None:
    record = create(app, url=URL)

    response = app.post_json("/v1/bookmarks", {"data": {"url": "http://other/", "id": record["id"]}})

    assert response.status_code == 200
    assert response.json["data"] == record
    assert response.headers["ETag"] == f'"{record["last_modified"]}"'


def test_a_post_of_a_taken_unique_value_answers_the_existing_record(app: TestApp) -> None:
    record = create(app, url=URL)

    response = app.post_json("/v1/bookmarks", {"data": {"url": URL, "title": "other"}}, status=200)

    assert response.json["data"] == record


def test_two_users_may_have_the_same_unique_value(app: TestApp) -> None:
    create(app, url=URL)

    create(sign_in(app, "bob"), url=URL)


def test_put_creates_and_replaces(app: TestApp) -> None:
    path = f"/v1/bookmarks/{uuid.uuid4()}"

    created = app.put_json(path, {"data": {"url": URL, "title": "a"}}, status=201)
    replaced = app.put_json(path, {"data": {"url": URL}}, status=200)

    assert created.json["data"]["title"] == "a"
    assert replaced.json["data"]["title"] == ""
    assert replaced.json["data"]["last_modified"] > created.json["data"]["last_modified"]
    assert app.get(path).json == replaced.json


def test_put_creates_over_a_tombstone(app: TestApp) -> None:
    record = create(app, url=URL)
    path = f"/v1/bookmarks/{record['id']}"
    app.delete(path)

    response = app.put_json(path, {"data": {"url": URL}}, status=201)

    listed = app.get("/v1/bookmarks?_since=0").json["data"]
    assert listed == [response.json["data"]]


@pytest.mark.parametrize("method", ["put_json", "patch_json"])
def test_the_id_of_the_body_is_that_of_the_path(app: TestApp, method: str) -> None:
    record = create(app, url=URL)
    path = f"/v1/bookmarks/{record['id']}"

    same = getattr(app, method)(path, {"data": {"url": URL, "id": record["id"]}})
    other = getattr(app, method)(path, {"data": {"url": URL, "id": str(uuid.uuid4())}}, status=400)

    assert same.json["data"]["id"] == record["id"]
    assert other.json["details"][0]["name"] == "data.id"


def test_put_and_patch_refuse_a_taken_unique_value(app: TestApp) -> None:
    first, second = create(app, url=URL), create(app, url="http://other/")
    path = f"/v1/bookmarks/{second['id']}"

    for response in (
        app.put_json(path, {"data": {"url": URL}}, status=409),
        app.patch_json(path, {"data": {"url": URL}}, status=409),
        app.put_json(f"/v1/bookmarks/{uuid.uuid4()}", {"data": {"url": URL}}, status=409),
    ):
        assert response.json["errno"] == 122
        assert response.json["message"] == f"Conflict of field url on record {first['id']}"
        assert response.json["details"] == {"field": "url", "existing": first}


def test_a_readonly_field_is_set_at_creation_and_never_changed(app: TestApp) -> None:
    record = create(app, url=URL, device="phone")
    path = f"/v1/bookmarks/{record['id']}"

    for response in (
        app.put_json(path, {"data": {"url": URL, "device": "desk"}}, status=400),
        app.patch_json(path, {"data": {"device": "desk"}}, status=400),
    ):
        assert response.json["details"] == [
            {"location": "body", "name": "data.device", "description": "Cannot modify device"}
        ]
    assert app.put_json(path, {"data": {"url": URL}}).json["data"]["device"] == "phone"
    assert app.put_json(path, {"data": {"url": URL, "device": "phone"}}, status=200)
    assert app.patch_json(path, {"data": {"device": "phone"}}, status=200)


def test_a_readonly_field_that_is_not_there_stays_away(app: TestApp) -> None:
    storage = app.app.registry.storage
    user = app.get("/v1/").json["user"]["id"]
    old = storage.create("bookmark", user, {"url": URL, "id": str(uuid.uuid4())})

    replaced = app.put_json(f"/v1/bookmarks/{old['id']}", {"data": {"url": URL}}).json["data"]

    assert "device" not in replaced


def test_a_readonly_field_does_not_change_its_type_either(app: TestApp) -> None:
    storage = app.app.registry.storage
    user = app.get("/v1/").json["user"]["id"]
    record = storage.create("bookmark", user, {"url": URL, "device": 1, "id": str(uuid.uuid4())})

    app.patch_json(f"/v1/bookmarks/{record['id']}", {"data": {"device": True}}, status=400)


def test_a_nested_change_of_type_is_a_change(app: TestApp) -> None:
    record = create(app, "/v1/notes", a={"b": 1}, c=[1])
    path = f"/v1/notes/{record['id']}"

    app.patch_json(path, {"data": {"a": {"b": True}, "c": [True]}})

    assert app.get(path).json["data"]["a"]["b"] is True
    assert app.get(path).json["data"]["c"][0] is True


def test_a_declared_timestamp_counts_in_every_method(app: TestApp) -> None:
    record = create(app, "/v1/events", last_modified=1000)
    path = f"/v1/events/{record['id']}"

    put = app.put_json(path, {"data": {"last_modified": 2000}}).json["data"]
    patched = app.patch_json(path, {"data": {"last_modified": 3000}}).json["data"]

    assert [entry["last_modified"] for entry in (record, put, patched)] == [1000, 2000, 3000]
    app.patch_json(path, {"data": {"last_modified": 9_999_999_999_999}}, status=400)


def test_a_timestamp_may_be_almost_a_day_ahead(app: TestApp) -> None:
    minute = 60_000
    tomorrow = msec_time() + 24 * 60 * minute

    create(app, "/v1/notes", last_modified=tomorrow - minute)
    app.post_json("/v1/notes", {"data": {"last_modified": tomorrow + minute}}, status=400)


def test_patch_merges_fields_of_the_first_level(app: TestApp) -> None:
    record = create(app, "/v1/notes", a=1, b={"c": 1})

    changed = app.patch_json(f"/v1/notes/{record['id']}", {"data": {"b": {"d": 2}}}).json["data"]

    assert (changed["a"], changed["b"]) == (1, {"d": 2})
    assert changed["last_modified"] > record["last_modified"]


def test_a_patch_that_changes_nothing_writes_nothing(app: TestApp) -> None:
    record = create(app, url=URL)

    response = app.patch_json(f"/v1/bookmarks/{record['id']}", {"data": {"url": URL}})

    assert response.json["data"] == record
    assert response.headers["ETag"] == f'"{record["last_modified"]}"'


def test_a_patch_is_written_without_a_change_where_the_resource_says_so(app: TestApp) -> None:
    record = create(app, "/v1/counters", count=7)

    changed = app.patch_json(f"/v1/counters/{record['id']}", {"data": {}}).json["data"]

    assert (record["count"], changed["count"]) == (0, 1)
    assert changed["last_modified"] > record["last_modified"]


def test_the_result_of_a_patch_follows_the_schema(app: TestApp) -> None:
    record = create(app, url=URL)

    changes = {"url": "x", "title": {"no": "text"}}
    response = app.patch_json(f"/v1/bookmarks/{record['id']}", {"data": changes}, status=400)

    assert [error["name"] for error in response.json["details"]] == ["data.url", "data.title"]


@pytest.mark.parametrize("body", [{}, {"data": []}, {"data": {}, "other": 1}])
def test_a_patch_needs_data_and_nothing_else(app: TestApp, body: Any) -> None:
    record = create(app, url=URL)

    app.patch_json(f"/v1/bookmarks/{record['id']}", body, status=400)


def test_a_deleted_record_leaves_a_tombstone(app: TestApp) -> None:
    record = create(app, url=URL)

    response = app.delete(f"/v1/bookmarks/{record['id']}")

    tombstone = response.json["data"]
    assert tombstone == {"id": record["id"], "last_modified": tombstone["last_modified"], "deleted": True}
    assert tombstone["last_modified"] > record["last_modified"]
    assert response.headers["ETag"] == f'"{tombstone["last_modified"]}"'
    assert app.get("/v1/bookmarks").json["data"] == []


@pytest.mark.parametrize("quotes", ["", '"'])
def test_the_time_of_a_deletion_can_be_given(app: TestApp, quotes: str) -> None:
    record = create(app, url=URL)
    later = record["last_modified"] + 5000

    response = app.delete(f"/v1/bookmarks/{record['id']}?last_modified={quotes}{later}{quotes}")

    assert response.json["data"]["last_modified"] == later


def test_an_earlier_time_of_a_deletion_is_ignored(app: TestApp) -> None:
    record = create(app, url=URL)

    response = app.delete(f"/v1/bookmarks/{record['id']}?last_modified=0")

    assert response.json["data"]["last_modified"] > record["last_modified"]


@pytest.mark.parametrize("time", ["abc", "", "1.5", "-1", "9" * 13, "9" * 30, '"5', "%ff"])
def test_an_impossible_time_of_a_deletion_deletes_nothing(app: TestApp, time: str) -> None:
    record = create(app, url=URL)

    app.delete(f"/v1/bookmarks/{record['id']}?last_modified={time}", status=400)

    assert app.get("/v1/bookmarks").json["data"] == [record]


def test_a_timestamp_that_the_schema_does_not_keep_is_ignored(app: TestApp) -> None:
    record = create(app, url=URL, last_modified=1)
    path = f"/v1/bookmarks/{record['id']}"

    put = app.put_json(path, {"data": {"url": URL, "last_modified": 2}}).json["data"]
    patched = app.patch_json(path, {"data": {"title": "x", "last_modified": 3}}).json["data"]

    assert 3 < record["last_modified"] < put["last_modified"] < patched["last_modified"]


def test_a_later_timestamp_is_kept_where_the_schema_keeps_it(app: TestApp) -> None:
    record = create(app, "/v1/notes", last_modified=1000)
    path = f"/v1/notes/{record['id']}"

    put = app.put_json(path, {"data": {"last_modified": 2000}}).json["data"]
    patched = app.patch_json(path, {"data": {"last_modified": 3000}}).json["data"]
    earlier = app.put_json(path, {"data": {"last_modified": 500}}).json["data"]
    unchanged = app.patch_json(path, {"data": {"last_modified": 500}}).json["data"]

    assert [r["last_modified"] for r in (record, put, patched)] == [1000, 2000, 3000]
    assert earlier["last_modified"] > 3000
    assert unchanged == earlier


@pytest.mark.parametrize("timestamp", [-1, 0, 1.5, "abc", None, True, {}, 2**53, 9_999_999_999_999])
def test_an_impossible_timestamp_is_refused(app: TestApp, timestamp: Any) -> None:
    record = create(app, "/v1/notes", a=1)
    path, body = f"/v1/notes/{record['id']}", {"data": {"last_modified": timestamp}}

    for response in (
        app.post_json("/v1/notes", body, status=400),
        app.put_json(path, body, status=400),
        app.patch_json(path, body, status=400),
    ):
        assert response.json["details"][0]["name"] == "data.last_modified"
    assert app.get("/v1/notes").json["data"] == [record]


def test_fields_of_a_record_can_be_chosen(app: TestApp) -> None:
    record = create(app, "/v1/notes", a=1, b={"c": 1, "d": 2})

    shown = app.get(f"/v1/notes/{record['id']}?_fields=b.c").json["data"]

    assert shown == {"id": record["id"], "last_modified": record["last_modified"], "b": {"c": 1}}


@pytest.mark.parametrize("query", ["_fields=nosuch", "_fields=%ff"])
def test_unknown_fields_of_a_record_are_refused(app: TestApp, query: str) -> None:
    record = create(app, url=URL)

    app.get(f"/v1/bookmarks/{record['id']}?{query}", status=400)


def test_a_client_cannot_make_a_tombstone(app: TestApp) -> None:
    record = create(app, "/v1/notes", deleted=True)

    assert "deleted" not in record
    assert app.get("/v1/notes").json["data"] == [record]
    patched = app.patch_json(f"/v1/notes/{record['id']}", {"data": {"deleted": True}}).json["data"]
    assert patched == record
