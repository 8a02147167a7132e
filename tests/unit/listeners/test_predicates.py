"""Which events a subscriber with predicates is called for."""

import sys
from types import SimpleNamespace

import pytest
from pyramid import testing
from pyramid.config import Configurator
from pyramid.events import ApplicationCreated, NewRequest, subscriber
from pyramid.exceptions import ConfigurationError

from cliquet_like.events import ACTIONS, AfterResourceChanged, ResourceChanged, ResourceRead
from cliquet_like.events.resource import event_class
from cliquet_like.listeners.predicates import ForActions, ForResources, add_predicates
from tests.listening import names_of

EVERYTHING = [
    (name, action) for action in ("create", "delete", "read", "update") for name in ("note", "bucket")
]


@subscriber(ResourceChanged, for_resources=("bucket",), for_actions=(ACTIONS.DELETE,))
def note_deleted_buckets(event):
    event.request.heard.append(event)


@pytest.fixture
def config():
    with testing.testConfig() as config:
        add_predicates(config)
        yield config


def request_of(name):
    return SimpleNamespace(
        path=f"/v1/{name}s", prefixed_userid=None, matchdict={}, current_resource_name=name, heard=[]
    )


def everything_happens(config):
    """Every action on two resources, as told before the commit; what the requests heard."""
    heard = []
    for name, action in EVERYTHING:
        request = request_of(name)
        make = event_class(ACTIONS(action), after_commit=False)
        config.registry.notify(make(ACTIONS(action), 123456, [], request))
        heard += request.heard
    return heard


def heard_with(config, event_type=None, **predicates):
    heard = []
    config.add_subscriber(heard.append, event_type, **predicates)
    everything_happens(config)
    return names_of(heard)


@pytest.mark.parametrize(
    "actions",
    [
        (ACTIONS.CREATE, ACTIONS.DELETE),
        ["create", "delete"],
        {"create", ACTIONS.DELETE},
        (action for action in ("delete", "create")),
    ],
    ids=["members", "texts", "both", "generator"],
)
def test_actions_are_members_or_texts(config, actions):
    heard = heard_with(config, ResourceChanged, for_actions=actions)

    assert heard == [found for found in EVERYTHING if found[1] in ("create", "delete")]


@pytest.mark.parametrize("action", [ACTIONS.UPDATE, "update"], ids=repr)
def test_an_action_may_be_alone(config, action):
    heard = heard_with(config, ResourceChanged, for_actions=action)

    assert heard == [("note", "update"), ("bucket", "update")]


@pytest.mark.parametrize("resources", ["bucket", ("bucket",), ["bucket", "cup"]], ids=repr)
def test_resources_are_texts_or_one_text(config, resources):
    heard = heard_with(config, ResourceChanged, for_resources=resources)

    assert heard == [("bucket", "create"), ("bucket", "delete"), ("bucket", "update")]


def test_the_name_of_a_resource_is_not_a_part_of_another(config):
    heard = heard_with(config, ResourceChanged, for_resources="buckets")

    assert heard == []


@pytest.mark.parametrize("nothing", [(), [], None], ids=repr)
def test_none_is_all(config, nothing):
    heard = heard_with(config, for_actions=nothing, for_resources=nothing)

    assert heard == EVERYTHING


def test_both_predicates_must_hold(config):
    heard = heard_with(config, for_actions=["read", "create"], for_resources="note")

    assert heard == [("note", "create"), ("note", "read")]


def test_the_class_of_the_event_is_chosen_too(config):
    heard = heard_with(config, ResourceRead, for_actions=["read", "create"])

    assert heard == [("note", "read"), ("bucket", "read")]


def test_events_after_the_commit_are_chosen_alike(config):
    heard = []
    config.add_subscriber(heard.append, AfterResourceChanged, for_actions="create", for_resources="note")

    for name in ("note", "bucket"):
        for action in (ACTIONS.CREATE, ACTIONS.UPDATE):
            config.registry.notify(AfterResourceChanged(action, 1, [], request_of(name)))

    assert names_of(heard) == [("note", "create")]


def test_a_scanned_subscriber_hears_of_what_it_chose(config):
    config.scan(sys.modules[__name__])

    heard = everything_happens(config)

    assert names_of(heard) == [("bucket", "delete")]


@pytest.mark.parametrize("predicate", ["for_actions", "for_resources"])
@pytest.mark.parametrize(
    "event",
    [
        NewRequest(SimpleNamespace()),
        ApplicationCreated(SimpleNamespace()),
        SimpleNamespace(payload="create note"),
        SimpleNamespace(payload={"thing": "create note"}),
        SimpleNamespace(payload=None),
    ],
    ids=["request", "application", "text", "others", "none"],
)
@pytest.mark.parametrize("value", [(), ("create", "read")], ids=["all", "some"])
def test_an_event_that_is_none_of_ours_is_not_chosen(config, predicate, event, value):
    heard = []
    config.add_subscriber(heard.append, **{predicate: value})

    config.registry.notify(event)

    assert heard == []


@pytest.mark.parametrize("actions", ["fly", ["create", "fly"], "create delete", ("",), [None]], ids=repr)
def test_an_unknown_action_is_refused_when_the_application_starts(config, actions):
    with pytest.raises(ConfigurationError) as refusal:
        config.add_subscriber(print, ResourceChanged, for_actions=actions)

    wrong = actions if isinstance(actions, str) else actions[-1]
    assert f"for_actions: {wrong!r} is no action, expected one of create, delete, read, update." in str(
        refusal.value
    )


def test_predicates_say_what_they_are():
    actions, resources = ForActions(["create", ACTIONS.READ], None), ForResources("note", None)

    assert (actions.text(), actions.phash()) == ("for_actions = create, read",) * 2
    assert (resources.text(), resources.phash()) == ("for_resources = note",) * 2


def test_several_parts_of_an_application_may_add_them():
    config = Configurator()
    config.include(add_predicates)
    config.include(lambda config: add_predicates(config))
    heard = []
    config.add_subscriber(heard.append, for_resources="note")

    config.commit()
    everything_happens(config)

    assert {name for name, _ in names_of(heard)} == {"note"}
