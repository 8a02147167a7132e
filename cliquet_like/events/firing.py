"""When events are fired: at the end of a request that succeeded, and after its commit."""

from collections.abc import Callable
from typing import Any, Final

from pyramid.httpexceptions import HTTPException
from pyramid.tweens import EXCVIEW
from zope.interface import implementedBy, providedBy

from cliquet_like.events.actions import ACTIONS
from cliquet_like.events.recorder import (
    Recorder,
    find_recorder,
    get_resource_events,
    notify_resource_event,
)
from cliquet_like.events.resource import ResourceEvent, event_class
from cliquet_like.logs import logger

FIRING_TWEEN: Final = "cliquet_like.events.firing.firing_tween_factory"
"""Those tweens that begin the transaction, and let databases join it, are to be over this one."""

_INTERFACES: Final = {
    (action is ACTIONS.READ, after_commit): [implementedBy(event_class(action, after_commit=after_commit))]
    for action in ACTIONS
    for after_commit in (False, True)
}
"""What events provide, by which subscribers are found: of reading or not, after the commit or not."""

MAX_ROUNDS: Final = 20
"""Times that subscribers may cause new events before it is taken for an endless loop."""


def setup_transaction_hook(config: Any) -> None:
    """Step: let resources tell what happens to their records, and fire events of it."""
    config.add_request_method(get_resource_events)
    config.add_request_method(notify_resource_event)
    config.add_tween(FIRING_TWEEN, over=EXCVIEW)


def firing_tween_factory(handler: Callable[[Any], Any], registry: Any) -> Callable[[Any], Any]:
    """Tween: fire the events of a request that was answered below 400, in its transaction.

    What a subscriber raises is raised here, so that whoever is above undoes the request. Events
    of a subrequest are fired with those of the request around it.
    """

    def tween(request: Any) -> Any:
        response = handler(request)
        recorder = find_recorder(request)
        if recorder is None or response.status_code >= 400 or getattr(request, "parent", None) is not None:
            return response
        in_transaction = bool(request.environ.get("tm.active"))
        # Asked of the manager: one that has nothing to write need not begin a transaction for it.
        if in_transaction and request.tm.isDoomed():
            return response
        fire_before_commit(registry, recorder)
        if _is_heard(registry, recorder, after_commit=True):
            if in_transaction:
                # A subscriber may have ended the transaction and begun another.
                request.tm.get().addAfterCommitHook(fire_after_commit, (registry, recorder))
            else:
                fire_after_commit(True, registry, recorder)
        else:
            # What was recorded knows the request: the garbage collector need not find them.
            request.add_finished_callback(lambda _: recorder.forget_since(0))
        return response

    return tween


def fire_before_commit(registry: Any, recorder: Recorder) -> None:
    """Fire events of what was recorded, then of what their subscribers caused, until nothing is new.

    Raises whatever a subscriber raises, and ``RuntimeError`` when it does not end.
    """
    fired = 0
    for _ in range(MAX_ROUNDS):
        if not _is_heard(registry, recorder, after_commit=False, since=fired):
            return
        events = recorder.events(after_commit=False, since=fired)
        fired = recorder.mark()
        for event in events:
            _notify(registry, event)
    if recorder.mark() > fired:
        raise RuntimeError(f"Subscribers of events cause new events, {MAX_ROUNDS} times in a row.")


def may_be_refused(registry: Any) -> bool:
    """Whether anybody subscribes to changes before their commit, and so may refuse them."""
    return registry.has_listeners and bool(registry.adapters.subscriptions(_INTERFACES[False, False], None))


def _notify(registry: Any, event: ResourceEvent) -> None:
    try:
        registry.notify(event)
    except HTTPException as answer:
        if answer.status_code < 400:
            # All is undone when a subscriber raises: that is no answer of success.
            raise RuntimeError(f"A subscriber raised {answer.status}, expected 400 or more.") from answer
        raise


def fire_after_commit(committed: bool, registry: Any, recorder: Recorder) -> None:
    """Hook after the commit: fire the events if it succeeded; what subscribers raise is logged."""
    if not committed:
        return
    for event in recorder.events(after_commit=True):
        for subscriber in registry.adapters.subscriptions([providedBy(event)], None):
            _call_quietly(subscriber, event)


def _call_quietly(subscriber: Callable[[Any], Any], event: ResourceEvent) -> None:
    try:
        subscriber(event)
    except Exception:  # noqa: BLE001 - any mistake of a subscriber; the records are stored already
        logger.error("subscriber failed after the commit", exc_info=True, **_described(event))


def _described(event: ResourceEvent) -> dict[str, Any]:
    return {name: event.payload[name] for name in ("uri", "action", "resource_name")}


def _is_heard(registry: Any, recorder: Recorder, *, after_commit: bool, since: int = 0) -> bool:
    """Whether anybody subscribes to what was recorded: making events for nobody costs time."""
    if not registry.has_listeners:
        return False
    subscriptions = registry.adapters.subscriptions
    return any(subscriptions(_INTERFACES[found, after_commit], None) for found in recorder.kinds(since))
