"""What happens to records, told to whoever subscribes: facade of the room."""

from cliquet_like.events.actions import ACTIONS
from cliquet_like.events.firing import setup_transaction_hook
from cliquet_like.events.recorder import get_resource_events, notify_resource_event
from cliquet_like.events.resource import (
    AfterResourceChanged,
    AfterResourceRead,
    ResourceChanged,
    ResourceRead,
)

__all__ = [
    "ACTIONS",
    "AfterResourceChanged",
    "AfterResourceRead",
    "ResourceChanged",
    "ResourceRead",
    "get_resource_events",
    "notify_resource_event",
    "setup_transaction_hook",
]
