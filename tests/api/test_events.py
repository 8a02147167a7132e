"""What is told of requests to whoever subscribes, on every backend."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyramid.config import Configurator
from webtest import TestApp

import cliquet_like
from cliquet_like.events import (
    ACTIONS,
    AfterResourceChanged,
    AfterResourceRead,
    ResourceChanged,
    ResourceRead,
)
from cliquet_like.testing.app import MEMORY_SETTINGS, basic_auth, sign_in
from cliquet_like.web.subrequests import build_request
from tests.contracts.backends import SERVERS_ONCE, new_settings
from tests.listening import hear, listened_app, names_of, post, subscribe
from tests.support import open_service

RESOURCES = (
    "tests.resources.notes",
    "tests.resources.bookmarks",
    "tests.resources.mushrooms",
    "tests.listening",
)
NOTES = "/v1/notes"
UUID = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
ALL = (ResourceRead, ResourceChanged, AfterResourceRead, AfterResourceChanged)
STEPS = set(cliquet_like.DEFAULT_SETTINGS["initialization_sequence"])


@pytest.fixture(scope="module", params=SERVERS_ONCE)
def settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    with new_settings(request.param, tmp_path_factory.mktemp("records")) as settings:
        yield settings


@pytest.fixture
def app(settings: dict[str, str]) -> Iterator[TestApp]:
    with listened_app(settings, *RESOURCES) as app:
        yield app


def create(app: TestApp, path: str = NOTES, **fields: Any) -> dict[str, Any]:
    record: dict[str, Any] = app.post_json(path, {"data": fields}).json["data"]
    return record


def test_each_change_is_told_with_what_it_changed(app: TestApp) -> None:
    heard, after = hear(app, ResourceChanged), hear(app, AfterResourceChanged)

    first = create(app, text="a")
    second = app.put_json(f"{NOTES}/{UUID}", {"data": {"text": "b"}}).json["data"]
    third = app.put_json(f"{NOTES}/{UUID}", {"data": {"text": "c"}}).json["data"]
    fourth = app.patch_json(f"{NOTES}/{UUID}", {"data": {"n": 1}}).json["data"]
    gone = app.delete(f"{NOTES}/{UUID}").json["data"]
    others = app.delete(NOTES).json["data"]

    expected = [
        ("create", [{"new": first}]),
        ("create", [{"new": second}]),
        ("update", [{"new": third, "old": second}]),
        ("update", [{"new": fourth, "old": third}]),
        ("delete", [{"old": gone}]),
        ("delete", [{"old": tombstone} for tombstone in others]),
    ]
    assert gone["deleted"] is True
    assert [(event.payload["action"], event.impacted_records) for event in heard] == expected
    assert [(event.payload["action"], event.impacted_records) for event in after] == expected


def test_what_is_read_is_told_as_it_was_answered(app: TestApp) -> None:
    record = create(app, text="a", n=1)
    heard, after = hear(app, ResourceRead), hear(app, AfterResourceRead)

    app.get(f"{NOTES}/{record['id']}")
    app.get(NOTES)
    page = app.get(f"{NOTES}?_fields=n").json["data"]
    app.get(f"{NOTES}?n=2")

    expected = [[record], [record], page, []]
    assert page == [{"id": record["id"], "last_modified": record["last_modified"], "n": 1}]
    assert [event.read_records for event in heard] == expected
    assert [event.read_records for event in after] == expected
    assert {event.payload["timestamp"] for event in heard} == {record["last_modified"]}


def test_the_payload_says_who_did_what_where_and_when(app: TestApp) -> None:
    record = create(app, text="a")
    user_id = app.get("/v1/").json["user"]["id"]
    heard = hear(app, *ALL)

    tombstone = app.delete(f"{NOTES}/{record['id']}?last_modified=3").json["data"]

    payload = {
        "timestamp": tombstone["last_modified"],
        "action": "delete",
        "uri": f"/notes/{record['id']}",
        "user_id": user_id,
        "resource_name": "note",
        "note_id": record["id"],
    }
    assert [(type(event), event.payload) for event in heard] == [
        (ResourceChanged, payload),
        (AfterResourceChanged, payload),
    ]
    assert heard[0].request.registry.storage is app.app.registry.storage


def test_the_time_of_a_deletion_of_many_is_that_of_the_newest_tombstone(app: TestApp) -> None:
    for text in "abc":
        create(app, text=text)
    heard = hear(app, ResourceChanged)

    tombstones = app.delete(NOTES).json["data"]

    assert heard[0].payload["timestamp"] == max(tombstone["last_modified"] for tombstone in tombstones)


def test_the_user_of_a_payload_may_be_nobody(app: TestApp) -> None:
    heard = hear(app, ResourceChanged)

    create(sign_in(app, None), "/v1/public/mushrooms")

    assert heard[0].payload["user_id"] is None


def test_a_post_of_what_exists_is_a_reading_of_it(app: TestApp) -> None:
    record = create(app, text="a")
    heard = hear(app, *ALL)

    app.post_json(NOTES, {"data": {"id": record["id"], "text": "b"}}, status=200)

    assert [type(event) for event in heard] == [ResourceRead, AfterResourceRead]
    assert heard[0].read_records == [record]


def test_a_change_of_nothing_is_none(app: TestApp) -> None:
    record = create(app, text="a")
    heard = hear(app, *ALL)

    app.patch_json(f"{NOTES}/{record['id']}", {"data": {"text": "a"}})
    app.delete(f"{NOTES}?text=b")

    assert heard == []


@pytest.mark.parametrize("behavior", ["light", "diff"])
def test_a_change_is_told_whole_when_the_answer_is_not(app: TestApp, behavior: str) -> None:
    record = create(app, text="a", n=1)
    heard = hear(app, ResourceChanged)

    answer = app.patch_json(
        f"{NOTES}/{record['id']}", {"data": {"n": 2}}, headers={"Response-Behavior": behavior}
    )

    assert answer.json["data"] == ({"n": 2} if behavior == "light" else {})
    (change,) = heard[0].impacted_records
    assert (change["new"]["text"], change["new"]["n"], change["old"]) == ("a", 2, record)


def test_a_request_that_fails_is_not_told(app: TestApp) -> None:
    record = create(app, text="a")
    path, tag = f"{NOTES}/{record['id']}", {"If-Match": '"1"'}
    heard = hear(app, *ALL)

    app.get(f"{NOTES}/{UUID}", status=404)
    app.delete(path, headers=tag, status=412)
    app.get(path, headers={"If-None-Match": f'"{record["last_modified"]}"'}, status=304)
    app.post_json("/v1/half", {"text": "b", "then": "returned 409"}, status=409)
    app.post_json("/v1/half", {"text": "b", "then": "crash"}, status=500)

    assert heard == []


def test_a_batch_tells_of_each_resource_and_action_once_in_the_order_of_the_first(app: TestApp) -> None:
    heard = hear(app, *ALL)
    requests = [
        post("/notes", text="a"),
        {"path": "/notes"},
        post("/bookmarks", url="http://a/"),
        post("/notes", text="b"),
        {"method": "PUT", "path": f"/notes/{UUID}", "body": {"data": {"text": "c"}}},
        {"method": "DELETE", "path": f"/notes/{UUID}"},
    ]

    answers = app.post_json("/v1/batch", {"requests": requests}).json["responses"]

    told = [("note", "create"), ("note", "read"), ("bookmark", "create"), ("note", "delete")]
    assert names_of(heard) == told * 2
    assert [change["new"]["text"] for change in heard[0].impacted_records] == ["a", "b", "c"]
    assert heard[0].payload["uri"] == "/notes"
    assert heard[0].payload["timestamp"] == answers[4]["body"]["data"]["last_modified"]


def test_what_is_refused_in_a_batch_is_not_told(app: TestApp) -> None:
    heard = hear(app, *ALL)
    half = {"method": "POST", "path": "/half", "body": {"text": "half", "then": "returned 409"}}

    app.post_json("/v1/batch", {"requests": [half, post("/notes", text="a"), half]})
    app.post_json("/v1/batch", {"requests": [half]})

    assert names_of(heard) == [("note", "create")] * 2
    assert [change["new"]["text"] for change in heard[0].impacted_records] == ["a"]


def test_who_alters_the_changes_of_an_event_alters_no_other_event(app: TestApp) -> None:
    before = create(app, text="a", tags=["first"])
    asked: list[Any] = []

    def alter(event: Any) -> None:
        (change,) = event.impacted_records
        for record in (change["new"], change["old"]):
            record["text"] = "altered"
            record["tags"].append("altered")
        event.impacted_records.append({"new": {"id": "invented"}})
        asked.extend(event.request.get_resource_events())

    subscribe(app, alter, ResourceChanged)
    heard = hear(app, ResourceChanged, AfterResourceChanged)

    after = app.patch_json(f"{NOTES}/{before['id']}", {"data": {"tags": ["second"]}}).json["data"]

    change = {"new": after, "old": before}
    altering, committed = heard
    assert len(altering.impacted_records) == 2
    assert [event.impacted_records for event in (*asked, committed)] == [[change], [change]]
    assert after["tags"] == ["second"]
    assert app.get(f"{NOTES}/{before['id']}").json["data"] == after


def test_a_resource_that_alters_its_answer_does_not_alter_what_is_told_of_a_change(app: TestApp) -> None:
    heard = hear(app, ResourceChanged)

    answered = create(app, "/v1/decorateds", tags=["stored"])

    assert (answered["link"], answered["tags"]) == ("/here", ["stored", "answered"])
    (change,) = heard[0].impacted_records
    assert (change["new"]["tags"], "link" in change["new"]) == (["stored"], False)


def test_a_reduced_answer_is_reduced_after_the_resource_altered_it(app: TestApp) -> None:
    record = create(app, "/v1/decorateds", text="a")

    answer = app.patch_json(
        f"/v1/decorateds/{record['id']}", {"data": {"text": "b"}}, headers={"Response-Behavior": "light"}
    )

    assert answer.json["data"] == {"text": "b"}


@pytest.fixture
def config() -> Configurator:
    config = Configurator(settings=MEMORY_SETTINGS)
    cliquet_like.initialize(config, version="1.0")
    config.scan("tests.resources")
    return config


def client_of(config: Configurator) -> TestApp:
    return TestApp(config.make_wsgi_app(), extra_environ={"HTTP_AUTHORIZATION": basic_auth("ada")})


@pytest.mark.parametrize("actions", [(ACTIONS.DELETE, "create"), ("create", "delete")])
def test_a_subscriber_chooses_resources_and_actions(config: Configurator, actions: Any) -> None:
    heard: list[Any] = []
    config.add_subscriber(heard.append, ResourceChanged, for_actions=actions, for_resources=("note",))
    app = client_of(config)

    record = create(app, text="a")
    create(app, "/v1/bookmarks", url="http://a/")
    app.patch_json(f"{NOTES}/{record['id']}", {"data": {"text": "b"}})
    app.delete(f"{NOTES}/{record['id']}")

    assert names_of(heard) == [("note", "create"), ("note", "delete")]


def test_a_view_tells_of_what_it_did_and_looks_at_what_was_told(config: Configurator) -> None:
    def view(request: Any) -> list[Any]:
        assert request.get_resource_events() == []
        request.current_resource_name, request.matchdict = "shelf", {"id": "top"}
        request.notify_resource_event(timestamp=5, data={"id": "top"}, action=ACTIONS.CREATE)
        request.current_resource_name, request.matchdict = "other", {}
        events = request.get_resource_events() + request.get_resource_events(after_commit=True)
        return [{**event.payload, "class": type(event).__name__} for event in events]

    config.add_cornice_service(open_service(view))
    app = client_of(config)
    heard = hear(app, ResourceChanged)

    before, after = app.get("/v1/thing").json

    assert (before.pop("class"), after.pop("class")) == ("ResourceChanged", "AfterResourceChanged")
    assert before == after == heard[0].payload
    assert (before["resource_name"], before["shelf_id"]) == ("shelf", "top")
    assert heard[0].impacted_records == [{"new": {"id": "top"}}]


def test_subrequests_tell_of_what_they_did_when_the_request_ends(config: Configurator) -> None:
    def view(request: Any) -> Any:
        subrequest = build_request(request, post("/notes", text="a"))
        answer, _ = request.follow_subrequest(subrequest, use_tweens=True)
        request.registry.heard_before_the_end = len(heard)
        return answer.json

    config.add_cornice_service(open_service(view))
    app = client_of(config)
    heard = hear(app, ResourceChanged)

    app.get("/v1/thing")

    assert names_of(heard) == [("note", "create")]
    assert app.app.registry.heard_before_the_end == 0


def test_nothing_is_told_where_the_step_is_left_out() -> None:
    steps = STEPS - {"cliquet_like.events.setup_transaction_hook"}
    config = Configurator(settings={**MEMORY_SETTINGS, "initialization_sequence": sorted(steps)})
    cliquet_like.initialize(config, version="1.0")
    config.scan("tests.resources")
    app = client_of(config)
    heard = hear(app, *ALL)

    app.post_json("/v1/batch", {"requests": [post("/notes", text="a")]})

    assert heard == []
