"""What of an application may refuse a write after it was done, for requests that ask for it."""

from collections.abc import Callable
from typing import Any

import transaction
from pyramid.events import NewRequest
from pyramid.httpexceptions import HTTPConflict
from pyramid.response import Response
from pyramid.viewderivers import VIEW, rendered_view

from cliquet_like.events import ResourceChanged
from cliquet_like.initialization.transactions import JOINING_TWEEN
from tests.api import lone_resources
from tests.api.lone_resources import refuse

Setup = Callable[[Any], Any]
WRITES = ("create", "update", "delete", "delete_all")


def refusing_tween_factory(handler: Any, registry: Any) -> Any:
    return refusing(handler)


def refusing(handler: Any) -> Any:
    def handle(request: Any) -> Any:
        response = handler(request)
        refuse(request)
        return response

    return handle


def refusing_deriver(view: Any, info: Any) -> Any:
    return lone_resources.refusing_decorator(view)


def refusing_renderer(view: Any, info: Any) -> Any:
    return refusing_deriver(rendered_view(view, info), info)


class RefusingManager(transaction.TransactionManager):
    def __init__(self, request: Any) -> None:
        super().__init__(explicit=True)
        self.request = request

    def commit(self) -> None:
        refuse(self.request)
        super().commit()


class Refuser:
    """Member of a transaction that does not agree to its end."""

    transaction_manager = None

    def sortKey(self) -> str:  # noqa: N802 - named by the package transaction
        return "refuser"

    def abort(self, _transaction: Any) -> None:
        pass

    tpc_begin = commit = tpc_finish = tpc_abort = abort

    def tpc_vote(self, _transaction: Any) -> None:
        raise HTTPConflict


class RefusingResponse(Response):
    """Does not take what it is to answer."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "app_iter":
            refuse(lone_resources.current_request())
        super().__setattr__(name, value)


def at_the_beginning(act: Callable[[Any], Any]) -> Setup:
    """Let an application do something to each request that is to be refused, before its view."""

    def begin(event: Any) -> None:
        if "Refuse" in event.request.headers:
            act(event.request)

    return lambda config: config.add_subscriber(begin, NewRequest)


def replace_storage(config: Any) -> None:
    storage = config.registry.storage
    methods = {name: refusing_call(getattr(type(storage), name)) for name in WRITES}
    config.registry.storage = type("Own", (type(storage),), methods)(storage.database)


def replace_methods_of_storage(config: Any) -> None:
    storage = config.registry.storage
    for name in WRITES:
        setattr(storage, name, refusing_call(getattr(storage, name)))


def refusing_call(method: Any) -> Any:
    def call(*args: Any, **options: Any) -> Any:
        result = method(*args, **options)
        refuse(lone_resources.current_request())
        return result

    return call


def fail() -> None:
    raise HTTPConflict


def in_any_event(event: Any) -> None:
    if isinstance(event, ResourceChanged):
        refuse(event.request)


SETUPS: dict[str, Setup] = {
    "subscriber": lambda config: config.add_subscriber(in_any_event, ResourceChanged),
    "subscriber to all": lambda config: config.add_subscriber(in_any_event),
    "tween": lambda config: config.add_tween(
        f"{__name__}.refusing_tween_factory", under="pyramid_tm.tm_tween_factory"
    ),
    "view deriver": lambda config: config.add_view_deriver(refusing_deriver),
    "view deriver of a known name": lambda config: config.add_view_deriver(
        refusing_renderer, name="rendered_view", under="decorated_view", over=VIEW
    ),
    "view mapper": lambda config: config.set_view_mapper(lone_resources.RefusingMapper),
    "response factory": lambda config: config.set_response_factory(lambda _: RefusingResponse()),
    "storage": replace_storage,
    "methods of a storage": replace_methods_of_storage,
    "other events": lambda config: config.add_request_method(
        lambda request, **_: refuse(request), "notify_resource_event"
    ),
    "member": at_the_beginning(lambda request: request.tm.get().join(Refuser())),
    "hook before the commit": at_the_beginning(lambda request: request.tm.get().addBeforeCommitHook(fail)),
}


SETTINGS: dict[str, dict[str, Any]] = {
    "tweens": {
        "pyramid.tweens": [
            "cliquet_like.initialization.transactions.context_tween_factory",
            "pyramid_tm.tm_tween_factory",
            JOINING_TWEEN,
            "cliquet_like.events.firing.firing_tween_factory",
            "pyramid.tweens.excview_tween_factory",
            f"{__name__}.refusing_tween_factory",
        ]
    },
    "veto": {"tm.commit_veto": lambda request, response: "Refuse" in request.headers},
    "manager": {"tm.manager_hook": RefusingManager},
}
