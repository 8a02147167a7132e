"""Listener that pushes the payload of each event on a list of a Redis server."""

from typing import Any, Final

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.redis import RedisClient, client_from_config
from cliquet_like.kernel.codec import dumps
from cliquet_like.listeners.base import ListenerBase
from cliquet_like.logs import logger

DEFAULT_LIST: Final = "cliquet_like.events"


class Listener(ListenerBase):
    """Pushes on the left: who pops on the right meets events in their order."""

    def __init__(self, client: RedisClient, listname: str = DEFAULT_LIST) -> None:
        """Keep them; nothing connects before the first event."""
        self.client = client
        self.listname = listname

    def __call__(self, event: Any) -> None:
        """Push the payload as JSON; when that fails it is logged, and the request goes on."""
        try:
            self.client.execute("LPUSH", self.listname, dumps(event.payload))
        except (BackendError, TypeError):
            logger.error("event not pushed", listname=self.listname, exc_info=True)


def load_from_config(config: Any, prefix: str) -> Listener:
    """Listener of the settings ``url``, ``pool_size``, ``pool_timeout`` and ``listname`` with the prefix."""
    client = client_from_config(config, "listener", prefix=prefix)
    listname = config.get_settings().get(f"{prefix}listname")
    return Listener(client, str(listname or DEFAULT_LIST))
