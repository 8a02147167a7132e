"""Listeners: from the names in the settings to subscribers of the application's events."""

import os
from collections.abc import Callable, Iterator
from typing import Any, Final

from pyramid.exceptions import ConfigurationError
from pyramid.settings import asbool, aslist

from cliquet_like.events import ACTIONS
from cliquet_like.events.resource import event_class
from cliquet_like.initialization.dotted import resolve_dotted
from cliquet_like.kernel.values import environment_name
from cliquet_like.listeners.predicates import add_predicates
from cliquet_like.settings.resolution import read_named_settings

_DEFAULT_ACTIONS: Final = ("create", "update", "delete")

Listener = Callable[[Any], Any]


def setup_listeners(config: Any) -> None:
    """Step: subscribe the listeners that ``event_listeners`` names, by modules or names of their own.

    It needs no other step. Raises ``ConfigurationError`` for a listener that cannot be made.
    """
    add_predicates(config)
    for name in aslist(config.get_settings().get("event_listeners") or ()):
        _subscribe(config, name)


def _subscribe(config: Any, name: str) -> None:
    short_name = name.rpartition(".")[2]
    prefix = f"event_listeners.{short_name}."
    read_named_settings(config, _names_in_environment(prefix))
    settings = config.get_settings()
    actions = _parse_actions(f"{prefix}actions", settings.get(f"{prefix}actions") or _DEFAULT_ACTIONS)
    resources = aslist(settings.get(f"{prefix}resources") or ())
    after_commit = asbool(settings.get(f"{prefix}after_commit"))
    listener = _timed(config.registry, short_name, _load(config, name, prefix))
    for event in {event_class(action, after_commit=after_commit): None for action in actions}:
        config.add_subscriber(listener, event, for_actions=actions, for_resources=resources)


def _names_in_environment(prefix: str) -> Iterator[str]:
    """Settings of a listener that variables may be meant for, whichever prefix of ours they have."""
    for variable in os.environ:
        _, found, argument = variable.partition(environment_name(prefix))
        if found and argument:
            yield prefix + argument.lower()


def _parse_actions(setting: str, value: Any) -> tuple[ACTIONS, ...]:
    names = value.split() if isinstance(value, str) else value
    try:
        return ACTIONS.from_string_list(names)
    except ValueError as error:
        known = ", ".join(action.value for action in ACTIONS)
        raise ConfigurationError(f"Setting {setting}: {error}, expected some of {known}.") from error


def _load(config: Any, name: str, prefix: str) -> Listener:
    """Listener of the module that ``use`` names, else of the one that the name itself is."""
    use = config.get_settings().get(f"{prefix}use")
    setting = f"{prefix}use" if use else "event_listeners"
    module = resolve_dotted(config, setting, use or name)
    load_from_config = getattr(module, "load_from_config", None)
    if not callable(load_from_config):
        raise ConfigurationError(
            f"Setting {setting}: {use or name!r} is no listener, it has no load_from_config."
        )
    listener = load_from_config(config, prefix)
    if not callable(listener):
        raise ConfigurationError(
            f"Setting {setting}: load_from_config of {use or name!r} gave {listener!r}, "
            "which cannot be called."
        )
    called: Listener = listener
    return called


def _timed(registry: Any, name: str, listener: Listener) -> Listener:
    """Listener that measures its calls, if the application has a client of statsd by then."""

    def call(event: Any) -> None:
        statsd = getattr(registry, "statsd", None)
        if statsd is None:
            listener(event)
            return
        with statsd.timer(f"listeners.{name}"):
            listener(event)

    return call
