"""Events of requests are made when somebody hears them: most applications subscribe to none."""

from functools import partial
from typing import Any, Final

from pyramid.events import ApplicationCreated
from pyramid.interfaces import IApplicationCreated, ISecurityPolicy
from pyramid.registry import Registry
from zope.interface import implementedBy

from cliquet_like.authorization.security import SecurityPolicy, keep_selected
from cliquet_like.service.requests import prepare, prepare_request
from cliquet_like.web.routes import RoutesBySegment

_DISPENSABLE: Final = (prepare_request, keep_selected)
"""Our own subscribers: what they do is done in another way where nobody else subscribes."""

_OF_THE_START: Final = frozenset({IApplicationCreated, implementedBy(ApplicationCreated)})


def setup_listening(config: Any) -> None:
    """Look for subscribers when the application has been made."""
    config.add_subscriber(_look_for_subscribers, ApplicationCreated)


def _look_for_subscribers(event: Any) -> None:
    """Let Pyramid make no events of requests as long as nobody but us subscribes to them.

    Who subscribes later is heard: the registry notes that, and then all is as ever.
    """
    registry, routes = event.app.registry, event.app.routes_mapper
    has_other_ways = (
        type(routes) is RoutesBySegment
        and type(registry.queryUtility(ISecurityPolicy)) is SecurityPolicy
        # Another one may not note who subscribes.
        and type(registry) is Registry
        and not registry.__bases__
    )
    if has_other_ways and not any(_is_for_others(*known) for known in registry.adapters.allSubscriptions()):
        routes.on_request = prepare
        registry.notify = partial(_notify, registry)
        registry.has_listeners = False


def _is_for_others(required: Any, _provided: Any, subscriber: Any) -> bool:
    original = getattr(subscriber, "__wrapped__", subscriber)
    is_ours = any(original is own for own in _DISPENSABLE)
    return not (is_ours or _OF_THE_START.issuperset(required))


def _notify(registry: Any, *events: Any) -> None:
    """``registry.notify``, which tells of another application on the same registry all the same."""
    if registry.has_listeners or any(map(IApplicationCreated.providedBy, events)):
        registry.subscribers(events, None)
