"""Which things that were done are told of in one event."""

from types import SimpleNamespace
from typing import Any

from cliquet_like.events.actions import ACTIONS
from cliquet_like.events.merging import Notice, grouped

CREATE, UPDATE, DELETE, READ = ACTIONS.CREATE, ACTIONS.UPDATE, ACTIONS.DELETE, ACTIONS.READ


def done(action: ACTIONS, *ids: str, user: str | None = "ada", resource: str = "note", **url: str) -> Notice:
    request = SimpleNamespace(prefixed_userid=user)
    key = "old" if action is DELETE else "new"
    return Notice(request, resource, url, action, 1, [{key: {"id": object_id}} for object_id in ids])


def told(*notices: Notice) -> list[tuple[ACTIONS, list[Any]]]:
    """Action of each event, with the ids of its records."""
    return [
        (
            group[0].action,
            [next(iter(change.values()))["id"] for notice in group for change in notice.records],
        )
        for group in grouped(notices)
    ]


def test_nothing_is_no_event() -> None:
    assert grouped([]) == []


def test_one_action_on_a_resource_is_one_event_wherever_it_is_repeated() -> None:
    assert told(done(CREATE, "a"), done(DELETE, "b"), done(CREATE, "c", "d")) == [
        (CREATE, ["a", "c", "d"]),
        (DELETE, ["b"]),
    ]


def test_another_resource_user_or_parent_is_another_event() -> None:
    notices = [
        done(CREATE, "a"),
        done(CREATE, "a", resource="mushroom"),
        done(CREATE, "b", user="bob"),
        done(CREATE, "c", user=None),
        done(CREATE, "d", shelf_id="1"),
        done(CREATE, "e", shelf_id="2"),
        done(CREATE, "f", shelf_id="1", id="f"),
    ]

    groups = grouped(notices)

    assert [len(group) for group in groups] == [1, 1, 1, 1, 2, 1]
    assert [place for place, notice in enumerate(notices) if notice in groups[4]] == [4, 6]


def test_what_happened_to_a_record_is_told_in_its_order() -> None:
    assert told(done(CREATE, "a"), done(DELETE, "a"), done(CREATE, "a")) == [
        (CREATE, ["a"]),
        (DELETE, ["a"]),
        (CREATE, ["a"]),
    ]


def test_an_event_begun_anew_takes_what_comes_later() -> None:
    assert told(done(UPDATE, "one"), done(CREATE, "two"), done(UPDATE, "two"), done(UPDATE, "one")) == [
        (UPDATE, ["one"]),
        (CREATE, ["two"]),
        (UPDATE, ["two", "one"]),
    ]


def test_records_of_other_resources_do_not_part_events() -> None:
    assert told(done(CREATE, "a"), done(DELETE, "a", resource="mushroom"), done(CREATE, "a")) == [
        (CREATE, ["a", "a"]),
        (DELETE, ["a"]),
    ]


def test_what_was_read_is_one_event() -> None:
    request = SimpleNamespace(prefixed_userid="ada")
    read = Notice(request, "note", None, READ, 1, [{"id": "a"}])

    assert [len(group) for group in grouped([read, done(UPDATE, "a"), read])] == [2, 1]


def test_changes_without_ids_are_merged() -> None:
    request = SimpleNamespace(prefixed_userid="ada")
    nameless = [
        Notice(request, "note", {}, UPDATE, 1, [change]) for change in ({"new": {}}, {}, {"new": None})
    ]

    assert len(grouped(nameless)) == 1
