"""Which events a subscriber is called for: ``for_actions`` and ``for_resources``."""

from collections.abc import Iterable
from typing import Any

from pyramid.exceptions import ConfigurationError

from cliquet_like.events.actions import ACTIONS


def add_predicates(config: Any) -> None:
    """Let subscribers be added with our predicates; a second time does nothing."""
    registry = config.registry
    if getattr(registry, "has_event_predicates", False):
        return
    registry.has_event_predicates = True
    config.add_subscriber_predicate("for_actions", ForActions)
    config.add_subscriber_predicate("for_resources", ForResources)


class ForActions:
    """Only events of these actions; of all when there is none.

    Actions are members or their names. Raises ``ConfigurationError`` for an unknown one.
    """

    def __init__(self, value: Any, config: Any) -> None:
        self._names = [_action_name(action) for action in _several(value)]

    def text(self) -> str:
        """Text of the predicate, as Pyramid shows it."""
        return f"for_actions = {', '.join(self._names)}"

    phash = text

    def __call__(self, event: Any) -> bool:
        """Whether the event is one of them; what is no event of ours is not."""
        return _is_among(event, "action", self._names)


class ForResources:
    """Only events of the resources with these names; of all when there is none."""

    def __init__(self, value: Any, config: Any) -> None:
        self._names = [str(name) for name in _several(value)]

    def text(self) -> str:
        """Text of the predicate, as Pyramid shows it."""
        return f"for_resources = {', '.join(self._names)}"

    phash = text

    def __call__(self, event: Any) -> bool:
        """Whether the event is of one of them; what is no event of ours is not."""
        return _is_among(event, "resource_name", self._names)


def _several(value: Any) -> Iterable[Any]:
    return (value,) if isinstance(value, str | ACTIONS) else tuple(value)


def _action_name(action: Any) -> str:
    try:
        return ACTIONS(action).value
    except ValueError:
        known = ", ".join(known.value for known in ACTIONS)
        raise ConfigurationError(f"for_actions: {action!r} is no action, expected one of {known}.") from None


def _is_among(event: Any, key: str, names: list[str]) -> bool:
    payload = getattr(event, "payload", None)
    return isinstance(payload, dict) and key in payload and (not names or payload[key] in names)
