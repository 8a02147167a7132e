"""The events: what was done to which records of a resource, by which request."""

from typing import Any

from cliquet_like.events.actions import ACTIONS
from cliquet_like.kernel.text import strip_uri_prefix

Payload = dict[str, Any]
Records = list[dict[str, Any]]


class ResourceEvent:
    """One action of a transaction on the records of one resource.

    ``payload`` tells what happened in values that JSON can hold, without the records: they are
    what the subclasses add. ``request`` gives the rest (``event.request.registry.storage``).
    """

    def __init__(
        self, action: ACTIONS, timestamp: int, request: Any, *, payload: Payload | None = None
    ) -> None:
        """Take the payload, or make it of what the request is now; see :func:`payload_of`."""
        self.request = request
        if payload is None:
            payload = payload_of(request, action, timestamp, request.current_resource_name, request.matchdict)
        self.payload: Payload = payload


class _Read(ResourceEvent):
    def __init__(
        self, action: ACTIONS, timestamp: int, read_records: Records, request: Any, **options: Any
    ) -> None:
        """Keep the records, as they were answered: perhaps a part of their fields only."""
        super().__init__(action, timestamp, request, **options)
        self.read_records = read_records


class _Changed(ResourceEvent):
    def __init__(
        self, action: ACTIONS, timestamp: int, impacted_records: Records, request: Any, **options: Any
    ) -> None:
        """Keep the changes: ``{"new"}`` of a creation, ``{"new", "old"}`` of an update.

        The ``{"old"}`` of a deletion is the tombstone.
        """
        super().__init__(action, timestamp, request, **options)
        self.impacted_records = impacted_records


class ResourceRead(_Read):
    """Records were read; fired before the commit of the request that read them."""


class AfterResourceRead(_Read):
    """Records were read; fired when the request's transaction has been committed."""


class ResourceChanged(_Changed):
    """Records were written; fired before the commit, in the same transaction.

    A subscriber that raises undoes all of it.
    """


class AfterResourceChanged(_Changed):
    """Records were written, and that is lasting; what a subscriber raises is only logged."""


def payload_of(
    request: Any, action: ACTIONS, timestamp: int, resource_name: str | None, matchdict: Any
) -> Payload:
    """``timestamp`` (ms), ``action``, ``uri`` without version, ``user_id``, ``resource_name``, URL variables.

    The variable ``id`` is called ``<resource>_id``. A variable with a name of ours is left out.
    """
    variables = dict(matchdict or {})
    if "id" in variables and resource_name:
        variables[f"{resource_name}_id"] = variables.pop("id")
    return {
        **variables,
        "timestamp": timestamp,
        "action": action.value,
        "uri": strip_uri_prefix(request.path),
        "user_id": request.prefixed_userid,
        "resource_name": resource_name,
    }


def event_class(action: ACTIONS, *, after_commit: bool) -> type[_Read] | type[_Changed]:
    """Class of the events of an action."""
    if action is ACTIONS.READ:
        return AfterResourceRead if after_commit else ResourceRead
    return AfterResourceChanged if after_commit else ResourceChanged
