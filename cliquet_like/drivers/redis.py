"""Clients of Redis: one pool of connections each, and no failure but ``BackendError``."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from pyramid.exceptions import ConfigurationError

from cliquet_like.drivers.database import shared_client
from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.optional import import_driver

DEFAULT_URL: Final = "redis://localhost:6379/0"
DEFAULT_POOL_SIZE: Final = 25
DEFAULT_POOL_TIMEOUT_S: Final = 5.0
_SCAN_COUNT: Final = 1000

# What a URL may override: an answer that does not come within five seconds is a failure.
_DEFAULTS: Final = {"socket_timeout": 5.0, "socket_connect_timeout": 5.0, "protocol": 2}
_TIMEOUTS: Final = ("socket_timeout", "socket_connect_timeout")
# What it may not: we read bytes of UTF-8.
_OURS: Final = {"decode_responses": False, "encoding": "utf-8", "encoding_errors": "strict"}

Number = TypeVar("Number", int, float)
RunScript = Callable[[Sequence[str], Sequence[str | int | bytes]], Any]


class RedisClient:
    """Commands and scripts on one server; answers are bytes, integers, None, and lists of these.

    A connection that was closed while it stood in the pool is opened anew before it is used.
    Nothing is ever sent twice: a write whose answer was lost may have taken place, and the
    caller gets ``BackendError``, as for every other failure. Nothing connects before the first
    command.
    """

    def __init__(
        self,
        url: str = "",
        *,
        kind: str = "storage",
        prefix: str = "",
        pool_size: int = DEFAULT_POOL_SIZE,
        pool_timeout_s: float = DEFAULT_POOL_TIMEOUT_S,
    ) -> None:
        """Prepare the pool of a URL, which is ours when empty.

        ``pool_timeout_s`` is how long a command waits for a connection when all are in use.
        Raises ``ConfigurationError``, which names the setting of this ``kind`` of backend, or with
        this ``prefix``, but not the URL: there may be a password in it.
        """
        driver = import_driver(
            "redis", extra="redis", setting=f"{prefix}use" if prefix else f"{kind}_backend"
        )
        limits = {"max_connections": pool_size, "timeout": pool_timeout_s}
        try:
            pool = _pool_of(driver, url or DEFAULT_URL, limits)
        except (ValueError, TypeError, driver.RedisError):
            raise ConfigurationError(
                f"Setting {prefix or f'{kind}_'}url: not the URL of a Redis server, which is "
                "redis://[[user]:password@]host[:port][/db][?option=value], rediss://... or unix://path."
            ) from None
        self._redis = driver.Redis(connection_pool=pool)
        self._failures = (driver.RedisError, OSError, ValueError)
        # Their texts are about the server; those of the others may quote keys and values.
        self._about_the_server = (
            driver.ConnectionError,  # wrong passwords and a server that still loads are among them
            driver.TimeoutError,
            driver.ReadOnlyError,
            driver.OutOfMemoryError,
        )

    def execute(self, *words: str | int | bytes) -> Any:
        """Answer to one command. Raises ``BackendError``."""
        with self._translated():
            return self._redis.execute_command(*words)

    def script(self, text: str) -> RunScript:
        """Make ``run(keys, arguments)`` of a Lua script, which is sent only to a server that lacks it."""
        script = self._redis.register_script(text)

        def run(keys: Sequence[str], arguments: Sequence[str | int | bytes]) -> Any:
            with self._translated():
                return script(keys, arguments)

        return run

    def keys(self, prefix: str) -> Iterator[list[bytes]]:
        """Batches of the keys with a prefix, which is without special characters of a glob.

        Keys that come or go meanwhile may be among them or not; a batch may be empty.
        """
        cursor = 0
        while True:
            with self._translated():
                cursor, found = self._redis.scan(cursor, match=f"{prefix}*", count=_SCAN_COUNT)
            yield found
            if cursor == 0:
                return

    def close(self) -> None:
        """Close the connections that are idle; new ones are opened when needed."""
        self._redis.connection_pool.disconnect(inuse_connections=False)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            raise BackendError(error, message=self._message_of(error)) from error

    def _message_of(self, error: Exception) -> str:
        name = type(error).__name__
        return f"{name}: {error}" if isinstance(error, self._about_the_server) else name


def _pool_of(driver: Any, url: str, limits: dict[str, Any]) -> Any:
    """Pool of a URL. Raises ``ValueError``, ``TypeError`` or ``RedisError`` for what is wrong with it."""
    path = urlsplit(url).path.strip("/")
    if not url.startswith("unix:") and path and not path.isdecimal():
        raise ValueError("the number of a database")  # redis would take database 0 without a word
    options = {**_DEFAULTS, **limits, **driver.connection.parse_url(url), **_OURS}
    if options["max_connections"] < 1:
        raise ValueError("a pool without connections")
    if any(options[name] is not None and options[name] <= 0 for name in _TIMEOUTS):
        raise ValueError("a time limit in which nothing can be done")
    if url.startswith("unix:") and not path:
        raise ValueError("the path of a socket")
    options["retry"] = driver.retry.Retry(driver.backoff.NoBackoff(), 0)
    pool = driver.BlockingConnectionPool(**options)
    pool.connection_class(**pool.connection_kwargs)  # TypeError for an unknown option; does not connect
    return pool


def client_from_config(config: Any, kind: str, *, prefix: str = "") -> RedisClient:
    """Client for ``<kind>_url``, ``<kind>_pool_size`` and ``<kind>_pool_timeout`` (seconds, 0 not to wait).

    ``prefix``, for a client that is no backend's, stands for ``<kind>_`` in the names.
    There is one in the registry for each different three, so that a storage and a cache on
    the same server share their connections. Raises ``ConfigurationError``.
    """
    settings = config.get_settings()
    start = prefix or f"{kind}_"
    url = str(settings.get(f"{start}url") or DEFAULT_URL)
    size = _number(settings, f"{start}pool_size", default=DEFAULT_POOL_SIZE, least=1)
    timeout_s = _number(settings, f"{start}pool_timeout", default=DEFAULT_POOL_TIMEOUT_S, least=0)

    def make() -> RedisClient:
        return RedisClient(url, kind=kind, prefix=prefix, pool_size=size, pool_timeout_s=timeout_s)

    return shared_client(config, ("redis", url, size, timeout_s), make)


def _number(settings: Any, name: str, *, default: Number, least: int) -> Number:
    """Value of a setting as a number of the default's type; the default when it is empty."""
    value = settings.get(name)
    if value in (None, ""):
        return default
    try:
        number = type(default)(value)
    except (ValueError, TypeError, OverflowError):
        number = None
    if number is None or not least <= number < inf:
        raise ConfigurationError(
            f"Setting {name}: {value!r} is no such value, "
            f"expected a number of at least {least}, as in {default}."
        )
    return number
