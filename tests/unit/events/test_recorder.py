"""What is told of records, and the events that are made of it."""

from types import SimpleNamespace

import pytest

from cliquet_like.events import (
    ACTIONS,
    AfterResourceChanged,
    AfterResourceRead,
    ResourceChanged,
    ResourceRead,
    get_resource_events,
    notify_resource_event,
)
from cliquet_like.events.recorder import find_recorder, forget_events_since, mark_events
from cliquet_like.storage.texts import RecordTexts


def request_of(**attributes):
    given = {
        "path": "/v1/notes",
        "prefixed_userid": "basicauth:ada",
        "matchdict": {},
        "current_resource_name": "note",
        "bound_data": {},
    }
    return SimpleNamespace(**{**given, **attributes})


def changes_of(request):
    return [event.impacted_records for event in get_resource_events(request)]


@pytest.fixture
def request_():
    return request_of()


def test_before_anything_is_done_there_is_no_event(request_):
    assert get_resource_events(request_) == []
    assert get_resource_events(request_, after_commit=True) == []
    assert find_recorder(request_) is None


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        (ACTIONS.READ, ResourceRead, AfterResourceRead),
        (ACTIONS.CREATE, ResourceChanged, AfterResourceChanged),
        (ACTIONS.UPDATE, ResourceChanged, AfterResourceChanged),
        (ACTIONS.DELETE, ResourceChanged, AfterResourceChanged),
    ],
    ids=str,
)
def test_what_is_done_is_an_event_before_the_commit_and_one_after_it(request_, action, before, after):
    notify_resource_event(request_, timestamp=3, data={"id": "a"}, action=action)

    (first,), (second,) = get_resource_events(request_), get_resource_events(request_, after_commit=True)

    assert (type(first), type(second)) == (before, after)
    assert first.payload == second.payload
    assert first.request is second.request is request_


def test_events_are_made_anew_each_time(request_):
    notify_resource_event(request_, timestamp=3, data={"id": "a"}, action="create")

    (event,) = get_resource_events(request_)
    event.payload["altered"], event.impacted_records[:] = True, []

    (again,) = get_resource_events(request_)
    assert ("altered" in again.payload, len(again.impacted_records)) == (False, 1)


def test_an_action_may_be_its_name(request_):
    notify_resource_event(request_, timestamp=3, data={"id": "a"}, action="delete")

    assert get_resource_events(request_)[0].payload["action"] == "delete"


@pytest.mark.parametrize("action", ["fly", None, "DELETE"], ids=repr)
def test_an_unknown_action_is_an_error_and_no_event(request_, action):
    with pytest.raises(ValueError, match=repr(action)):
        notify_resource_event(request_, timestamp=3, data={"id": "a"}, action=action)

    assert get_resource_events(request_) == []


@pytest.mark.parametrize(
    ("action", "change"),
    [
        ("create", {"new": {"id": "a"}}),
        ("update", {"new": {"id": "a"}, "old": {"id": "a", "n": 1}}),
        ("delete", {"old": {"id": "a"}}),
    ],
)
def test_a_change_has_what_there_is_now_and_what_there_was(request_, action, change):
    notify_resource_event(request_, timestamp=3, data={"id": "a"}, action=action, old={"id": "a", "n": 1})

    assert changes_of(request_) == [[change]]


def test_an_update_of_a_list_has_what_each_replaced(request_):
    new, old = [{"id": "a", "n": 2}, {"id": "b", "n": 2}], [{"id": "a", "n": 1}, {"id": "b", "n": 1}]

    notify_resource_event(request_, timestamp=3, data=new, action=ACTIONS.UPDATE, old=old)

    assert changes_of(request_) == [[{"new": new[0], "old": old[0]}, {"new": new[1], "old": old[1]}]]


@pytest.mark.parametrize("old", [None, [], {"id": "a"}, [{"id": "a"}]], ids=repr)
def test_what_an_update_of_a_list_replaced_may_be_told_in_part(request_, old):
    new = [{"id": "a", "n": 2}, {"id": "b", "n": 2}]

    notify_resource_event(request_, timestamp=3, data=new, action=ACTIONS.UPDATE, old=old)

    known = {"id": "a"} if old else None
    assert changes_of(request_) == [[{"new": new[0], "old": known}, {"new": new[1], "old": None}]]


@pytest.mark.parametrize("action", [ACTIONS.CREATE, ACTIONS.UPDATE, ACTIONS.DELETE], ids=str)
def test_a_change_of_no_records_is_no_event(request_, action):
    notify_resource_event(request_, timestamp=3, data=[], action=action, old=[])

    assert get_resource_events(request_) == []


def test_a_reading_of_no_records_is_an_event(request_):
    notify_resource_event(request_, timestamp=3, data=[], action=ACTIONS.READ)

    assert [event.read_records for event in get_resource_events(request_)] == [[]]


@pytest.mark.parametrize(
    ("action", "names"), [("create", ["new"]), ("update", ["new", "old"]), ("delete", ["old"])]
)
def test_records_may_be_altered_after_their_change_was_told(request_, action, names):
    record, old = {"tags": ["x"]}, {"tags": ["x"]}

    notify_resource_event(request_, timestamp=3, data=record, action=action, old=old)
    record["tags"].append("y")
    old["tags"].append("y")

    assert changes_of(request_) == [[{name: {"tags": ["x"]} for name in names}]]


def test_a_page_may_be_altered_after_it_was_told(request_):
    page = [{"id": "a"}]

    notify_resource_event(request_, timestamp=3, data=page, action=ACTIONS.READ)
    page.append({"id": "b"})

    assert get_resource_events(request_)[0].read_records == [{"id": "a"}]


def test_a_page_of_texts_is_one_of_records(request_):
    notify_resource_event(request_, timestamp=3, data=RecordTexts(['{"id": "a"}']), action=ACTIONS.READ)

    assert get_resource_events(request_)[0].read_records == [{"id": "a"}]


def test_events_are_one_for_each_resource_and_action_in_the_order_of_the_first(request_):
    done = [("note", "update", 5), ("tag", "create", 9), ("note", "create", 6), ("note", "update", 7)]
    for number, (name, action, timestamp) in enumerate([*done, ("note", "update", 6)]):
        request_.current_resource_name, request_.matchdict = name, {"id": f"id-{number}"}
        notify_resource_event(request_, timestamp=timestamp, data={"n": number}, action=action)

    events = get_resource_events(request_)

    told = [(event.payload["resource_name"], event.payload["action"]) for event in events]
    assert told == [("note", "update"), ("tag", "create"), ("note", "create")]
    assert [event.payload["timestamp"] for event in events] == [7, 9, 6]
    assert events[0].payload["note_id"] == "id-0"
    assert [change["new"]["n"] for change in events[0].impacted_records] == [0, 3, 4]


def test_what_was_done_after_a_mark_is_forgotten_and_nothing_else(request_):
    notify_resource_event(request_, timestamp=3, data={"id": "a"}, action="create")
    mark = mark_events(request_)
    notify_resource_event(request_, timestamp=4, data={"id": "b"}, action="create")
    notify_resource_event(request_, timestamp=5, data={"id": "c"}, action="delete")

    forget_events_since(request_, mark)

    assert changes_of(request_) == [[{"new": {"id": "a"}}]]
    assert get_resource_events(request_)[0].payload["timestamp"] == 3


def test_a_mark_before_anything_was_done_is_of_everything(request_):
    mark = mark_events(request_)
    notify_resource_event(request_, timestamp=3, data={"id": "a"}, action="create")

    forget_events_since(request_, mark)

    assert get_resource_events(request_) == []


def test_where_nothing_was_done_there_is_nothing_to_forget(request_):
    forget_events_since(request_, mark_events(request_))

    assert request_.bound_data == {}


def test_requests_that_share_their_data_share_their_events(request_):
    other = request_of(bound_data=request_.bound_data, path="/v1/tags", current_resource_name="tag")

    notify_resource_event(other, timestamp=3, data={"id": "a"}, action="create")

    (event,) = get_resource_events(request_)
    assert (event.payload["uri"], event.request) == ("/tags", other)


def test_a_request_without_shared_data_keeps_its_events_to_itself():
    first, second = request_of(), request_of()
    del first.bound_data, second.bound_data

    notify_resource_event(first, timestamp=3, data={"id": "a"}, action="create")
    notify_resource_event(first, timestamp=4, data={"id": "b"}, action="create")

    assert changes_of(first) == [[{"new": {"id": "a"}}, {"new": {"id": "b"}}]]
    assert get_resource_events(second) == []
