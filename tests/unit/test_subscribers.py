"""Listeners: from settings to subscribers, on a configurator without the library."""

import sys
import types
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

import pytest
from pyramid import testing
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

import cliquet_like
from cliquet_like.events import ACTIONS, AfterResourceChanged, ResourceChanged, ResourceRead
from cliquet_like.events.resource import event_class
from cliquet_like.initialization import setup_listeners
from tests.listening import names_of
from tests.support import SETTINGS

MODULE = "shelf.queue"
PREFIX = "event_listeners.queue."
WRITES = ["create", "delete", "update"]


@pytest.fixture
def module(monkeypatch):
    """Module of an application, ``shelf.queue``; its listeners add to ``heard``."""
    shelf, queue = types.ModuleType("shelf"), types.ModuleType(MODULE)
    queue.heard, queue.prefixes = [], []

    def load_from_config(config, prefix):
        queue.prefixes.append(prefix)
        return queue.heard.append

    queue.load_from_config = load_from_config
    shelf.queue, shelf.load_from_config = queue, "no function"
    monkeypatch.setitem(sys.modules, "shelf", shelf)
    monkeypatch.setitem(sys.modules, MODULE, queue)
    return queue


@pytest.fixture
def listen():
    """Makes a bare configurator with listeners."""
    with ExitStack() as configs:

        def listening(settings):
            config = configs.enter_context(testing.testConfig(settings=settings))
            setup_listeners(config)
            return config

        yield listening


def named(**arguments):
    """Settings of a listener called ``queue``."""
    own = {f"{PREFIX}{name}": value for name, value in arguments.items()}
    return {"event_listeners": "queue", f"{PREFIX}use": MODULE, **own}


def request_of(name):
    return SimpleNamespace(path="/v1/x", prefixed_userid=None, matchdict={}, current_resource_name=name)


def everything_happens(config, *resources):
    """Every action on each resource, before the commit, then after it."""
    for after_commit in (False, True):
        for name in resources or ("note",):
            request = request_of(name)
            for action in ACTIONS:
                make = event_class(action, after_commit=after_commit)
                config.registry.notify(make(action, 123456, [], request))


def fail(event):
    raise LookupError("a mistake")


def actions_of(heard):
    return [action for _, action in names_of(heard)]


class Stopwatch:
    """Client of statsd that keeps what it timed."""

    def __init__(self):
        self.seen = []

    @contextmanager
    def timer(self, key):
        self.seen.append(("start", key))
        try:
            yield
        finally:
            self.seen.append(("stop", key))


@pytest.mark.parametrize("settings", [{"event_listeners": MODULE}, named()], ids=["module", "name"])
def test_a_listener_is_a_module_or_a_name_that_uses_one(listen, module, settings):
    config = listen(settings)

    everything_happens(config)

    assert module.prefixes == [PREFIX]
    assert actions_of(module.heard) == WRITES
    assert {type(event) for event in module.heard} == {ResourceChanged}


def test_a_change_is_heard_when_the_registry_is_notified(listen, module):
    config = listen(named())
    event = ResourceChanged(ACTIONS.CREATE, 123456, [], request_of("note"))

    config.registry.notify(event)

    assert module.heard == [event]


@pytest.mark.parametrize(
    "names",
    ["queue other", "queue\n\tother\n", ["queue", "other"], ("queue", "other"), ["queue other"]],
    ids=repr,
)
def test_listeners_are_as_many_as_there_are_names(listen, module, names):
    config = listen({**named(), "event_listeners": names, "event_listeners.other.use": MODULE})

    everything_happens(config)

    assert module.prefixes == [PREFIX, "event_listeners.other."]
    assert len(module.heard) == 2 * len(WRITES)


@pytest.mark.parametrize(
    "settings", [{}, *({"event_listeners": value} for value in ("", None, (), " "))], ids=str
)
def test_without_names_nobody_listens_but_predicates_are_there(listen, settings):
    config = listen(settings)
    heard = []

    config.add_subscriber(heard.append, for_actions="create", for_resources="note")
    everything_happens(config, "note", "tag")

    assert names_of(heard) == [("note", "create")] * 2


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ("create", ["create"]),
        ("delete\ncreate", ["create", "delete"]),
        (["update", "create"], ["create", "update"]),
        ((ACTIONS.DELETE,), ["delete"]),
        ("read", ["read"]),
        ("read create", ["create", "read"]),
        ("create create", ["create"]),
        *((nothing, WRITES) for nothing in ("", " ", None, [])),
    ],
    ids=repr,
)
def test_a_listener_hears_of_the_actions_it_chose(listen, module, actions, expected):
    config = listen(named(actions=actions))

    everything_happens(config)

    assert actions_of(module.heard) == expected


def test_a_listener_of_readings_hears_the_event_of_readings(listen, module):
    config = listen(named(actions="read delete"))

    everything_happens(config)

    assert [type(event) for event in module.heard] == [ResourceChanged, ResourceRead]


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ("tag", ["tag"]),
        ("tag cup", ["cup", "tag"]),
        (["note", "cup"], ["cup", "note"]),
        (("note",), ["note"]),
        ("tags", []),
        *((nothing, ["cup", "note", "tag"]) for nothing in ("", " ", None, ())),
    ],
    ids=str,
)
def test_a_listener_hears_of_the_resources_it_chose(listen, module, resources, expected):
    config = listen(named(resources=resources))

    everything_happens(config, "note", "tag", "cup")

    assert sorted({name for name, _ in names_of(module.heard)}) == expected


def test_actions_and_resources_are_chosen_together(listen, module):
    config = listen(named(resources="tag", actions="read update"))

    everything_happens(config, "note", "tag")

    assert names_of(module.heard) == [("tag", "read"), ("tag", "update")]


@pytest.mark.parametrize(
    ("after_commit", "event_type"),
    [
        *((value, AfterResourceChanged) for value in (True, "true", "yes", "1", 1)),
        *((value, ResourceChanged) for value in (False, "false", "0", "", None)),
    ],
)
def test_a_listener_may_wait_for_the_commit(listen, module, after_commit, event_type):
    config = listen(named(after_commit=after_commit))

    everything_happens(config)

    assert actions_of(module.heard) == WRITES
    assert {type(event) for event in module.heard} == {event_type}


def test_listeners_choose_each_for_itself(listen, module):
    heard = module.heard
    module.load_from_config = lambda config, prefix: lambda event: heard.append((prefix, event))
    other = {"event_listeners.other.use": MODULE, "event_listeners.other.actions": "read"}
    config = listen({**named(actions="delete"), **other, "event_listeners": "queue other"})

    everything_happens(config)

    assert [(prefix, event.payload["action"]) for prefix, event in heard] == [
        (PREFIX, "delete"),
        ("event_listeners.other.", "read"),
    ]


def test_a_name_that_is_there_twice_is_subscribed_once(listen, module):
    config = listen({**named(), "event_listeners": "queue queue"})

    everything_happens(config)

    assert actions_of(module.heard) == WRITES


def test_a_second_call_subscribes_what_is_new_and_nothing_twice(listen, module):
    config = listen(named())
    config.add_settings({"event_listeners": "queue other", "event_listeners.other.use": MODULE})

    setup_listeners(config)
    everything_happens(config)

    assert module.prefixes == [PREFIX, "event_listeners.other."]
    assert len(module.heard) == 2 * len(WRITES)


def test_applications_in_one_process_do_not_meet(listen, module):
    first, second = listen(named()), listen(named())

    everything_happens(second)

    assert (first is second, len(module.heard)) == (False, len(WRITES))


def test_what_a_listener_raises_goes_on(listen, module):
    module.load_from_config = lambda config, prefix: fail
    config = listen(named())

    with pytest.raises(LookupError, match="a mistake"):
        everything_happens(config)


@pytest.mark.parametrize("value", [42, True, ["queue", 3], {"queue": [1]}.items()], ids=repr)
def test_what_names_no_listener_is_refused(listen, module, value):
    with pytest.raises(ConfigurationError, match=r"^Setting event_listeners: .+ is no name, expected"):
        listen({**named(), "event_listeners": value})


@pytest.mark.parametrize(
    ("argument", "value", "reason"),
    [
        ("actions", "fly", "'fly' is not .+, expected some of create, delete, read, update."),
        ("actions", "create, delete", "'create,' is not"),
        ("actions", ["create", "DELETE"], "'DELETE' is not"),
        ("actions", 5, "5 is no name"),
        ("actions", True, "True is no name"),
        ("resources", 5, "5 is no name"),
        ("resources", ["note", None], "None is no name"),
        ("after_commit", "perhaps", "'perhaps' is no such value, expected true or false"),
        ("after_commit", 7, "7 is no such value"),
        ("use", "nowhere.queue", "'nowhere.queue' cannot be imported"),
        ("use", "shelf.nothing", "'shelf.nothing' cannot be imported"),
        ("use", "json", "'json' is no listener, it has no load_from_config"),
        ("use", "shelf", "'shelf' is no listener, it has no load_from_config"),
        ("use", 5, "5 is no listener"),
    ],
)
def test_a_mistake_is_refused_by_the_name_of_its_setting(listen, module, argument, value, reason):
    with pytest.raises(ConfigurationError, match=f"^Setting event_listeners.queue.{argument}: {reason}"):
        listen(named(**{argument: value}))


@pytest.mark.parametrize("name", ["nowhere", "nowhere.queue", "json", "a..b", ".", ":"])
def test_a_name_without_a_module_is_refused(listen, name):
    with pytest.raises(ConfigurationError, match=r"^Setting event_listeners: "):
        listen({"event_listeners": name})


@pytest.mark.parametrize("settings", [named(), {"event_listeners": MODULE}], ids=["name", "module"])
@pytest.mark.parametrize("made", [None, 3, "text"], ids=repr)
def test_a_listener_that_cannot_be_called_is_refused(listen, module, settings, made):
    module.load_from_config = lambda config, prefix: made

    with pytest.raises(ConfigurationError) as refusal:
        listen(settings)

    setting = f"{PREFIX}use" if settings == named() else "event_listeners"
    reason = f"load_from_config of 'shelf.queue' gave {made!r}, which cannot be called, expected a module"
    assert str(refusal.value).startswith(f"Setting {setting}: {reason}")


def test_a_driver_that_a_listener_misses_is_told(listen, module):
    def load_from_config(config, prefix):
        import missing_driver  # noqa: F401 - as a listener with an optional driver does

    module.load_from_config = load_from_config

    with pytest.raises(ConfigurationError) as refusal:
        listen(named())

    reason = "the driver of 'shelf.queue' is missing (No module"
    assert str(refusal.value).startswith(f"Setting {PREFIX}use: {reason}")


@pytest.mark.parametrize("setting", ["url", "pool_size", "pool_timeout"])
def test_the_listener_of_redis_refuses_what_is_wrong(listen, setting):
    settings = {
        "event_listeners": "cliquet_like.listeners.redis",
        f"event_listeners.redis.{setting}": "wrong",
    }

    with pytest.raises(ConfigurationError, match=f"^Setting event_listeners.redis.{setting}: "):
        listen(settings)


@pytest.mark.parametrize("prefix", ["CLIQUET_LIKE_", "SHELF_", ""])
def test_arguments_are_read_from_the_environment(listen, module, monkeypatch, prefix):
    arguments = {"USE": MODULE, "ACTIONS": "read delete", "AFTER_COMMIT": "yes", "URL": "there", "": "no"}
    for name, value in arguments.items():
        monkeypatch.setenv(f"{prefix}EVENT_LISTENERS_QUEUE_{name}", value)
    monkeypatch.setenv("OTHER_EVENT_LISTENERS_QUEUE_RESOURCES", "tag")

    config = listen({"event_listeners": "queue", "project_name": "shelf"})
    everything_happens(config)

    assert actions_of(module.heard) == ["delete", "read"]
    assert config.get_settings()[f"{PREFIX}url"] == "there"
    assert not [name for name in config.get_settings() if name in (PREFIX, f"{PREFIX}resources")]


def test_the_environment_overrides_the_settings_of_an_application(module, monkeypatch):
    monkeypatch.setenv("SHELF_EVENT_LISTENERS", "queue")
    monkeypatch.setenv("SHELF_EVENT_LISTENERS_QUEUE_ACTIONS", "read")
    settings = {f"cliquet_like.{name}": value for name, value in named(actions="delete").items()}
    config = Configurator(settings={**SETTINGS, **settings, "cliquet_like.event_listeners": ""})

    cliquet_like.initialize(config, version="1.0", project_name="shelf")
    config.commit()
    everything_happens(config)

    assert actions_of(module.heard) == ["read"]


@pytest.mark.parametrize("name", ["queue", MODULE])
def test_each_call_is_timed_by_the_name_of_its_listener(listen, module, name):
    statsd = Stopwatch()
    module.load_from_config = lambda config, prefix: lambda event: statsd.seen.append(event.payload["action"])
    config = listen({**named(actions="create delete"), "event_listeners": name})
    config.registry.statsd = statsd

    everything_happens(config)

    start, stop = ("start", "listeners.queue"), ("stop", "listeners.queue")
    assert statsd.seen == [start, "create", stop, start, "delete", stop]


def test_a_call_that_fails_is_timed_too(listen, module):
    module.load_from_config = lambda config, prefix: fail
    config = listen(named(actions="create"))
    config.registry.statsd = Stopwatch()

    with pytest.raises(LookupError):
        everything_happens(config)

    assert config.registry.statsd.seen == [("start", "listeners.queue"), ("stop", "listeners.queue")]


def test_without_statsd_a_listener_is_called_all_the_same(listen, module):
    config = listen(named(actions="create"))
    config.registry.statsd = None

    everything_happens(config)

    assert actions_of(module.heard) == ["create"]
