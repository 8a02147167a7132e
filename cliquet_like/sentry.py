"""What an error report holds, and how it gets to Sentry; needs sentry-sdk.

``sentry_sdk.init`` would set up the whole process: its client, hooks in the logging module, in WSGI and
in Pyramid, and the data of requests that they collect. Here each application has a client of its own
without any of that, and hands it the events. The log tells it of errors, by the registry: a handler on
the library's logger would be in every application of the process, and be lost when logging is configured
again.
"""

import logging
import threading
import weakref
from http import HTTPMethod
from typing import Any, Final

from pyramid.threadlocal import get_current_request
from sentry_sdk import Client
from sentry_sdk.transport import HttpTransport
from sentry_sdk.utils import event_from_exception

from cliquet_like.logs import logger
from cliquet_like.logs.binding import answered_request
from cliquet_like.logs.masking import mask_text

REQUEST_TIMEOUT_S: Final = 5
QUEUE_SIZE: Final = 32
EXIT_TIMEOUT_S: Final = 2.0


class ErrorReports:
    """Sends events from a thread, which the first event of a process starts: workers that fork have theirs.

    At most ``QUEUE_SIZE`` events wait, later ones are lost. When the object or the process ends, those
    that wait have ``EXIT_TIMEOUT_S``.
    """

    def __init__(self, dsn: str, *, release: str = "") -> None:
        """Raises ``ValueError`` when the DSN is none. Nothing is sent yet."""
        self._client = Client(
            dsn=dsn,
            release=release or None,
            transport=_Transport,
            transport_queue_size=QUEUE_SIZE,
            default_integrations=False,
            auto_enabling_integrations=False,
            auto_session_tracking=False,
            enable_backpressure_handling=False,
            send_client_reports=False,
            spotlight=False,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            server_name="",
        )
        self._transport: Any = self._client.transport
        weakref.finalize(self, self._client.close, timeout=EXIT_TIMEOUT_S)

    def send(self, name: str, *, level: int, exception: BaseException | None) -> None:
        """Send the name of a log entry, the type and stack of an exception, and the request's route.

        What the exception says is left out, and so is the path: both may hold what users wrote. The
        name is a text of the program: it is sent, without the secrets that the log masks too.
        """
        if self._transport.is_full():
            # When everything fails, each request has a report: those that are lost anyway are not made.
            self._transport.on_dropped_event("full_queue")
            return
        event: Any = {} if exception is None else self._described(exception)
        transaction = _route_of(get_current_request() or answered_request())
        if transaction is not None:
            event["transaction"] = transaction
        event["level"] = "fatal" if level >= logging.CRITICAL else "error"
        event.update(logger="cliquet_like", logentry={"message": mask_text(name)})
        self._client.capture_event(event)

    def _described(self, exception: BaseException) -> Any:
        event, _ = event_from_exception(exception, client_options=self._client.options)
        for raised in event["exception"]["values"]:
            raised.pop("value", None)
            stack = raised.get("stacktrace")
            # It is no dict where the stack was too long to be sent.
            for frame in stack["frames"] if isinstance(stack, dict) else ():
                # Whether there are any, the application says, if it calls sentry_sdk.init on its own.
                frame.pop("vars", None)
        return event

    def flush(self, timeout_s: float) -> None:
        """Return when all events are sent or lost, or the time is over."""
        self._client.flush(timeout=timeout_s)


def _route_of(request: Any) -> str | None:
    """Method and pattern of a request's route; None outside of any."""
    route = getattr(request, "matched_route", None)
    if route is None:
        return None
    # Whoever makes a request is free to invent a method.
    method = request.method if request.method in HTTPMethod.__members__ else "?"
    return f"{method} /{route.pattern.removeprefix('/')}"


class _Transport(HttpTransport):
    """Transport that gives up soon, and tells the log of its first lost event, of no other."""

    TIMEOUT = REQUEST_TIMEOUT_S

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        # A lock that is never released: whoever gets it is the first, in any thread.
        self._first_loss = threading.Lock()

    def _get_pool_options(self, *args: Any) -> dict[str, Any]:
        # Each try after the first would be a warning of urllib3 in the log.
        return {**super()._get_pool_options(*args), "retries": False}

    def is_full(self) -> bool:
        """Whether an event would be lost at once."""
        return bool(self._worker.full())

    def on_dropped_event(self, reason: str) -> None:
        """Called for each event that does not reach Sentry, by the thread that sends or that reports."""
        if self._first_loss.acquire(blocking=False):
            logger.warning("error reports are lost, this is told once", reason=reason)
