"""What a listener is: something to call with an event."""

from typing import Any


class ListenerBase:
    """A listener as an object; its module makes one in ``load_from_config(config, prefix)``."""

    def __call__(self, event: Any) -> None:
        """React to an event. What it raises undoes the request, unless it listens after the commit."""
        raise NotImplementedError
