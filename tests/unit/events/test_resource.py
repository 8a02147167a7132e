"""Events made of any object that has the four attributes of a request."""

import json
from types import SimpleNamespace

import pytest

from cliquet_like.events import (
    ACTIONS,
    AfterResourceChanged,
    AfterResourceRead,
    ResourceChanged,
    ResourceRead,
)
from cliquet_like.events.resource import event_class

CLASSES = [ResourceRead, ResourceChanged, AfterResourceRead, AfterResourceChanged]


def request_of(**attributes):
    given = {
        "path": "/v1/notes",
        "prefixed_userid": "basicauth:ada",
        "matchdict": {},
        "current_resource_name": "note",
    }
    return SimpleNamespace(**{**given, **attributes})


def payload_of(**attributes):
    return ResourceChanged(ACTIONS.UPDATE, 123456, [], request_of(**attributes)).payload


@pytest.mark.parametrize("event_type", CLASSES)
def test_an_event_is_made_of_a_bare_object(event_type):
    event = event_type(ACTIONS.DELETE, 123456, [], request_of())

    assert event.payload == {
        "timestamp": 123456,
        "action": "delete",
        "uri": "/notes",
        "user_id": "basicauth:ada",
        "resource_name": "note",
    }


@pytest.mark.parametrize("event_type", CLASSES)
def test_an_event_has_the_records_and_the_request_it_was_made_with(event_type):
    request, records = request_of(), [{"new": {"id": "a"}}]

    event = event_type(ACTIONS.CREATE, 1, records, request)

    name = "read_records" if "Read" in event_type.__name__ else "impacted_records"
    assert event.request is request
    assert getattr(event, name) is records
    assert {"read_records", "impacted_records"} & set(vars(event)) == {name}


def test_the_payload_is_json():
    payload = payload_of(matchdict={"id": "a", "bucket_id": "b"})

    assert json.loads(json.dumps(payload)) == payload


@pytest.mark.parametrize("matchdict", [{}, None])
def test_without_variables_there_is_no_id(matchdict):
    assert "note_id" not in payload_of(matchdict=matchdict)


def test_the_id_is_called_after_its_resource():
    payload = payload_of(matchdict={"id": "abc"})

    assert payload["note_id"] == "abc"
    assert "id" not in payload


def test_the_id_stays_one_where_there_is_no_resource():
    payload = payload_of(matchdict={"id": "abc"}, current_resource_name=None)

    assert (payload["id"], payload["resource_name"]) == ("abc", None)
    assert len(payload) == 6


def test_other_variables_keep_their_names():
    matchdict = {"bucket_id": "b", "collection_id": "c", "id": "r"}

    payload = payload_of(matchdict=matchdict, current_resource_name="record")

    assert {name: value for name, value in payload.items() if name.endswith("_id") and name != "user_id"} == {
        "bucket_id": "b",
        "collection_id": "c",
        "record_id": "r",
    }


def test_the_variables_of_the_request_are_left_as_they_are():
    matchdict = {"id": "abc"}

    payload_of(matchdict=matchdict)

    assert matchdict == {"id": "abc"}


def test_a_variable_with_a_name_of_ours_does_not_lie_about_who_did_it():
    payload = payload_of(matchdict={"user_id": "basicauth:eve", "action": "read", "timestamp": "0"})

    assert (payload["user_id"], payload["action"], payload["timestamp"]) == (
        "basicauth:ada",
        "update",
        123456,
    )


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("/v1/notes/abc", "/notes/abc"),
        ("/v0/notes", "/notes"),
        ("/v12/notes", "/notes"),
        ("/notes", "/notes"),
        ("/v1notes", "/v1notes"),
        ("/notes/v1/x", "/notes/v1/x"),
    ],
)
def test_the_uri_has_no_version(path, uri):
    assert payload_of(path=path)["uri"] == uri


@pytest.mark.parametrize("userid", [None, "basicauth:ada"])
def test_the_user_may_be_nobody(userid):
    assert payload_of(prefixed_userid=userid)["user_id"] == userid


def test_a_later_change_of_the_request_does_not_change_the_event():
    request = request_of(matchdict={"id": "abc"})
    event = ResourceRead(ACTIONS.READ, 1, [], request)

    request.path, request.matchdict, request.current_resource_name = "/v1/others", {}, "other"

    assert (event.payload["uri"], event.payload["note_id"]) == ("/notes", "abc")


@pytest.mark.parametrize("action", list(ACTIONS), ids=str)
def test_each_action_has_a_class_before_the_commit_and_one_after_it(action):
    before, after = event_class(action, after_commit=False), event_class(action, after_commit=True)

    reads = action is ACTIONS.READ
    assert before is (ResourceRead if reads else ResourceChanged)
    assert after is (AfterResourceRead if reads else AfterResourceChanged)


@pytest.mark.parametrize("event_type", CLASSES)
def test_no_event_is_one_of_another_class(event_type):
    event = event_type(ACTIONS.READ, 1, [], request_of())

    assert [found for found in CLASSES if isinstance(event, found)] == [event_type]
