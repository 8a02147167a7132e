"""Listeners: from the names in the settings to subscribers of the application's events."""

import warnings
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from pyramid.events import ApplicationCreated
from pyramid.exceptions import ConfigurationError
from pyramid.settings import asbool, aslist

from cliquet_like.events.actions import ACTIONS
from cliquet_like.events.resource import event_class
from cliquet_like.initialization.dotted import resolve_dotted
from cliquet_like.kernel.values import native_value
from cliquet_like.listeners.predicates import add_predicates
from cliquet_like.settings.resolution import read_members
from cliquet_like.settings.setting import Kind, Setting

_DEFAULT_ACTIONS: Final = (ACTIONS.CREATE, ACTIONS.UPDATE, ACTIONS.DELETE)
_FAMILY: Final = "event_listeners."
_LISTENER: Final = "a module of listeners, as in cliquet_like.listeners.redis"
_AFTER_COMMIT: Final = Setting(
    name="event_listeners.<name>.after_commit", kind=Kind.FLAG, help="Whether to wait for the commit."
)

Listener = Callable[[Any], Any]


def setup_listeners(config: Any) -> None:
    """Step: subscribe the listeners that ``event_listeners`` names, by modules or names of their own.

    It needs no other step. A name that is there twice, or was subscribed by an earlier call, is
    subscribed once. Raises ``ConfigurationError`` for a listener that cannot be made.
    """
    add_predicates(config)
    subscribed = vars(config.registry).setdefault("subscribed_listeners", set())
    names = _parse_names("event_listeners", config.get_settings().get("event_listeners"))
    read_members(config, _FAMILY, [_short_name(name) for name in names])
    for name in names:
        if name not in subscribed:
            _subscribe(config, name)
            subscribed.add(name)


def _subscribe(config: Any, name: str) -> None:
    short_name = _short_name(name)
    prefix = f"{_FAMILY}{short_name}."
    settings = config.get_settings()
    actions = _parse_actions(f"{prefix}actions", settings.get(f"{prefix}actions"))
    resources = _parse_names(f"{prefix}resources", settings.get(f"{prefix}resources"))
    if resources:
        config.add_subscriber(partial(_warn_of_unknown, f"{prefix}resources", resources), ApplicationCreated)
    after_commit = _parse_flag(f"{prefix}after_commit", settings.get(f"{prefix}after_commit"))
    listener = _timed(config.registry, short_name, _load(config, name, prefix))
    for event in {event_class(action, after_commit=after_commit): None for action in actions}:
        config.add_subscriber(listener, event, for_actions=actions, for_resources=resources)


def _warn_of_unknown(setting: str, resources: Iterable[str], event: Any) -> None:
    """Warn of resources that the application has not: a listener would wait for them in vain."""
    services = getattr(event.app.registry, "cornice_services", {}).values()
    known = {
        service.viewset.get_name(service.resource) for service in services if hasattr(service, "viewset")
    }
    for name in resources:
        if name not in known:
            expected = f"some of {', '.join(sorted(known))}" if known else "nothing, for there is none"
            warnings.warn(
                f"Setting {setting}: {name!r} is no resource of the application, expected {expected}.",
                stacklevel=2,
            )


def _short_name(name: str) -> str:
    return name.rpartition(".")[2]


def _parse_names(setting: str, value: Any) -> list[str]:
    """Names in a text, separated by blanks, or in a list; none when it is empty."""
    try:
        found = aslist(value or ())
    except TypeError:
        found = [value]
    names = [name.value if isinstance(name, ACTIONS) else name for name in found]
    for name in names:
        if not isinstance(name, str):
            raise ConfigurationError(
                f"Setting {setting}: {name!r} is no name, expected names separated by blanks."
            )
    return names


def _parse_actions(setting: str, value: Any) -> tuple[ACTIONS, ...]:
    """Actions of these names; those that write when it is empty."""
    try:
        return ACTIONS.from_string_list(_parse_names(setting, value)) or _DEFAULT_ACTIONS
    except ValueError as error:
        known = ", ".join(action.value for action in ACTIONS)
        raise ConfigurationError(f"Setting {setting}: {error}, expected some of {known}.") from error


def _parse_flag(setting: str, value: Any) -> bool:
    _AFTER_COMMIT.check(setting, native_value(value))
    return bool(asbool(value))


def _load(config: Any, name: str, prefix: str) -> Listener:
    """Listener of the module that ``use`` names, else of the one that the name itself is."""
    use = config.get_settings().get(f"{prefix}use")
    setting = f"{prefix}use" if use else "event_listeners"
    module = resolve_dotted(config, setting, use or name, expected=_LISTENER)
    load_from_config = getattr(module, "load_from_config", None)
    if not callable(load_from_config):
        raise ConfigurationError(
            f"Setting {setting}: {use or name!r} is no listener, it has no load_from_config, "
            f"expected {_LISTENER}."
        )
    try:
        listener = load_from_config(config, prefix)
    except ImportError as error:
        raise ConfigurationError(
            f"Setting {setting}: the driver of {use or name!r} is missing ({error})."
        ) from error
    if not callable(listener):
        raise ConfigurationError(
            f"Setting {setting}: load_from_config of {use or name!r} gave {listener!r}, "
            f"which cannot be called, expected {_LISTENER}."
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
