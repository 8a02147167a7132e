"""Who is called with events, in which order, and how often."""

import logging
from types import SimpleNamespace

import pytest
from pyramid import testing
from pyramid.events import NewResponse
from pyramid.httpexceptions import HTTPConflict, HTTPFound, HTTPOk
from zope.interface import Interface

from cliquet_like.events import (
    AfterResourceChanged,
    AfterResourceRead,
    ResourceChanged,
    ResourceRead,
    get_resource_events,
    notify_resource_event,
)
from cliquet_like.events.firing import MAX_ROUNDS, fire_after_commit, fire_before_commit, may_be_refused
from cliquet_like.events.recorder import find_recorder


@pytest.fixture
def registry():
    with testing.testConfig() as config:
        yield config.registry


@pytest.fixture
def request_():
    """A request that created the note ``0``."""
    request = SimpleNamespace(
        path="/v1/notes",
        prefixed_userid=None,
        matchdict={},
        current_resource_name="note",
        bound_data={},
    )
    create(request, 0)
    return request


def create(request, number):
    notify_resource_event(request, timestamp=number, data={"id": number}, action="create")


def fire(registry, request):
    fire_before_commit(registry, find_recorder(request))


def ids_of(heard):
    return [[change["new"]["id"] for change in event.impacted_records] for event in heard]


def causing(request, times):
    """List of what it heard, and a subscriber that causes a new event at its first ``times`` calls."""
    heard = []

    def subscriber(event):
        heard.append(event)
        if len(heard) <= times:
            create(request, len(heard))

    return heard, subscriber


def test_subscribers_hear_what_others_caused_but_nothing_twice(registry, request_):
    heard, subscriber = causing(request_, 2)
    registry.registerHandler(subscriber, (ResourceChanged,))

    fire(registry, request_)

    assert ids_of(heard) == [[0], [1], [2]]


def test_what_was_caused_by_the_way_is_merged_in_the_end(registry, request_):
    _, subscriber = causing(request_, 2)
    registry.registerHandler(subscriber, (ResourceChanged,))

    fire(registry, request_)

    assert ids_of(get_resource_events(request_, after_commit=True)) == [[0, 1, 2]]


def test_events_may_be_caused_nearly_without_end(registry, request_):
    heard, subscriber = causing(request_, MAX_ROUNDS - 1)
    registry.registerHandler(subscriber, (ResourceChanged,))

    fire(registry, request_)

    assert len(heard) == MAX_ROUNDS == 20


def test_events_that_are_caused_without_end_are_an_error(registry, request_):
    heard, subscriber = causing(request_, MAX_ROUNDS)
    registry.registerHandler(subscriber, (ResourceChanged,))

    with pytest.raises(RuntimeError, match="new events, 20 times in a row"):
        fire(registry, request_)

    assert len(heard) == MAX_ROUNDS


def test_what_nobody_hears_causes_nothing(registry, request_):
    heard = []
    registry.registerHandler(heard.append, (ResourceRead,))

    fire(registry, request_)

    assert heard == []


def test_a_subscriber_that_fails_ends_it(registry, request_):
    def fail(event):
        raise LookupError("a mistake")

    heard = []
    registry.registerHandler(fail, (ResourceChanged,))
    registry.registerHandler(heard.append, (ResourceChanged,))

    with pytest.raises(LookupError, match="a mistake"):
        fire(registry, request_)

    assert heard == []


@pytest.mark.parametrize(
    ("answer", "raised"),
    [(HTTPOk, RuntimeError), (HTTPFound, RuntimeError), (HTTPConflict, HTTPConflict)],
)
def test_what_a_subscriber_raises_is_no_success(registry, request_, answer, raised):
    def refuse(event):
        raise answer()

    registry.registerHandler(refuse, (ResourceChanged,))

    with pytest.raises(raised):
        fire(registry, request_)


@pytest.mark.parametrize(("committed", "expected"), [(True, [[0]]), (False, [])])
def test_after_the_commit_is_only_after_a_commit(registry, request_, committed, expected):
    heard = []
    registry.registerHandler(heard.append, (AfterResourceChanged,))
    registry.registerHandler(heard.append, (AfterResourceRead,))

    fire_after_commit(committed, registry, find_recorder(request_))

    assert ids_of(heard) == expected


def test_after_the_commit_a_mistake_is_logged_with_what_it_was_about(registry, request_, caplog):
    def fail(event):
        raise LookupError("a mistake")

    heard = []
    registry.registerHandler(fail, (AfterResourceChanged,))
    registry.registerHandler(heard.append, (AfterResourceChanged,))

    fire_after_commit(True, registry, find_recorder(request_))

    assert ids_of(heard) == [[0]]
    (entry,) = caplog.records
    assert (entry.levelno, entry.exc_info[0]) == (logging.ERROR, LookupError)
    assert all(word in entry.getMessage() for word in ("/notes", "create", "note"))


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ([], False),
        ([ResourceRead], False),
        ([AfterResourceChanged], False),
        ([NewResponse], False),
        ([ResourceChanged], True),
        ([Interface], True),
        ([object], True),
    ],
    ids=lambda value: "" if isinstance(value, bool) else "".join(kind.__name__ for kind in value),
)
def test_only_who_hears_of_changes_before_the_commit_may_refuse_them(heard, expected):
    with testing.testConfig() as config:
        for kind in heard:
            config.add_subscriber(print, kind)

        may = may_be_refused(config.registry)

    assert may is expected
